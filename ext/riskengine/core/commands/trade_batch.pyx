"""A batch of trades, column by column; the accounts of coming rows are fetched ahead."""

from libc.stdint cimport int64_t

from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.desk cimport Desk
from riskengine.core.books.lookahead cimport ROWS_TO_ID, Lookahead, look_ahead
from riskengine.core.commands.frame cimport Progress, note_row
from riskengine.core.commands.judgement cimport look_at
from riskengine.core.commands.rows cimport apply_trade
from riskengine.core.commands.trade_guards cimport Trade
from riskengine.core.index.index cimport Index


cdef inline int64_t at(const int64_t* column, int64_t row) noexcept nogil:
    """Return an element of an optional column."""
    return 0 if column == NULL else column[row]


cdef void apply_trades(
    Desk& desk, Index& index, Progress& progress, const TradeColumns* columns
) noexcept nogil:
    """Apply the rows one after the other and note what became of each."""
    cdef Trade trade
    cdef Refusal refusal
    cdef Lookahead ahead
    cdef int64_t row
    for row in range(-ROWS_TO_ID, columns.rows):
        look_ahead(
            desk.books,
            &ahead,
            columns.buyer_account_id,
            columns.seller_account_id,
            row,
            columns.rows,
        )
        if row < 0:
            continue
        trade.market_id = columns.market_id[row]
        trade.buyer_account_id = columns.buyer_account_id[row]
        trade.seller_account_id = columns.seller_account_id[row]
        trade.price_ticks = columns.price_ticks[row]
        trade.size_lots = columns.size_lots[row]
        trade.buyer_fee_atoms = at(columns.buyer_fee_atoms, row)
        trade.seller_fee_atoms = at(columns.seller_fee_atoms, row)
        trade.liquidation_id = at(columns.liquidation_id, row)
        if apply_trade(desk, &trade, &refusal):
            look_at(desk, index, trade.buyer)
            look_at(desk, index, trade.seller)
            note_row(progress, row, True, &refusal)
        else:
            note_row(progress, row, False, &refusal)
