"""Allocation of a loss: the shares that a policy chose are booked (LS-15 to LS-21).

Whatever the policy, each share is booked at what it says, with its evidence in an AutoDeleverage.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.base.codes cimport (
    EVENT_KIND_AUTO_DELEVERAGE,
    EVENT_KIND_LOSS_ALLOCATION,
    SIDE_LONG,
    SIDE_SHORT,
    STAGE_AUTO_DELEVERAGE,
)
from riskengine.core.base.expect cimport expect
from riskengine.core.base.fixedpoint cimport magnitude
from riskengine.core.books.booking cimport book_leg
from riskengine.core.books.books cimport Leg
from riskengine.core.books.desk cimport Desk, add_balance, touch
from riskengine.core.books.market cimport Market
from riskengine.core.events.event cimport Event
from riskengine.core.losses.closeout cimport Closeout, proceeds_floor
from riskengine.core.losses.policies cimport Policy, find_policy
from riskengine.core.losses.queue cimport Queue
from riskengine.core.losses.share cimport Share
from riskengine.core.margin.emit cimport add_market, add_risk, count_closed, emit
from riskengine.core.margin.model cimport Risk
from riskengine.core.margin.quotes cimport quote_price_floor
from riskengine.core.margin.value cimport lots_value


cdef void report_share(
    Desk& desk, const Closeout* closeout, const Share* share, const Allocation* allocation
) noexcept nogil:
    """Tell what becomes of the counterparty, with its evidence of before (LS-16)."""
    cdef const Leg* leg = &desk.books.legs[share.leg]
    cdef Event* event = emit(desk, EVENT_KIND_AUTO_DELEVERAGE, closeout.account)
    add_risk(event, share.risk)
    add_market(desk.books, event, leg.market, leg.size_lots)
    event.counterparty_account_id = desk.books.accounts[leg.account].account_id
    event.side = SIDE_LONG if leg.size_lots > 0 else SIDE_SHORT
    event.size_lots = share.lots
    if share.lots > 0:
        event.price_ticks = quote_price_floor(
            &desk.books.markets[leg.market], leg.size_lots, share.lots, -share.atoms
        )
    event.quote_atoms = -share.atoms
    event.rank = allocation.touched
    event.score_ppm = share.score_ppm
    event.policy = allocation.policy


cdef int64_t apply_share(
    Desk& desk, const Closeout* closeout, const Share* share, Allocation* allocation
) noexcept nogil:
    """Book the share; return what the counterparty pays for lots, against which it closes.

    Rules LS-16, LS-21.
    """
    cdef const Leg* leg = &desk.books.legs[share.leg]
    cdef const Market* market = &desk.books.markets[leg.market]
    cdef int32_t account = leg.account
    cdef int64_t bought = -share.lots if leg.size_lots > 0 else share.lots
    expect(leg.account >= 0)
    expect(share.lots >= 0)
    expect(share.lots <= magnitude(leg.size_lots))
    allocation.touched += 1
    allocation.lots += share.lots
    allocation.haircut_atoms += share.atoms - lots_value(market, bought)
    report_share(desk, closeout, share, allocation)
    touch(desk, account)
    if share.lots == 0:
        add_balance(desk, account, -share.atoms)
        add_balance(desk, closeout.account, share.atoms)
        allocation.received_atoms += share.atoms
        return 0
    book_leg(desk, share.leg, bought, share.atoms)
    return share.atoms


cdef void close_other_side(
    Desk& desk, const Closeout* closeout, int64_t lots, int64_t paid_atoms, Allocation* allocation
) noexcept nogil:
    """Close on the account's leg what counterparties have closed, for its part of the quote.

    What they paid beyond that is rounding; the fund gets it.
    Rule LS-17.
    """
    cdef bint is_long = closeout.size_lots > 0
    cdef int64_t proceeds = proceeds_floor(closeout, lots)
    book_leg(desk, closeout.leg, -lots if is_long else lots, -proceeds)
    add_balance(
        desk, desk.books.markets[closeout.market].rules.fund_account, paid_atoms - proceeds
    )
    count_closed(desk, closeout.market, lots, is_long, STAGE_AUTO_DELEVERAGE)
    allocation.received_atoms += proceeds


cdef Allocation apply_shares(
    Desk& desk, const Closeout* closeout, const vector[Share]& shares, int64_t policy
) noexcept nogil:
    """Book all shares, and the account's side of them.

    For lots the account's leg is closed by as many. What is paid without lots goes to its balance
    as it is, to the atom, and it keeps its leg.
    """
    cdef Allocation allocation
    cdef int64_t paid_for_lots = 0
    cdef size_t i
    allocation.policy = policy
    allocation.lots = 0
    allocation.received_atoms = 0
    allocation.haircut_atoms = 0
    allocation.touched = 0
    allocation.skipped = 0
    for i in range(shares.size()):
        paid_for_lots += apply_share(desk, closeout, &shares[i], &allocation)
    if allocation.lots > 0:
        close_other_side(desk, closeout, allocation.lots, paid_for_lots, &allocation)
    desk.totals.markets[closeout.market].deleveraged_accounts += allocation.touched
    desk.totals.markets[closeout.market].haircut_atoms += allocation.haircut_atoms
    return allocation


cdef Allocation allocate_by(
    Desk& desk, Queue& queue, const Policy* policy, const Closeout* closeout
) noexcept nogil:
    """Have the policy choose who bears the close-out, and book it."""
    cdef vector[Share] shares
    cdef Allocation allocation
    cdef int32_t skipped
    expect(policy != NULL)
    skipped = policy.choose(desk, queue, closeout, shares)
    allocation = apply_shares(desk, closeout, shares, policy.number)
    allocation.skipped = skipped
    return allocation


cdef Allocation allocate(Desk& desk, Queue& queue, const Closeout* closeout) noexcept nogil:
    """Allocate by the market's policy: the guard of its parameters has found it in the table."""
    return allocate_by(
        desk, queue, find_policy(desk.books.markets[closeout.market].rules.loss_policy), closeout
    )


cdef void report_allocation(
    Desk& desk,
    const Closeout* closeout,
    Risk risk,
    const Allocation* allocation,
    int64_t fund_payment_atoms,
    int64_t fee_atoms,
) noexcept nogil:
    """Tell the sum of an allocation, with the account's evidence of before, and count it.

    Rules LS-20, LS-21.
    """
    cdef Event* event = emit(desk, EVENT_KIND_LOSS_ALLOCATION, closeout.account)
    add_risk(event, risk)
    add_market(desk.books, event, closeout.market, closeout.size_lots)
    event.side = SIDE_LONG if closeout.size_lots > 0 else SIDE_SHORT
    event.policy = allocation.policy
    event.needed_lots = closeout.close_lots
    event.size_lots = allocation.lots
    event.touched_accounts = allocation.touched
    event.skipped_accounts = allocation.skipped
    event.quote_atoms = allocation.received_atoms
    event.amount_atoms = fund_payment_atoms
    event.fee_atoms = fee_atoms
    event.haircut_atoms = allocation.haircut_atoms
    desk.totals.markets[closeout.market].allocations += 1
