"""A batch of trades, column by column."""

from libc.stdint cimport int64_t

from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.frame cimport Progress
from riskengine.core.index.index cimport Index


cdef struct TradeColumns:
    int64_t rows
    const int64_t* market_id
    const int64_t* buyer_account_id
    const int64_t* seller_account_id
    const int64_t* price_ticks
    const int64_t* size_lots
    const int64_t* buyer_fee_atoms  # NULL where all are 0, as the next two
    const int64_t* seller_fee_atoms
    const int64_t* liquidation_id


cdef void apply_trades(
    Desk& desk, Index& index, Progress& progress, const TradeColumns* columns
) noexcept nogil
