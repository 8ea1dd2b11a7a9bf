"""Trades between two accounts (GD-12 to GD-14)."""

from riskengine.core.base.column cimport Column
from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.frame cimport Progress, VenueColumns
from riskengine.core.index.index cimport Index


cdef cppclass TradeColumns:
    Column market_id
    Column buyer_account_id
    Column seller_account_id
    Column price_ticks
    Column size_lots
    Column buyer_fee_atoms  # empty where all are 0, as the next two
    Column seller_fee_atoms
    Column liquidation_id
    VenueColumns venue


cdef void apply_trades(
    Desk& desk, Index& index, Progress& progress, const TradeColumns& columns
) noexcept nogil
