"""Repriced trades: what goes back of a price that leaves a side too low (BK-6, WF-28).

Only one side can have a price worse than mark. Of a late fill that side may be the account and the
fund, each with its lots, or who is opposite to both.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    EVENT_KIND_TRADE_REPRICED,
    SIDE_LONG,
    SIDE_SHORT,
    SIDE_UNSPECIFIED,
)
from riskengine.core.base.fixedpoint cimport greatest, least, magnitude
from riskengine.core.books.booking cimport Booked, preview
from riskengine.core.books.books cimport find_leg
from riskengine.core.events.event cimport Event
from riskengine.core.losses.means cimport least_equity, noted_after, noted_equity
from riskengine.core.margin.assess cimport assess
from riskengine.core.margin.emit cimport add_market, add_risk, emit
from riskengine.core.margin.model cimport Risk


cdef inline int32_t late_side(Books& books, const Trade* trade) noexcept nogil:
    """Return the side of the order of a late fill; SIDE_UNSPECIFIED of any other trade."""
    if trade.ended < 0:
        return SIDE_UNSPECIFIED
    return books.ended_orders[<size_t>trade.ended].side


cdef inline int32_t account_on(const Trade* trade, int32_t side) noexcept nogil:
    """Return the account on a side of the trade."""
    return trade.buyer if side == SIDE_LONG else trade.seller


cdef inline int32_t fund_of(const Trade* trade) noexcept nogil:
    """Return the fund that gets lots of a late fill, also in the place of an account that is gone.

    -1 when none does.
    """
    return trade.fund if trade.gone_side == SIDE_UNSPECIFIED else account_on(trade, trade.gone_side)


cdef inline int64_t lots_of_fund(const Trade* trade) noexcept nogil:
    """Return the lots that the fund exchanges with the other side."""
    return 0 if fund_of(trade) < 0 else trade.fund_lots


cdef inline int64_t lots_of_sides(const Trade* trade) noexcept nogil:
    """Return the lots that the two accounts exchange: all but those of the fund."""
    if trade.gone_side != SIDE_UNSPECIFIED:
        return 0
    return least(trade.buyer_lots, trade.seller_lots)


cdef int64_t uncovered(
    Books& books, const Trade* trade, int32_t side, int64_t cost_atoms, int64_t repriced_lots
) noexcept nogil:
    """Return what of a price's cost to a side leaves it below zero, in atoms (BK-6).

    min(T, max(0, -E)), E after the trade and its fee: it takes what its price costs and the fee off
    equity. The cost is of a lot, T of the lots that are repriced.
    """
    cdef bint is_buyer = side == SIDE_LONG
    cdef int64_t lots = trade.buyer_lots if is_buyer else trade.seller_lots
    cdef int64_t fee_atoms = trade.buyer_fee_atoms if is_buyer else trade.seller_fee_atoms
    cdef int64_t after = (
        assess(books, account_on(trade, side)).equity_atoms - cost_atoms * lots - fee_atoms
    )
    return greatest(0, least(cost_atoms * repriced_lots, -after))


cdef int64_t beyond_fund(
    Books& books, const Trade* trade, int32_t side, int64_t price_atoms, int64_t taken_atoms
) noexcept nogil:
    """Return what of a price's cost to the fund takes it below what it has to keep, in atoms.

    max(0, min(T, noted before - noted after, least - noted after)). Rules BK-6, FD-9, FD-11.
    """
    cdef int32_t fund = fund_of(trade)
    cdef int64_t lots = trade.fund_lots if side == SIDE_LONG else -trade.fund_lots
    cdef Risk risk = assess(books, fund)
    cdef int64_t before = noted_equity(books, fund, risk)
    cdef Booked booked = preview(books, fund, trade.market, lots, lots * price_atoms)
    cdef int64_t after = noted_after(books, trade.market, &booked, fund, before)
    if trade.gone_side == SIDE_LONG:
        after -= trade.buyer_fee_atoms
    elif trade.gone_side == SIDE_SHORT:
        after -= trade.seller_fee_atoms
    return greatest(
        0, least(taken_atoms, least(before, least_equity(books, fund, before)) - after)
    )


cdef void reprice(
    Books& books, Trade* trade, const Market* market, int64_t price_atoms
) noexcept nogil:
    """Set what goes back from the seller to the buyer, and from the fund to the other side (BK-6).

    Below 0 it goes the other way. What the other side of a late fill gets back comes from the fund
    first.
    """
    cdef int64_t above = price_atoms - market.now.unit_value_atoms
    cdef int64_t cost = magnitude(above)
    cdef int64_t fund_lots = lots_of_fund(trade)
    cdef int64_t sides_lots = lots_of_sides(trade)
    cdef int32_t side = SIDE_LONG if above > 0 else SIDE_SHORT
    cdef int64_t returned = 0
    trade.repriced_atoms = 0
    trade.fund_repriced_atoms = 0
    if above == 0 or not market.rules.reprices_trades:
        return
    if fund_lots == 0:
        returned = uncovered(books, trade, side, cost, sides_lots)
    elif side == late_side(books, trade):
        trade.fund_repriced_atoms = -beyond_fund(
            books, trade, side, price_atoms, cost * fund_lots
        )
        if sides_lots > 0:
            returned = uncovered(books, trade, side, cost, sides_lots)
    else:
        returned = uncovered(books, trade, side, cost, sides_lots + fund_lots)
        trade.fund_repriced_atoms = least(returned, cost * fund_lots)
        returned -= trade.fund_repriced_atoms
    trade.repriced_atoms = returned if above > 0 else -returned


cdef void tell_payment(
    Desk& desk,
    const Trade* trade,
    int32_t side,
    int32_t account,
    int32_t payer,
    int64_t amount_atoms,
    int64_t lots,
    int64_t later_atoms,
) noexcept nogil:
    """Tell what a side got back of a price, and count it; later it gets so much more (BK-6)."""
    cdef int32_t leg = find_leg(desk.books, account, trade.market)
    cdef Risk risk = assess(desk.books, account)
    cdef Event* event = emit(desk, EVENT_KIND_TRADE_REPRICED, account)
    risk.equity_atoms -= amount_atoms + later_atoms
    add_risk(event, risk)
    add_market(
        desk.books, event, trade.market, 0 if leg < 0 else desk.books.legs[leg].size_lots
    )
    event.counterparty_account_id = desk.books.accounts[payer].account_id
    event.side = side
    event.size_lots = lots
    event.price_ticks = trade.price_ticks
    event.amount_atoms = amount_atoms
    desk.totals.markets[trade.market].repriced_trades += 1
    desk.totals.markets[trade.market].repriced_atoms += amount_atoms


cdef void tell_fund_repriced(Desk& desk, const Trade* trade, int64_t later_atoms) noexcept nogil:
    """Tell what the fund paid to the other side, or got from it, at its lots of a late fill."""
    cdef int32_t fund = fund_of(trade)
    cdef int32_t own = late_side(desk.books, trade)
    cdef int32_t other_side = SIDE_SHORT if own == SIDE_LONG else SIDE_LONG
    cdef int32_t other = account_on(trade, other_side)
    cdef int64_t amount = trade.fund_repriced_atoms
    if amount > 0:
        tell_payment(
            desk, trade, other_side, other, fund, amount, trade.fund_lots, later_atoms
        )
    else:
        tell_payment(desk, trade, own, fund, other, -amount, trade.fund_lots, 0)


cdef void tell_repriced(Desk& desk, const Trade* trade) noexcept nogil:
    """Tell what sides got back of the price, the fund's part of it first (BK-6)."""
    cdef int64_t amount = magnitude(trade.repriced_atoms)
    cdef int32_t side = SIDE_LONG if trade.repriced_atoms > 0 else SIDE_SHORT
    cdef int32_t payer_side = SIDE_SHORT if side == SIDE_LONG else SIDE_LONG
    if trade.fund_repriced_atoms != 0:
        tell_fund_repriced(desk, trade, amount)
    if amount != 0:
        tell_payment(
            desk,
            trade,
            side,
            account_on(trade, side),
            account_on(trade, payer_side),
            amount,
            lots_of_sides(trade),
            0,
        )
