"""What follows from a command: begun, paused, gone on with, done (CM-5, WK-1 to WK-3)."""

from riskengine.core.commands.state cimport State


cdef void begin_work(State& state) noexcept nogil
cdef void go_on(State& state) noexcept nogil
