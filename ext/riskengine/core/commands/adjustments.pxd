"""Balances that are adjusted, each with a reason and somebody on the other side (MN-6, MN-7)."""

from riskengine.core.base.column cimport Column
from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.frame cimport Progress


cdef cppclass AdjustmentColumns:
    Column account_id
    Column asset_id
    Column amount_atoms
    Column reason
    Column payer
    Column fund_id  # of no rows where all are 0, as the next
    Column isolated_market_id


cdef void apply_adjustments(
    Desk& desk, Progress& progress, const AdjustmentColumns& columns
) noexcept nogil
