"""The insurance fund: what it can take over, and debts (FD-6, FD-8, LS-2, WF-22)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport EVENT_KIND_INSURANCE_PAYOUT
from riskengine.core.base.fixedpoint cimport PPM, greatest, int128_t, least, magnitude
from riskengine.core.books.booking cimport Booked, balance_fits, preview
from riskengine.core.books.books cimport Books, find_leg
from riskengine.core.books.desk cimport Desk, add_balance
from riskengine.core.books.fund_window cimport note_payout
from riskengine.core.books.limits cimport (
    FUND_ACCOUNT_BASE,
    MAX_LEGS_PER_ACCOUNT,
    MAX_NOTIONAL_ATOMS,
)
from riskengine.core.books.market cimport Market
from riskengine.core.events.event cimport Event
from riskengine.core.losses.means cimport available, share_left
from riskengine.core.margin.assess cimport assess, gross_notional
from riskengine.core.margin.emit cimport emit
from riskengine.core.margin.model cimport Change, Risk
from riskengine.core.margin.thresholds cimport is_liquidatable
from riskengine.core.margin.value cimport lots_value, notional_of
from riskengine.core.margin.what_if cimport trade_change, what_if


cdef bint has_means(Books& books, int32_t market, int32_t fund, Risk risk) noexcept nogil:
    """Return whether the fund may still pay for losses of the market, where that is limited (LS-2).
    """
    if books.parameters.fund_drawdown_ppm == 0 and books.markets[market].rules.fund_share_ppm == 0:
        return True
    return available(books, fund, risk) > 0 and share_left(books, market) > 0


cdef inline bint exceeds(int128_t notional, int128_t means, int64_t limit_ppm) noexcept nogil:
    """Return whether a notional is more than that part of a fund's means; 0: no limit (FD-8)."""
    return limit_ppm > 0 and notional * PPM > means * limit_ppm


cdef bint is_within_limits(
    Books& books, int32_t fund, const Market* market, int64_t before_lots, int64_t after_lots,
    int64_t equity_atoms,
) noexcept nogil:
    """Return whether a fund may hold so much in the market, and in all (FD-8).

    What makes its position smaller is not limited. The limits go by what the fund has before.
    """
    cdef int128_t means = greatest(0, least(books.accounts[fund].balance_atoms, equity_atoms))
    cdef int128_t after = notional_of(market, after_lots)
    if magnitude(after_lots) < magnitude(before_lots):
        return True
    if exceeds(after, means, books.parameters.fund_market_notional_ppm):
        return False
    if exceeds(after, means, market.rules.inventory_ppm):
        return False
    if books.parameters.fund_notional_ppm == 0:
        return True
    after += gross_notional(books, fund) - notional_of(market, before_lots)
    return not exceeds(after, means, books.parameters.fund_notional_ppm)


cdef bint can_take_over(
    Books& books, int32_t market_index, int64_t lots, int64_t discount_atoms
) noexcept nogil:
    """Return whether the market's fund can acquire the lots at the mark and carry them (LS-2).

    Like any account it must hold the maintenance margin of its positions, before, and afterwards
    with what it is paid for them counted in. Its limits go by what it has before (FD-8).
    """
    cdef const Market* market = &books.markets[market_index]
    cdef int32_t fund = market.rules.fund_account
    cdef int32_t leg = find_leg(books, fund, market_index)
    cdef int64_t value = lots_value(market, lots)
    cdef Booked booked = preview(books, fund, market_index, lots, value)
    cdef Change change = trade_change(books, market_index, leg, lots, value)
    cdef Risk risk = assess(books, fund)
    change.balance_change_atoms = discount_atoms
    if is_liquidatable(risk) or not has_means(books, market_index, fund, risk):
        return False
    if not is_within_limits(
        books,
        fund,
        market,
        0 if leg < 0 else books.legs[leg].size_lots,
        booked.size_lots,
        risk.equity_atoms,
    ):
        return False
    if magnitude(booked.size_lots) > market.rules.max_position_lots:
        return False
    if magnitude(booked.cost_atoms) > MAX_NOTIONAL_ATOMS:
        return False
    if leg < 0 and books.accounts[fund].leg_count >= MAX_LEGS_PER_ACCOUNT:
        return False
    if not balance_fits(books, fund, booked.balance_change_atoms + discount_atoms):
        return False
    return not is_liquidatable(what_if(books, fund, risk, &change))


cdef void tell_payout(
    Desk& desk, int32_t fund, int32_t account, int64_t amount_atoms
) noexcept nogil:
    """Tell what an account got of a fund, and count it (LS-5, FD-6)."""
    cdef Event* event
    desk.totals.engine.insurance_payouts += 1
    desk.totals.assets[desk.books.accounts[account].asset].insurance_payout_atoms += amount_atoms
    event = emit(desk, EVENT_KIND_INSURANCE_PAYOUT, account)
    event.fund_id = desk.books.accounts[fund].account_id - FUND_ACCOUNT_BASE
    event.amount_atoms = amount_atoms


cdef void pay_from_fund(
    Desk& desk, int32_t fund, int32_t account, int64_t amount_atoms
) noexcept nogil:
    """Pay of an account's debt what the fund has available, and tell (FD-6, FD-14)."""
    add_balance(desk, fund, -amount_atoms)
    add_balance(desk, account, amount_atoms)
    tell_payout(desk, fund, account, amount_atoms)


cdef int64_t payable_of_debt(Desk& desk, int32_t account) noexcept nogil:
    """Return what the fund of its market can pay of a negative balance, in atoms.

    It counts to the market's share (FD-10). An account that was never booked has no market. Rules
    WF-22, FD-6, ST-3.
    """
    cdef int32_t market = desk.books.accounts[account].debt_market
    cdef int64_t debt = -desk.books.accounts[account].balance_atoms
    cdef int64_t most
    cdef int32_t fund
    if debt <= 0 or market < 0:
        return 0
    fund = desk.books.markets[market].rules.fund_account
    most = available(desk.books, fund, assess(desk.books, fund))  # notes the peak of the share
    return least(debt, least(most, share_left(desk.books, market)))


cdef bint pay_debt(Desk& desk, int32_t account, int64_t payable_atoms) noexcept nogil:
    """Pay so much of a negative balance (`payable_of_debt`); return whether nothing is left."""
    cdef int32_t market = desk.books.accounts[account].debt_market
    if payable_atoms > 0:
        note_payout(desk.books, market, payable_atoms)
        pay_from_fund(
            desk, desk.books.markets[market].rules.fund_account, account, payable_atoms
        )
    return desk.books.accounts[account].balance_atoms >= 0
