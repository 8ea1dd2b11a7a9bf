"""What an account with equity pays the fund for a close without the book (LS-3, LS-19)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk
from riskengine.core.margin.model cimport Risk


cdef int64_t discount_floor(
    Books& books, int32_t market, int64_t lots, int64_t released_atoms, Risk risk
) noexcept nogil
cdef int64_t fund_room(Books& books, int32_t market) noexcept nogil
cdef int64_t pay_fund(
    Desk& desk, int32_t account, int32_t market, int64_t amount_atoms
) noexcept nogil
