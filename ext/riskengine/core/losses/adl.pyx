"""Auto-deleveraging: closing counterparties against a position that nobody can carry.

LS-5 to LS-22. The allocations sum to the need or to all there is, nobody closes
more than it holds, and every tie is broken by account id.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.algorithm cimport sort
from libcpp.vector cimport vector

from riskengine.core.base.codes cimport (
    EVENT_KIND_AUTO_DELEVERAGE,
    LOSS_POLICY_PRO_RATA,
    SIDE_LONG,
    SIDE_SHORT,
    STAGE_AUTO_DELEVERAGE,
)
from riskengine.core.base.fixedpoint cimport div_floor, int128_t, least, magnitude, mul_div_floor
from riskengine.core.books.booking cimport book_leg
from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk, add_balance, touch
from riskengine.core.events.event cimport Event
from riskengine.core.losses.candidates cimport Candidate, Closeout, collect_candidates, payment_ceil
from riskengine.core.losses.queue cimport Queue
from riskengine.core.losses.ranking cimport pick_by_rank
from riskengine.core.margin.assess cimport lots_value
from riskengine.core.margin.emit cimport add_market, count_closed, emit
from riskengine.core.margin.quotes cimport quote_price_floor


cdef struct Remainder:
    int64_t rest
    int64_t account_id
    size_t at


cdef bint numbered_before(const Candidate& a, const Candidate& b) noexcept nogil:
    """Order of PRO_RATA: funds, then account id."""
    if a.is_fund != b.is_fund:
        return a.is_fund > b.is_fund
    return a.account_id < b.account_id


cdef bint remains_before(const Remainder& a, const Remainder& b) noexcept nogil:
    if a.rest != b.rest:
        return a.rest > b.rest
    return a.account_id < b.account_id


cdef int64_t take_greedily(
    vector[Candidate]& candidates, size_t begin, size_t end, int64_t need_lots
) noexcept nogil:
    """Allocate in order until the need is met; return what is left of it."""
    cdef size_t i
    for i in range(begin, end):
        candidates[i].close_lots = least(magnitude(candidates[i].size_lots), need_lots)
        need_lots -= candidates[i].close_lots
    return need_lots


cdef void take_pro_rata(
    vector[Candidate]& candidates, size_t begin, int64_t need_lots
) noexcept nogil:
    """Allocate in proportion to size, by largest remainder, then account id."""
    cdef vector[Remainder] remainders
    cdef Remainder remainder
    cdef int128_t total = 0
    cdef int128_t product
    cdef int64_t left = need_lots
    cdef size_t i
    for i in range(begin, candidates.size()):
        total += magnitude(candidates[i].size_lots)
    if total <= need_lots:
        take_greedily(candidates, begin, candidates.size(), need_lots)
        return
    for i in range(begin, candidates.size()):
        product = <int128_t>need_lots * magnitude(candidates[i].size_lots)
        candidates[i].close_lots = <int64_t>div_floor(product, total)
        left -= candidates[i].close_lots
        remainder.rest = <int64_t>(product - total * candidates[i].close_lots)
        remainder.account_id = candidates[i].account_id
        remainder.at = i
        remainders.push_back(remainder)
    sort(remainders.begin(), remainders.end(), &remains_before)
    for i in range(<size_t>left):
        candidates[remainders[i].at].close_lots += 1


cdef int32_t allocate_pro_rata(
    Books& books, const Closeout* closeout, vector[Candidate]& candidates
) noexcept nogil:
    """Choose by size; return how many were passed over."""
    cdef size_t funds = 0
    cdef int64_t need
    cdef int32_t skipped = collect_candidates(books, closeout, candidates)
    sort(candidates.begin(), candidates.end(), &numbered_before)
    while funds < candidates.size() and candidates[funds].is_fund:
        funds += 1
    need = take_greedily(candidates, 0, funds, closeout.close_lots)
    take_pro_rata(candidates, funds, need)
    return skipped


cdef int32_t allocate(
    Desk& desk, Queue& queue, const Closeout* closeout, vector[Candidate]& candidates
) noexcept nogil:
    """Choose the counterparties by the market's policy; return how many were passed over."""
    if desk.books.markets[closeout.market].rules.loss_policy == LOSS_POLICY_PRO_RATA:
        return allocate_pro_rata(desk.books, closeout, candidates)
    return pick_by_rank(desk, queue, closeout, candidates)


cdef void close_counterparty(
    Desk& desk, const Closeout* closeout, const Candidate* candidate, Allocated* allocated
) noexcept nogil:
    cdef bint is_long = candidate.size_lots > 0
    cdef int64_t bought = -candidate.close_lots if is_long else candidate.close_lots
    cdef int64_t paid = payment_ceil(closeout, candidate.close_lots)
    cdef Event* event = emit(desk, EVENT_KIND_AUTO_DELEVERAGE, closeout.account)
    allocated.touched += 1
    allocated.lots += candidate.close_lots
    allocated.received_atoms += paid
    allocated.haircut_atoms += paid - lots_value(&desk.books.markets[closeout.market], bought)
    event.equity_atoms = candidate.equity_atoms
    event.maintenance_atoms = candidate.maintenance_atoms
    add_market(desk.books, event, closeout.market, candidate.size_lots)
    event.counterparty_account_id = candidate.account_id
    event.side = SIDE_LONG if is_long else SIDE_SHORT
    event.size_lots = candidate.close_lots
    event.price_ticks = quote_price_floor(
        &desk.books.markets[closeout.market], candidate.size_lots, candidate.close_lots, -paid
    )
    event.quote_atoms = -paid
    event.rank = allocated.touched
    event.score_ppm = candidate.score_ppm
    event.policy = desk.books.markets[closeout.market].rules.loss_policy
    book_leg(desk, candidate.leg, bought, paid)
    touch(desk, candidate.account)


cdef Allocated deleverage(Desk& desk, Queue& queue, const Closeout* closeout) noexcept nogil:
    """Close opposite positions against the account's at the exchange's quote, both sides.

    What the counterparties pay beyond what the account receives is rounding; the fund gets it.
    """
    cdef vector[Candidate] candidates
    cdef Allocated allocated
    cdef size_t i
    cdef int32_t fund = desk.books.markets[closeout.market].rules.fund_account
    cdef int64_t paid
    allocated.lots = 0
    allocated.received_atoms = 0
    allocated.haircut_atoms = 0
    allocated.touched = 0
    allocated.skipped = allocate(desk, queue, closeout, candidates)
    for i in range(candidates.size()):
        if candidates[i].close_lots > 0:
            close_counterparty(desk, closeout, &candidates[i], &allocated)
    if allocated.lots == 0:
        return allocated
    paid = allocated.received_atoms
    allocated.received_atoms = mul_div_floor(
        closeout.quote_atoms, allocated.lots, closeout.close_lots
    )
    book_leg(
        desk,
        closeout.leg,
        -allocated.lots if closeout.size_lots > 0 else allocated.lots,
        -allocated.received_atoms,
    )
    add_balance(desk, fund, paid - allocated.received_atoms)
    count_closed(
        desk, closeout.market, allocated.lots, closeout.size_lots > 0, STAGE_AUTO_DELEVERAGE
    )
    desk.totals.markets[closeout.market].deleveraged_accounts += allocated.touched
    desk.totals.markets[closeout.market].haircut_atoms += allocated.haircut_atoms
    return allocated
