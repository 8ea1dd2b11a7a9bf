"""Counterparties of an allocation: eligibility and rank (docs/SEMANTICS.md section 7.4)."""

from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.books.state cimport Candidate, State


cdef struct Exchange:
    int32_t account  # whose position is closed
    int32_t market
    int64_t size_lots  # its position, signed
    int64_t close_lots
    int64_t quote_atoms  # what it is to receive for close_lots


cdef int64_t payment_ceil(const Exchange* exchange, int64_t lots) noexcept nogil
cdef bint is_eligible(
    State& state, const Exchange* exchange, const Candidate* candidate
) noexcept nogil
cdef void fill_candidate(State& state, int32_t position, Candidate* candidate) noexcept nogil
cdef int32_t collect_candidates(
    State& state, const Exchange* exchange, vector[Candidate]& candidates
) noexcept nogil
