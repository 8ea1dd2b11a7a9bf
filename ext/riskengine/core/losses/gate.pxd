"""The gate of an asset: while a loss has found nobody to bear it, gains wait (MG-10, MG-11)."""

from libc.stdint cimport int8_t, int32_t
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport int128_t
from riskengine.core.books.books cimport Books


cdef cppclass Gates:  # what was found of them, so that rows and lists have it summed once
    vector[int8_t] is_found  # of each asset
    vector[int128_t] loss_atoms


cdef int128_t unallocated_loss(Books& books, int32_t asset) noexcept nogil
cdef int128_t summed_loss(Books& books, int32_t asset) noexcept nogil
cdef int128_t gate_level(Books& books, int32_t asset) noexcept nogil
cdef int128_t found_loss(Books& books, Gates& gates, int32_t asset) noexcept nogil
cdef bint is_gate_closed(Books& books, Gates& gates, int32_t asset) noexcept nogil
