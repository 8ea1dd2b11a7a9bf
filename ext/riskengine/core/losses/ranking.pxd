"""The queue of counterparties of one side of a market (docs/SEMANTICS.md section 11)."""

from libc.stdint cimport int32_t
from libcpp.vector cimport vector

from riskengine.core.books.state cimport Candidate, State
from riskengine.core.losses.candidates cimport Exchange


cdef int32_t pick_by_rank(
    State& state, const Exchange* exchange, vector[Candidate]& picked
) noexcept nogil
cdef void trim_changes(State& state) noexcept nogil
