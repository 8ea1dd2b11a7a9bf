"""Holders who may close a need: the legs of the other side (LS-7 to LS-9)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.need cimport Pool
from riskengine.core.losses.queue cimport Queue
from riskengine.core.margin.model cimport Risk


cdef struct Candidate:
    int64_t account_id
    int64_t score_ppm
    int64_t size_lots  # of its position, signed
    Risk risk  # of its account, before
    int32_t leg
    int32_t account
    int32_t is_fund


cdef cppclass Field:  # of a side: who may close its needs, as far as it was looked at
    size_t positions  # of the market that were gone through, or paid for
    int64_t holders  # of these, on the other side
    int32_t skipped
    vector[Candidate] candidates  # as they are listed


cdef bint is_bookable(
    Books& books, const Pool* pool, const Candidate* candidate
) noexcept nogil
cdef void fill_candidate(Desk& desk, int32_t leg, Candidate* candidate) noexcept nogil
cdef void clear_field(Field& field) noexcept nogil
cdef bint look_at_holders(
    Desk& desk, Queue& queue, const Pool* pool, Field& field
) noexcept nogil
cdef void sort_by_id(vector[Candidate]& candidates) noexcept nogil
