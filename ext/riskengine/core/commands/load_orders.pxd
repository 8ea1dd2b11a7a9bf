"""Loaded liquidation orders, open as they were elsewhere (LD-8, LD-9)."""

from riskengine.core.base.column cimport Column
from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.frame cimport Progress


cdef cppclass LoadLiquidationColumns:
    Column liquidation_id
    Column account_id
    Column market_id
    Column side
    Column size_lots
    Column filled_lots
    Column limit_price_ticks
    Column deadline_nanos
    Column sliced  # of no rows where none is


cdef void apply_load_liquidations(
    Desk& desk, Progress& progress, const LoadLiquidationColumns& columns
) noexcept nogil
