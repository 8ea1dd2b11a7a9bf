"""Events of the running command, numbered without gaps."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk
from riskengine.core.events.event cimport Event
from riskengine.core.margin.model cimport Risk


cdef Event* emit(Desk& desk, int64_t kind, int32_t account) noexcept nogil
cdef void add_risk(Event* event, Risk risk) noexcept nogil
cdef void add_market(
    Books& books, Event* event, int32_t market, int64_t position_lots
) noexcept nogil
cdef void count_closed(
    Desk& desk, int32_t market, int64_t closed_lots, bint was_long, int32_t stage
) noexcept nogil
