"""Booking of lots and money on accounts (BK-1 to BK-5)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk
from riskengine.core.books.market cimport Market


cdef struct Booked:
    int64_t size_lots
    int64_t cost_atoms
    int64_t balance_change_atoms
    int32_t leg  # the present one, -1 when the account is flat


cdef Booked book_position(
    int64_t size_lots, int64_t cost_atoms, int64_t bought_lots, int64_t paid_atoms
) noexcept nogil
cdef Booked preview_leg(
    Books& books, int32_t leg, int64_t bought_lots, int64_t paid_atoms
) noexcept nogil
cdef Booked preview(
    Books& books, int32_t account, int32_t market, int64_t bought_lots, int64_t paid_atoms
) noexcept nogil
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
cdef bint balance_fits(Books& books, int32_t account, int64_t change_atoms) noexcept nogil
