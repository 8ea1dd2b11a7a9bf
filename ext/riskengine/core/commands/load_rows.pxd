"""Loaded accounts and positions, as they stood elsewhere (LD-4 to LD-7)."""

from riskengine.core.base.column cimport Column
from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.frame cimport Progress


cdef cppclass LoadAccountColumns:
    Column account_id
    Column asset_id
    Column balance_atoms
    Column net_deposits_atoms  # of no rows where each is the balance
    Column debt_market_id  # of no rows where all are 0


cdef cppclass LoadPositionColumns:
    Column account_id
    Column market_id
    Column size_lots
    Column cost_atoms


cdef void apply_load_accounts(
    Desk& desk, Progress& progress, const LoadAccountColumns& columns
) noexcept nogil
cdef void apply_load_positions(
    Desk& desk, Progress& progress, const LoadPositionColumns& columns
) noexcept nogil
