"""Conservation, invariants, counters, the state hash and the dump."""

from riskengine.core.books.state cimport State


cdef object conservation_view(State& state)
cdef object counters_view(State& state)
cdef int assert_invariants(State& state) except -1
