"""The insurance fund: what it can take over, and debts (FD-6, FD-8, LS-2, WF-22)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk


cdef bint can_take_over(
    Books& books, int32_t market, int64_t lots, int64_t discount_atoms
) noexcept nogil
cdef void tell_payout(
    Desk& desk, int32_t fund, int32_t account, int64_t amount_atoms
) noexcept nogil
cdef void pay_from_fund(
    Desk& desk, int32_t fund, int32_t account, int64_t amount_atoms
) noexcept nogil
cdef int64_t payable_of_debt(Desk& desk, int32_t account) noexcept nogil
cdef bint pay_debt(Desk& desk, int32_t account, int64_t payable_atoms) noexcept nogil
