"""A pass of the judgement: its parts, each of which can pause before any step (JD-3 to JD-5)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.state cimport State


cdef void begin_pass(State& state) noexcept nogil
cdef void look_before_deposit(State& state, int32_t account) noexcept nogil
cdef bint is_at_rest(State& state, int32_t account) noexcept nogil
cdef void note_deposit(
    State& state, int32_t account, int64_t amount_atoms, bint was_at_rest
) noexcept nogil
cdef void see_what_was_paid_in(Desk& desk) noexcept nogil
cdef bint look(State& state) noexcept nogil
cdef bint make_calls(State& state) noexcept nogil
cdef bint begin_liquidations(State& state) noexcept nogil
cdef bint lay_all(State& state) noexcept nogil
cdef bint step_all(State& state) noexcept nogil
cdef bint close_all(State& state) noexcept nogil
cdef bint settle_all(State& state) noexcept nogil
