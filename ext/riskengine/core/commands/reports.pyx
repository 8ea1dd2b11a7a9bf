"""Reports of the venue that it is done with a liquidation order (GD-19)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    FIELD_LIQUIDATION_ID,
    LIQUIDATION_OUTCOME_DONE,
    LIQUIDATION_OUTCOME_UNSPECIFIED,
)
from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.frame cimport Progress, accept_row, refuse_row, refuse_rows
from riskengine.core.commands.guards cimport refuse_unknown_liquidation
from riskengine.core.waterfall.orders cimport end_order, find_order


cdef bint refuse_report(
    Books& books, int64_t liquidation_id, Refusal* refusal
) noexcept nogil:
    """Refuse an order that was never issued (GD-19)."""
    return (
        liquidation_id < 1 or liquidation_id > books.last_liquidation_id
    ) and refuse_unknown_liquidation(books, liquidation_id, refusal)


cdef void apply_report(Desk& desk, int64_t liquidation_id) noexcept nogil:
    """End an order; one that has ended stays as it is (GD-19)."""
    cdef int32_t order = find_order(desk.books, liquidation_id)
    if order >= 0 and desk.books.orders[order].outcome == LIQUIDATION_OUTCOME_UNSPECIFIED:
        end_order(desk, order, LIQUIDATION_OUTCOME_DONE)


cdef void apply_reports(
    Desk& desk, Progress& progress, const Column& liquidation_id
) noexcept nogil:
    """End the named orders and note what became of each row."""
    cdef Refusal refusal
    cdef int64_t row
    if refuse_rows(progress, FIELD_LIQUIDATION_ID, liquidation_id.rows()):
        return
    for row in range(liquidation_id.rows()):
        if refuse_report(desk.books, liquidation_id[row], &refusal):
            refuse_row(progress, row, &refusal)
        else:
            apply_report(desk, liquidation_id[row])
            accept_row(progress)
