"""Counterparties of an allocation: eligibility (LS-5 to LS-8)."""

from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.books.books cimport Books


cdef struct Candidate:
    int64_t account_id
    int64_t score_ppm
    int64_t size_lots  # of its position, signed
    int64_t close_lots  # allocated
    int64_t equity_atoms  # before
    int64_t maintenance_atoms
    int32_t leg
    int32_t account
    int32_t is_fund


cdef struct Closeout:
    int32_t leg  # that is closed
    int32_t account
    int32_t market
    int64_t size_lots  # its position, signed
    int64_t close_lots
    int64_t quote_atoms  # what it is to receive for close_lots


cdef int64_t payment_ceil(const Closeout* closeout, int64_t lots) noexcept nogil
cdef bint is_eligible(
    Books& books, const Closeout* closeout, const Candidate* candidate
) noexcept nogil
cdef void fill_candidate(Books& books, int32_t leg, Candidate* candidate) noexcept nogil
cdef int32_t collect_candidates(
    Books& books, const Closeout* closeout, vector[Candidate]& candidates
) noexcept nogil
