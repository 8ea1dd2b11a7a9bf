"""The insurance fund: what it can pay and carry (FD-1, FD-6, FD-7, LS-2, WF-22)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk
from riskengine.core.margin.model cimport Risk


cdef int64_t available(Books& books, int32_t fund, Risk risk) noexcept nogil
cdef bint can_take_over(
    Books& books, int32_t market, int64_t lots, int64_t discount_atoms
) noexcept nogil
cdef bint pay_debt(Desk& desk, int32_t account) noexcept nogil
cdef void pay_all_debts(Desk& desk) noexcept nogil
