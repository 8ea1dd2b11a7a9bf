"""What funds pay for accounts below zero (LS-4, LS-5).

All of a pass ask at once, so that nobody is paid for having been judged first.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.algorithm cimport sort
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport int128_t, least
from riskengine.core.books.books cimport FUND, Books
from riskengine.core.books.desk cimport (
    DIVIDED_BITS,
    Desk,
    add_balance,
    take_part_of_unit,
    take_units,
)
from riskengine.core.books.fund_window cimport note_payout
from riskengine.core.books.limits cimport MOST_SHARED_ATOMS
from riskengine.core.losses.exact_parts cimport exact_parts
from riskengine.core.losses.gap cimport loss_shares
from riskengine.core.losses.means cimport available, share_left
from riskengine.core.margin.assess cimport assess
from riskengine.core.margin.thresholds cimport is_bankrupt
from riskengine.core.waterfall.fund cimport tell_payout
from riskengine.core.waterfall.plan cimport Plan, plan_whole
from riskengine.core.waterfall.round cimport Acting, Loss, Round

cdef struct Ask:
    int64_t market_id
    int64_t account_id
    int64_t amount_atoms
    size_t loss
    int32_t fund


cdef bint is_asked_sooner(const Ask& a, const Ask& b) noexcept nogil:
    """Order of asks: by fund, market id, account id, and what legs lost first (LS-5)."""
    if a.fund != b.fund:
        return a.fund < b.fund
    if a.market_id != b.market_id:
        return a.market_id < b.market_id
    if a.account_id != b.account_id:
        return a.account_id < b.account_id
    return a.loss < b.loss


cdef void put_loss(
    Books& books, Round& round, int32_t order, int32_t leg, int32_t market, int64_t atoms
) noexcept nogil:
    """List what counts to a market of an account's loss; a fund asks nobody for it (LS-5, FD-3)."""
    cdef bint is_fund = books.accounts[round.acting[order].account].kind == FUND
    cdef Loss loss
    loss.order = order
    loss.leg = leg
    loss.market = market
    loss.fund = -1 if is_fund or market < 0 else books.markets[market].rules.fund_account
    loss.share_atoms = atoms
    loss.paid_atoms = 0
    round.losses.push_back(loss)


cdef void share_loss(Desk& desk, Round& round, int32_t order) noexcept nogil:
    """List what each leg of an account below zero bears, and what none does (LS-4).

    That counts to the market that was booked on the account last (ST-3).
    """
    cdef Acting* acting = &round.acting[order]
    cdef int64_t left = -acting.risk.equity_atoms
    cdef Plan plan
    cdef vector[int32_t] legs
    cdef vector[int64_t] shares
    cdef int32_t i
    plan_whole(desk.books, acting.account, &plan)
    for i in range(plan.count):
        legs.push_back(plan.closes[i].leg)
    shares = loss_shares(desk, legs, left)
    acting.first_loss = round.losses.size()
    for i in range(plan.count):
        put_loss(
            desk.books, round, order, legs[i], desk.books.legs[legs[i]].market, shares[i]
        )
        left -= shares[i]
    put_loss(desk.books, round, order, -1, desk.books.accounts[acting.account].debt_market, left)
    acting.loss_count = round.losses.size() - acting.first_loss


cdef bint lay_losses(Desk& desk, Round& round, size_t* next_acting) noexcept nogil:
    """Lay what each account below zero lacks on its legs, HOLDERS_A_UNIT for a unit (LS-4).

    Return whether that is done, and the units are spent of dividing what funds pay (WK-1).
    """
    while next_acting[0] < round.acting.size():
        if is_bankrupt(round.acting[next_acting[0]].risk):
            if not take_part_of_unit(desk, round.below_zero):
                return False
            share_loss(desk, round, <int32_t>next_acting[0])
            round.below_zero += 1
        next_acting[0] += 1
    return take_units(desk, round.below_zero >> DIVIDED_BITS)


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
            ask.market_id = books.markets[loss.market].rules.market_id
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
        total = least(MOST_SHARED_ATOMS, total + asks[i].amount_atoms)
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
        note_payout(desk.books, loss.market, parts[i])


cdef void pay_by_market(
    Desk& desk, Round& round, const vector[Ask]& asks, size_t begin, size_t end
) noexcept nogil:
    """Have a fund pay what it can of its asks, divided among markets and then accounts.

    A market's part is at most what is left of its share. Rules LS-5, FD-10.
    """
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
                share_left(desk.books, round.losses[asks[i].loss].market),
            ))
            total += sums.back()
            from_ask = i + 1
    parts = sums if total <= atoms else exact_parts(sums, atoms)
    from_ask = begin
    for i in range(ends.size()):
        pay_market(desk, round, asks, from_ask, ends[i], parts[i])
        from_ask = ends[i]


cdef int64_t total_paid(Round& round, const Acting* acting) noexcept nogil:
    """Return what funds have paid for the account, in atoms."""
    cdef int64_t total = 0
    cdef size_t i
    for i in range(acting.first_loss, acting.first_loss + acting.loss_count):
        total += round.losses[i].paid_atoms
    return total


cdef void pay_losses(Desk& desk, Round& round) noexcept nogil:
    """Have the funds pay what they can of what was laid on legs, and of what was not (LS-5)."""
    cdef vector[Ask] asks
    cdef size_t begin = 0
    cdef size_t i
    cdef Acting* acting
    cdef int64_t paid
    asks = collect_asks(desk.books, round)
    for i in range(asks.size()):
        if i + 1 == asks.size() or asks[i + 1].fund != asks[i].fund:
            pay_by_market(desk, round, asks, begin, i + 1)
            begin = i + 1
    for i in range(round.acting.size()):
        acting = &round.acting[i]
        if is_bankrupt(acting.risk):
            paid = total_paid(round, acting)
            acting.is_paid_whole = paid == -acting.risk.equity_atoms
            if paid > 0:  # of one fund: all markets of an asset name the same (GD-4)
                tell_payout(desk, round.losses[acting.first_loss].fund, acting.account, paid)
