"""Reports of the venue that it is done with a liquidation order (GD-19)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    FIELD_LIQUIDATION_ID,
    LIQUIDATION_OUTCOME_DONE,
    LIQUIDATION_OUTCOME_UNSPECIFIED,
    REJECT_REASON_LIQUIDATION_ENDED,
)
from riskengine.core.base.refusal cimport Refusal, refuse
from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.frame cimport Progress, accept_row, refuse_row, refuse_rows
from riskengine.core.commands.guards cimport refuse_unknown_liquidation
from riskengine.core.waterfall.orders cimport end_order, find_order


cdef bint refuse_report(
    Books& books, int64_t liquidation_id, int32_t* order, Refusal* refusal
) noexcept nogil:
    """Refuse an order that was never issued or has ended; else set its index (GD-19)."""
    if liquidation_id < 1 or liquidation_id > books.last_liquidation_id:
        return refuse_unknown_liquidation(books, liquidation_id, refusal)
    order[0] = find_order(books, liquidation_id)
    return (
        order[0] < 0 or books.orders[order[0]].outcome != LIQUIDATION_OUTCOME_UNSPECIFIED
    ) and refuse(
        refusal, REJECT_REASON_LIQUIDATION_ENDED, FIELD_LIQUIDATION_ID, liquidation_id, 0
    )


cdef void apply_reports(
    Desk& desk, Progress& progress, const Column& liquidation_id
) noexcept nogil:
    """End the named orders and note what became of each row."""
    cdef Refusal refusal
    cdef int64_t row
    cdef int32_t order
    if refuse_rows(progress, FIELD_LIQUIDATION_ID, liquidation_id.rows()):
        return
    for row in range(liquidation_id.rows()):
        if refuse_report(desk.books, liquidation_id[row], &order, &refusal):
            refuse_row(progress, row, &refusal)
        else:
            end_order(desk, order, LIQUIDATION_OUTCOME_DONE)
            accept_row(progress)
