"""The waterfall of one account: step, conclude, end_liquidation (WF-2 to WF-4, WF-18 to WF-22)."""

from libc.stdint cimport int32_t

from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.queue cimport Queue
from riskengine.core.margin.model cimport Risk


cdef void begin(Desk& desk, Queue& queue, int32_t account, Risk risk) noexcept nogil
cdef void step(Desk& desk, Queue& queue, int32_t account, Risk risk) noexcept nogil
cdef void conclude(Desk& desk, Queue& queue, int32_t account, Risk risk) noexcept nogil
cdef void end_liquidation(Desk& desk, int32_t account, Risk risk) noexcept nogil
