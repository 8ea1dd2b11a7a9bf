"""The queue of counterparties of one side of a market, for the length of a command."""

from libc.stdint cimport int32_t
from libcpp.vector cimport vector

from riskengine.core.adl_candidates cimport Exchange
from riskengine.core.state cimport Candidate, State


cdef int32_t pick_by_rank(
    State& state, const Exchange* exchange, vector[Candidate]& picked
) noexcept nogil
cdef void forget_rankings(State& state) noexcept nogil
