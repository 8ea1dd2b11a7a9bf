"""The steps of liquidations: begin, and what is to become of each leg (WF-2 to WF-4, WF-18)."""

from libc.stdint cimport int32_t

from riskengine.core.books.desk cimport Desk
from riskengine.core.waterfall.round cimport Acting, Round


cdef void begin(Desk& desk, const Acting* acting) noexcept nogil
cdef void step(Desk& desk, Round& round, int32_t order) noexcept nogil
