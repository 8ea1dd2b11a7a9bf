"""Counterparties of an allocation: eligibility and rank (docs/SEMANTICS.md section 7.4)."""

from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.margin cimport Risk
from riskengine.core.state cimport State


cdef struct Exchange:
    int32_t account  # whose position is closed
    int32_t market
    int64_t size_lots  # its position, signed
    int64_t close_lots
    int64_t quote_atoms  # what it is to receive for close_lots


cdef struct Candidate:
    int64_t account_id
    int64_t score_ppm
    int64_t size_lots  # of its position, signed
    int64_t close_lots  # allocated
    Risk risk  # before
    int32_t account
    int32_t is_fund


cdef int64_t payment_ceil(const Exchange* exchange, int64_t lots) noexcept nogil
cdef int32_t collect_candidates(
    State& state, const Exchange* exchange, vector[Candidate]& candidates
) noexcept nogil
