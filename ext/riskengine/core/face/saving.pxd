"""The whole state as bytes, and back."""

from riskengine.core.base.words cimport Words
from riskengine.core.commands.state cimport State


cdef bint write_state(State& state, Words& words) noexcept nogil
cdef bytes saved_state(State& state)
cdef object read_state_back(State& state, const unsigned char[::1] saved)
