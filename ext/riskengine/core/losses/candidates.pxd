"""Holders who may close a need: the legs of the other side (LS-7 to LS-9)."""

from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.books.books cimport Books
from riskengine.core.losses.need cimport Pool
from riskengine.core.margin.model cimport Risk


cdef struct Candidate:
    int64_t account_id
    int64_t score_ppm
    int64_t size_lots  # of its position, signed
    Risk risk  # of its account, before
    int32_t leg
    int32_t account
    int32_t is_fund


cdef bint is_bookable(
    Books& books, const Pool* pool, const Candidate* candidate
) noexcept nogil
cdef void fill_candidate(Books& books, int32_t leg, Candidate* candidate) noexcept nogil
cdef int32_t collect_candidates(
    Books& books, const Pool* pool, vector[Candidate]& candidates
) noexcept nogil
