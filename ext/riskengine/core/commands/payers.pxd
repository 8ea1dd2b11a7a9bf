"""Who pays into an account, or gets what it pays: a fund, the fees, the venue (FD-14, MN-6)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.books cimport Books


cdef struct Payer:
    int64_t kind  # a WriteOffPayer
    int64_t fund_id  # 0 unless it is a fund


cdef bint refuse_payer(
    Books& books, Payer payer, int32_t asset, int32_t* fund, Refusal* refusal
) noexcept nogil
cdef int64_t payable_by(Books& books, Payer payer, int32_t asset, int32_t fund) noexcept nogil
cdef bint refuse_unpayable(
    int64_t amount_atoms, int64_t highest_atoms, Payer payer, Refusal* refusal
) noexcept nogil
