"""Booking of lots and money on accounts (BK-1 to BK-5)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.expect cimport expect
from riskengine.core.base.fixedpoint cimport greatest
from riskengine.core.books.books cimport Leg, find_leg
from riskengine.core.books.desk cimport Desk, add_leg, note_change, note_fund, remove_leg
from riskengine.core.books.market cimport Market


cdef void count_side_totals(Market* market, int64_t before_lots, int64_t after_lots) noexcept nogil:
    """Count a size in the market's totals in place of another; sizes are signed, 0 is flat.

    Rule ST-5.
    """
    market.now.long_lots += greatest(after_lots, 0) - greatest(before_lots, 0)
    market.now.short_lots += greatest(-after_lots, 0) - greatest(-before_lots, 0)


cdef void settle(
    Desk& desk, int32_t account, int32_t market, const Booked* booked
) noexcept nogil:
    """Make what was previewed true; nothing has changed the account since (ST-3)."""
    cdef int32_t index = booked.leg
    cdef Leg* leg
    desk.books.accounts[account].balance_atoms += booked.balance_change_atoms
    desk.books.accounts[account].debt_market = market
    note_change(desk, account)
    note_fund(desk, account)
    if index < 0:
        if booked.size_lots == 0:
            return
        index = add_leg(desk, account, market)
    leg = &desk.books.legs[index]
    expect(leg.account == account)
    expect(leg.market == market)
    count_side_totals(&desk.books.markets[market], leg.size_lots, booked.size_lots)
    leg.size_lots = booked.size_lots
    leg.cost_atoms = booked.cost_atoms
    if booked.size_lots == 0:
        remove_leg(desk, index)


cdef void set_leg(
    Desk& desk, int32_t account, int32_t market, int64_t size_lots, int64_t cost_atoms
) noexcept nogil:
    """Make the position that size and cost, adding or removing it as needed."""
    cdef Booked booked
    booked.size_lots = size_lots
    booked.cost_atoms = cost_atoms
    booked.balance_change_atoms = 0
    booked.leg = find_leg(desk.books, account, market)
    settle(desk, account, market, &booked)


cdef void book(
    Desk& desk, int32_t account, int32_t market, int64_t bought_lots, int64_t paid_atoms
) noexcept nogil:
    """Have the account acquire `bought_lots` for `paid_atoms`; the caller has checked bounds.

    Rule BK-1.
    """
    cdef Booked booked = preview(desk.books, account, market, bought_lots, paid_atoms)
    settle(desk, account, market, &booked)


cdef void book_leg(
    Desk& desk, int32_t leg, int64_t bought_lots, int64_t paid_atoms
) noexcept nogil:
    """Have the leg's account acquire `bought_lots` on it; a leg of size 0 is gone afterwards."""
    cdef Booked booked = preview_leg(desk.books, leg, bought_lots, paid_atoms)
    settle(desk, desk.books.legs[leg].account, desk.books.legs[leg].market, &booked)
