"""Mark prices: those of a batch are one instant (GD-18, JD-2)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    FIELD_MARKET_ID,
    FIELD_MARK_PRICE_TICKS,
    REJECT_REASON_DUPLICATE_ROW,
)
from riskengine.core.base.refusal cimport Refusal, refuse, refuse_outside
from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk
from riskengine.core.books.market cimport Market
from riskengine.core.commands.frame cimport (
    Progress,
    accept_row,
    refuse_column,
    refuse_row,
    refuse_rows,
)
from riskengine.core.commands.guards cimport refuse_market
from riskengine.core.commands.judgement cimport touch_market
from riskengine.core.index.index cimport Index
from riskengine.core.index.reference cimport fire_relative_marks, note_marks
from riskengine.core.index.watches cimport fire_marks


cdef bint refuse_mark(
    Books& books, int64_t market_id, int64_t mark_price_ticks, int32_t* market, Refusal* refusal
) noexcept nogil:
    """Refuse a mark that the market cannot have, or its second in a command; else set its index.

    Rule GD-18.
    """
    cdef const Market* marked
    if refuse_market(books, market_id, market, refusal):
        return True
    marked = &books.markets[market[0]]
    return refuse_outside(
        refusal, FIELD_MARK_PRICE_TICKS, mark_price_ticks, 1, marked.rules.max_price_ticks
    ) or (
        marked.now.marked_sequence == books.sequence
        and refuse(refusal, REJECT_REASON_DUPLICATE_ROW, FIELD_MARKET_ID, market_id, 0)
    )


cdef void set_mark(Desk& desk, int32_t market, int64_t mark_price_ticks) noexcept nogil:
    """Set a market's mark price. `desk.books.sequence` is the command's already.

    The value of a lot before it is kept: what the command's marks lost an account is told by it.
    """
    cdef Market* marked = &desk.books.markets[market]
    marked.now.marked_sequence = desk.books.sequence
    marked.now.mark_price_ticks = mark_price_ticks
    marked.now.previous_unit_value_atoms = marked.now.unit_value_atoms
    marked.now.unit_value_atoms = mark_price_ticks * marked.rules.multiplier_atoms
    marked.now.awaits_mark = 0
    desk.running.marked_markets.push_back(market)


cdef void touch_marked(Desk& desk, Index& index) noexcept nogil:
    """Touch the accounts that this command's marks, all being set, may have moved (GD-18, JD-2)."""
    cdef size_t i
    if not index.full_scan:
        note_marks(desk, index, <int64_t>desk.running.marked_markets.size())
    for i in range(desk.running.marked_markets.size()):
        if index.full_scan:
            touch_market(desk, desk.running.marked_markets[i])
        else:
            fire_marks(desk, index, desk.running.marked_markets[i])
            fire_relative_marks(desk, index, desk.running.marked_markets[i])
    desk.running.marked_markets.clear()


cdef void apply_marks(
    Desk& desk, Index& index, Progress& progress, const MarkColumns& columns
) noexcept nogil:
    """Set every mark, note what became of each row, then touch whom the marks may have moved."""
    cdef Refusal refusal
    cdef int64_t rows = columns.market_id.rows()
    cdef int64_t row
    cdef int32_t market
    if refuse_column(
        progress, FIELD_MARK_PRICE_TICKS, columns.mark_price_ticks, rows
    ) or refuse_rows(progress, FIELD_MARKET_ID, rows):
        return
    for row in range(rows):
        if refuse_mark(
            desk.books, columns.market_id[row], columns.mark_price_ticks[row], &market, &refusal
        ):
            refuse_row(progress, row, &refusal)
        else:
            set_mark(desk, market, columns.mark_price_ticks[row])
            accept_row(progress)
    touch_marked(desk, index)
