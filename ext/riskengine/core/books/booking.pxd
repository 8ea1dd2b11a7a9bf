"""Booking of lots and money on accounts (BK-1 to BK-5).

For every booking `balance - cost` of the account changes by exactly `-paid`: what rounding takes
from the balance it leaves in the cost. What only says what would become of a position is inline:
rows of trades ask it of both sides.
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport magnitude, mul_div_ceil
from riskengine.core.books.books cimport Books, find_leg
from riskengine.core.books.desk cimport Desk
from riskengine.core.books.limits cimport MAX_BALANCE_ATOMS
from riskengine.core.books.market cimport Market


cdef struct Booked:
    int64_t size_lots
    int64_t cost_atoms
    int64_t balance_change_atoms
    int32_t leg  # the present one, -1 when the account is flat


cdef inline Booked book_position(
    int64_t size_lots, int64_t cost_atoms, int64_t bought_lots, int64_t paid_atoms
) noexcept nogil:
    """Return the position after it acquires `bought_lots` for `paid_atoms`, both signed.

    Reducing releases `ceil(cost * |bought| / |size|)`, so that realised PnL is rounded down.
    Rules BK-2 to BK-4.
    """
    cdef Booked booked
    cdef int64_t held = magnitude(size_lots)
    cdef int64_t traded = magnitude(bought_lots)
    cdef int64_t released, paid_to_close
    booked.leg = -1
    booked.size_lots = size_lots + bought_lots
    if size_lots == 0 or (size_lots > 0) == (bought_lots > 0):
        booked.cost_atoms = cost_atoms + paid_atoms
        booked.balance_change_atoms = 0
    elif traded <= held:
        # held > 0: a flat position is reduced by nothing.
        released = mul_div_ceil(cost_atoms, traded, held)
        booked.cost_atoms = cost_atoms - released
        booked.balance_change_atoms = -paid_atoms - released
    else:
        # traded > held > 0: the position flips.
        paid_to_close = mul_div_ceil(paid_atoms, held, traded)
        booked.cost_atoms = paid_atoms - paid_to_close
        booked.balance_change_atoms = -paid_to_close - cost_atoms
    return booked


cdef inline Booked preview_leg(
    Books& books, int32_t leg, int64_t bought_lots, int64_t paid_atoms
) noexcept nogil:
    """Return what `book_leg` would make of the leg, and change nothing."""
    cdef Booked booked = book_position(
        books.legs[leg].size_lots, books.legs[leg].cost_atoms, bought_lots, paid_atoms
    )
    booked.leg = leg
    return booked


cdef inline Booked preview(
    Books& books, int32_t account, int32_t market, int64_t bought_lots, int64_t paid_atoms
) noexcept nogil:
    """Return what `book` would make of the account's leg in the market, and change nothing."""
    cdef int32_t leg = find_leg(books, account, market)
    if leg < 0:
        return book_position(0, 0, bought_lots, paid_atoms)
    return preview_leg(books, leg, bought_lots, paid_atoms)


cdef inline bint balance_fits(Books& books, int32_t account, int64_t change_atoms) noexcept nogil:
    """Return whether the balance stays within its bound after the change (BD-6)."""
    return magnitude(books.accounts[account].balance_atoms + change_atoms) <= MAX_BALANCE_ATOMS


cdef void count_side_totals(Market* market, int64_t before_lots, int64_t after_lots) noexcept nogil
cdef void book(
    Desk& desk, int32_t account, int32_t market, int64_t bought_lots, int64_t paid_atoms
) noexcept nogil
cdef void book_leg(
    Desk& desk, int32_t leg, int64_t bought_lots, int64_t paid_atoms
) noexcept nogil
cdef void settle(
    Desk& desk, int32_t account, int32_t market, const Booked* booked
) noexcept nogil
cdef void set_leg(
    Desk& desk, int32_t account, int32_t market, int64_t size_lots, int64_t cost_atoms
) noexcept nogil
