"""Time that passed without the engine: what waits for it to work waits longer (TM-6, TM-7)."""

from libc.stdint cimport int64_t

from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.frame cimport Progress


cdef void apply_started(Desk& desk, Progress& progress) noexcept nogil
cdef void apply_log_time(Desk& desk, Progress& progress, int64_t log_time_nanos) noexcept nogil
