"""A frozen view of the whole state, while commands go on."""

from riskengine.core.commands.state cimport State


cdef object begin_view(State& state, int fd)
cdef list memory_pages(State& state)
