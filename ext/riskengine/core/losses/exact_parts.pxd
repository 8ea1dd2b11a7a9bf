"""Parts of a whole in proportion to weights, exact to the unit."""

from libc.stdint cimport int64_t
from libcpp.vector cimport vector


cdef vector[int64_t] exact_parts(const vector[int64_t]& weights, int64_t whole) noexcept nogil
cdef vector[int64_t] exact_parts_by_id(
    const vector[int64_t]& weights, const vector[int64_t]& ids, int64_t whole
) noexcept nogil
