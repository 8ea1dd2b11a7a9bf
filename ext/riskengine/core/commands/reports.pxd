"""Reports of the venue that it is done with a liquidation order (GD-19)."""

from riskengine.core.base.column cimport Column
from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.frame cimport Progress


cdef void apply_reports(
    Desk& desk, Progress& progress, const Column& liquidation_id
) noexcept nogil
