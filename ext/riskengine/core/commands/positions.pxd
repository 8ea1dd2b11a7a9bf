"""One-sided position updates (GD-15 to GD-17)."""

from libc.stdint cimport int32_t

from riskengine.core.base.column cimport Column
from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.frame cimport Progress


cdef cppclass PositionColumns:
    int32_t mode
    Column account_id
    Column market_id
    Column size_lots
    Column price_ticks


cdef void apply_position_updates(
    Desk& desk, Progress& progress, const PositionColumns& columns
) noexcept nogil
