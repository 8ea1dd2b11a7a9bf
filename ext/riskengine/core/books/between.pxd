"""What was paid in while a pass works, which decides on what stood before (WK-2, WK-4)."""

from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.base.id_map cimport IdMap, id_map_get


cdef cppclass Between:
    IdMap places  # of accounts, each under its index and one, in what follows
    vector[int32_t] accounts
    vector[int64_t] paid_atoms  # beside them


cdef inline int64_t paid_between(const Between& between, int32_t account) noexcept nogil:
    """Return what was paid into the account since the pass began, in atoms."""
    cdef int32_t place
    if between.accounts.empty():
        return 0
    place = id_map_get(between.places, <int64_t>account + 1)
    return 0 if place < 0 else between.paid_atoms[place]


cdef void add_between(Between& between, int32_t account, int64_t atoms) noexcept nogil
cdef void clear_between(Between& between) noexcept nogil
