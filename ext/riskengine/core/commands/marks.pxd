"""Mark prices (GD-18)."""

from riskengine.core.base.column cimport Column
from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.frame cimport Progress
from riskengine.core.index.index cimport Index


cdef cppclass MarkColumns:
    Column market_id
    Column mark_price_ticks


cdef void apply_marks(
    Desk& desk, Index& index, Progress& progress, const MarkColumns& columns
) noexcept nogil
