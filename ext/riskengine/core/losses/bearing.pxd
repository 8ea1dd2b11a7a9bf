"""What the holders who close needs pay of their loss, and who gets it (LS-17, LS-18)."""

from libc.stddef cimport size_t
from libc.stdint cimport int64_t
from libcpp.vector cimport vector

from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.need cimport Need
from riskengine.core.losses.pairing cimport Pair
from riskengine.core.losses.share cimport Share


cdef bint find_most_paid(
    Desk& desk,
    vector[Need]& needs,
    const vector[size_t]& side,
    const vector[Share]& shares,
    vector[int64_t]& most,
) noexcept nogil
cdef int64_t bear_loss(
    Desk& desk,
    vector[Need]& needs,
    const vector[size_t]& side,
    vector[Share]& shares,
    const vector[int64_t]& most,
) noexcept nogil
cdef vector[int64_t] paid_by_pair(
    const vector[Share]& shares, const vector[Pair]& pairs
) noexcept nogil
