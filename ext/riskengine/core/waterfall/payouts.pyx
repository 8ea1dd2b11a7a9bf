"""What funds pay for accounts below zero (LS-4, LS-5).

All of a pass ask at once, so that nobody is paid for having been judged first.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.algorithm cimport sort
from libcpp.vector cimport vector

from riskengine.core.base.codes cimport EVENT_KIND_INSURANCE_PAYOUT
from riskengine.core.base.fixedpoint cimport int128_t, least
from riskengine.core.books.books cimport FUND, Books
from riskengine.core.books.desk cimport Desk, add_balance
from riskengine.core.books.fund_window cimport note_payout
from riskengine.core.books.limits cimport FUND_ACCOUNT_BASE
from riskengine.core.events.event cimport Event
from riskengine.core.losses.exact_parts cimport exact_parts
from riskengine.core.losses.gap cimport loss_shares
from riskengine.core.losses.means cimport available, share_left
from riskengine.core.margin.assess cimport assess
from riskengine.core.margin.emit cimport emit
from riskengine.core.margin.thresholds cimport is_bankrupt
from riskengine.core.waterfall.plan cimport Plan, plan_whole
from riskengine.core.waterfall.round cimport Acting, Loss, Round

cdef extern from *:
    """
    static const int64_t RISKENGINE_MOST_ASKED_ATOMS = (int64_t)1 << 61;
    """
    const int64_t MOST_ASKED_ATOMS "RISKENGINE_MOST_ASKED_ATOMS"
    const int64_t BEHIND_ALL_MARKETS "INT64_MAX"


cdef struct Ask:
    int64_t market_id
    int64_t account_id
    int64_t amount_atoms
    size_t loss
    int32_t fund


cdef bint is_asked_sooner(const Ask& a, const Ask& b) noexcept nogil:
    """Order of asks: by fund, then market id, then account id (LS-5)."""
    if a.fund != b.fund:
        return a.fund < b.fund
    if a.market_id != b.market_id:
        return a.market_id < b.market_id
    return a.account_id < b.account_id


cdef void share_loss(Desk& desk, Round& round, int32_t order) noexcept nogil:
    """List what each leg of an account below zero bears, and what none does (LS-4)."""
    cdef Acting* acting = &round.acting[order]
    cdef bint is_fund = desk.books.accounts[acting.account].kind == FUND
    cdef int64_t left = -acting.risk.equity_atoms
    cdef Plan plan
    cdef vector[int32_t] legs
    cdef vector[int64_t] shares
    cdef Loss loss
    cdef int32_t i
    plan_whole(desk.books, acting.account, &plan)
    for i in range(plan.count):
        legs.push_back(plan.closes[i].leg)
    shares = loss_shares(desk, legs, left)
    loss.order = order
    loss.paid_atoms = 0
    acting.first_loss = round.losses.size()
    for i in range(plan.count):
        loss.leg = legs[i]
        loss.market_id = plan.closes[i].market_id
        loss.fund = -1
        if not is_fund:
            loss.fund = desk.books.markets[desk.books.legs[legs[i]].market].rules.fund_account
        loss.share_atoms = shares[i]
        left -= shares[i]
        round.losses.push_back(loss)
    loss.leg = -1
    loss.market_id = BEHIND_ALL_MARKETS
    loss.fund = -1 if is_fund else desk.books.accounts[acting.account].debt_fund_account
    loss.share_atoms = left
    round.losses.push_back(loss)
    acting.loss_count = round.losses.size() - acting.first_loss


cdef vector[Ask] collect_asks(Books& books, Round& round) noexcept nogil:
    """Return what funds are asked for, in order."""
    cdef vector[Ask] asks
    cdef Ask ask
    cdef const Loss* loss
    cdef size_t i
    for i in range(round.losses.size()):
        loss = &round.losses[i]
        if loss.fund >= 0 and loss.share_atoms > 0:
            ask.fund = loss.fund
            ask.market_id = loss.market_id
            ask.account_id = books.accounts[round.acting[loss.order].account].account_id
            ask.amount_atoms = loss.share_atoms
            ask.loss = i
            asks.push_back(ask)
    sort(asks.begin(), asks.end(), &is_asked_sooner)
    return asks


cdef int64_t sum_asked(const vector[Ask]& asks, size_t begin, size_t end) noexcept nogil:
    """Return the sum of asks, in atoms; more than was ever paid in counts as that much."""
    cdef int64_t total = 0
    cdef size_t i
    for i in range(begin, end):
        total = least(MOST_ASKED_ATOMS, total + asks[i].amount_atoms)
    return total


cdef void pay_market(
    Desk& desk, Round& round, const vector[Ask]& asks, size_t begin, size_t end, int64_t atoms
) noexcept nogil:
    """Pay so much for the losses of a market, by what each account asked (LS-5)."""
    cdef vector[int64_t] amounts
    cdef vector[int64_t] parts
    cdef Loss* loss
    cdef size_t i
    for i in range(begin, end):
        amounts.push_back(asks[i].amount_atoms)
    parts = amounts if sum_asked(asks, begin, end) <= atoms else exact_parts(amounts, atoms)
    for i in range(parts.size()):
        if parts[i] == 0:
            continue
        loss = &round.losses[asks[begin + i].loss]
        loss.paid_atoms = parts[i]
        add_balance(desk, loss.fund, -parts[i])
        add_balance(desk, round.acting[loss.order].account, parts[i])
        if loss.leg >= 0:
            note_payout(desk.books, desk.books.legs[loss.leg].market, parts[i])


cdef int64_t most_for(Books& books, const Loss* loss) noexcept nogil:
    """Return what its fund may still pay for losses of the loss's market; more for what is of none.

    Rule FD-10.
    """
    return MOST_ASKED_ATOMS if loss.leg < 0 else share_left(books, books.legs[loss.leg].market)


cdef void pay_by_market(
    Desk& desk, Round& round, const vector[Ask]& asks, size_t begin, size_t end
) noexcept nogil:
    """Have a fund pay what it can of its asks, divided among markets and then accounts (LS-5)."""
    cdef int32_t fund = asks[begin].fund
    cdef int64_t atoms = available(desk.books, fund, assess(desk.books, fund))
    cdef vector[size_t] ends
    cdef vector[int64_t] sums
    cdef vector[int64_t] parts
    cdef int128_t total = 0
    cdef size_t from_ask = begin
    cdef size_t i
    for i in range(begin, end):
        if i + 1 == end or asks[i + 1].market_id != asks[i].market_id:
            ends.push_back(i + 1)
            sums.push_back(least(
                sum_asked(asks, from_ask, i + 1),
                most_for(desk.books, &round.losses[asks[i].loss]),
            ))
            total += sums.back()
            from_ask = i + 1
    parts = sums if total <= atoms else exact_parts(sums, atoms)
    from_ask = begin
    for i in range(ends.size()):
        pay_market(desk, round, asks, from_ask, ends[i], parts[i])
        from_ask = ends[i]


cdef void tell_payouts(Desk& desk, Round& round, const Acting* acting) noexcept nogil:
    """Tell what an account got of each fund, and count it; what it asks for names them in order.
    """
    cdef size_t end = acting.first_loss + acting.loss_count
    cdef size_t i, j
    cdef int32_t fund
    cdef bint is_told
    cdef int64_t paid
    cdef Event* event
    for i in range(acting.first_loss, end):
        fund = round.losses[i].fund
        is_told = False
        paid = 0
        for j in range(acting.first_loss, end):
            if round.losses[j].fund == fund and round.losses[j].share_atoms > 0:
                is_told = is_told or j < i
                paid += round.losses[j].paid_atoms
        if fund < 0 or round.losses[i].share_atoms == 0 or is_told or paid == 0:
            continue
        desk.totals.engine.insurance_payouts += 1
        desk.totals.assets[desk.books.accounts[acting.account].asset].insurance_payout_atoms += paid
        event = emit(desk, EVENT_KIND_INSURANCE_PAYOUT, acting.account)
        event.fund_id = desk.books.accounts[fund].account_id - FUND_ACCOUNT_BASE
        event.amount_atoms = paid


cdef int64_t total_paid(Round& round, const Acting* acting) noexcept nogil:
    """Return what funds have paid for the account, in atoms."""
    cdef int64_t total = 0
    cdef size_t i
    for i in range(acting.first_loss, acting.first_loss + acting.loss_count):
        total += round.losses[i].paid_atoms
    return total


cdef void pay_losses(Desk& desk, Round& round) noexcept nogil:
    """Divide what each account lacks, and have the funds pay what they can (LS-4, LS-5)."""
    cdef vector[Ask] asks
    cdef size_t begin = 0
    cdef size_t i
    cdef Acting* acting
    for i in range(round.acting.size()):
        if is_bankrupt(round.acting[i].risk):
            share_loss(desk, round, <int32_t>i)
    asks = collect_asks(desk.books, round)
    for i in range(asks.size()):
        if i + 1 == asks.size() or asks[i + 1].fund != asks[i].fund:
            pay_by_market(desk, round, asks, begin, i + 1)
            begin = i + 1
    for i in range(round.acting.size()):
        acting = &round.acting[i]
        if is_bankrupt(acting.risk):
            acting.is_paid_whole = total_paid(round, acting) == -acting.risk.equity_atoms
            tell_payouts(desk, round, acting)
