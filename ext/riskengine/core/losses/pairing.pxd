"""Who closes against whom: needs and shares, paired in order (LS-6, LS-16)."""

from libc.stddef cimport size_t
from libc.stdint cimport int64_t
from libcpp.vector cimport vector

from riskengine.core.losses.need cimport Need
from riskengine.core.losses.share cimport Share


cdef struct Pair:
    size_t need  # of the long position, where both sides are needs
    size_t other  # a share, or the need of the short position
    int64_t lots


cdef int64_t pooled_lots(vector[Need]& needs, const vector[size_t]& side) noexcept nogil
cdef void pair_sides(
    vector[Need]& needs,
    const vector[size_t]& longs,
    const vector[size_t]& shorts,
    int64_t lots,
    vector[Pair]& pairs,
) noexcept nogil
cdef void pair_holders(
    vector[Need]& needs,
    const vector[size_t]& side,
    const vector[Share]& shares,
    vector[Pair]& pairs,
) noexcept nogil
