"""Which open orders end or are cut because of what became of their account (WF-23, WF-24).

Ends are decided before closes, on the numbers with which the pass began, and told in order of id.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.algorithm cimport sort
from libcpp.vector cimport vector

from riskengine.core.base.codes cimport (
    LIQUIDATION_OUTCOME_POSITION_GONE,
    LIQUIDATION_OUTCOME_RECOVERED,
    LIQUIDATION_OUTCOME_REPLACED,
    LIQUIDATION_OUTCOME_UNSPECIFIED,
)
from riskengine.core.books.books cimport Books, LiquidationOrder
from riskengine.core.books.desk cimport Desk
from riskengine.core.margin.model cimport Risk
from riskengine.core.margin.thresholds cimport is_bankrupt, is_recovered
from riskengine.core.waterfall.orders cimport (
    end_order,
    fill_ended,
    find_order,
    held_lots,
    reduce_order,
)
from riskengine.core.waterfall.round cimport Round


cdef struct End:
    int64_t liquidation_id
    int32_t order
    int32_t outcome  # LIQUIDATION_OUTCOME_UNSPECIFIED: it is cut
    int64_t unfilled_lots  # that are left of it then


cdef bint is_older(const End& a, const End& b) noexcept nogil:
    """Order of ends: by liquidation id (WF-23)."""
    return a.liquidation_id < b.liquidation_id


cdef inline int32_t first_order_of(Books& books, int32_t account) noexcept nogil:
    """Return the newest order of the account's attempt, -1 when there is none."""
    cdef int32_t attempt = books.accounts[account].attempt
    return -1 if attempt < 0 else books.attempts[attempt].first_order


cdef inline bint is_too_large(Books& books, const LiquidationOrder* order) noexcept nogil:
    """Return whether more of an open order is unfilled than its account holds (WF-24)."""
    return (
        order.outcome == LIQUIDATION_OUTCOME_UNSPECIFIED
        and order.size_lots - order.filled_lots > held_lots(books, order)
    )


cdef bint exceeds_position(Books& books, int32_t account) noexcept nogil:
    """Return whether an open order of the account could close more than it holds (WF-24)."""
    cdef int32_t order = first_order_of(books, account)
    while order >= 0:
        if is_too_large(books, &books.orders[order]):
            return True
        order = books.orders[order].next_order
    return False


cdef int32_t open_order_of(Books& books, int32_t account, int32_t market) noexcept nogil:
    """Return the account's open order of the market, -1 when there is none; it has at most one."""
    cdef int32_t order = first_order_of(books, account)
    while order >= 0:
        if (
            books.orders[order].market == market
            and books.orders[order].outcome == LIQUIDATION_OUTCOME_UNSPECIFIED
        ):
            return order
        order = books.orders[order].next_order
    return -1


cdef void cut_further_order(Desk& desk, int64_t liquidation_id, int64_t lots) noexcept nogil:
    """Cut an order for what an earlier one left by so many lots, which a fill of that closed.

    Of one that has ended the rest is smaller, as long as it waits to be closed. Rule WF-28.
    """
    cdef int32_t index = find_order(desk.books, liquidation_id)
    cdef const LiquidationOrder* order
    if index < 0:
        return
    order = &desk.books.orders[index]
    if order.outcome != LIQUIDATION_OUTCOME_UNSPECIFIED:
        fill_ended(desk.books, liquidation_id, lots)
    elif lots < order.size_lots - order.filled_lots:
        reduce_order(desk, index, order.size_lots - order.filled_lots - lots)
    else:
        end_order(desk, index, LIQUIDATION_OUTCOME_REPLACED)


cdef int64_t order_left_by(Books& books, int32_t account, int32_t market) noexcept nogil:
    """Return the id of the order of the market whose rest goes with its leg; 0: none (WF-27).

    One of an account that recovered, or whose position went, leaves nothing to be closed.
    """
    cdef int32_t order = first_order_of(books, account)
    cdef int32_t outcome
    while order >= 0:
        outcome = books.orders[order].outcome
        if (
            books.orders[order].market == market
            and outcome != LIQUIDATION_OUTCOME_RECOVERED
            and outcome != LIQUIDATION_OUTCOME_POSITION_GONE
        ):
            return books.orders[order].liquidation_id
        order = books.orders[order].next_order
    return 0


cdef void collect_ends(
    Books& books, int32_t account, Risk risk, vector[End]& ends
) noexcept nogil:
    """Add what becomes of the account's open orders (WF-23, WF-24)."""
    cdef int32_t order = first_order_of(books, account)
    cdef End end
    while order >= 0:
        end.order = order
        end.liquidation_id = books.orders[order].liquidation_id
        end.outcome = LIQUIDATION_OUTCOME_UNSPECIFIED
        end.unfilled_lots = held_lots(books, &books.orders[order])
        if books.orders[order].outcome == LIQUIDATION_OUTCOME_UNSPECIFIED:
            if is_bankrupt(risk):
                end.outcome = LIQUIDATION_OUTCOME_REPLACED
            elif is_recovered(books, risk):
                end.outcome = LIQUIDATION_OUTCOME_RECOVERED
            elif end.unfilled_lots == 0:
                end.outcome = LIQUIDATION_OUTCOME_POSITION_GONE
            if (
                end.outcome != LIQUIDATION_OUTCOME_UNSPECIFIED
                or is_too_large(books, &books.orders[order])
            ):
                ends.push_back(end)
        order = books.orders[order].next_order


cdef void end_orders(Desk& desk, Round& round) noexcept nogil:
    """End or cut the open orders of all candidates for which they are not right any more."""
    cdef vector[End] ends
    cdef size_t i
    for i in range(round.acting.size()):
        collect_ends(desk.books, round.acting[i].account, round.acting[i].risk, ends)
    sort(ends.begin(), ends.end(), &is_older)
    for i in range(ends.size()):
        if ends[i].outcome == LIQUIDATION_OUTCOME_UNSPECIFIED:
            reduce_order(desk, ends[i].order, ends[i].unfilled_lots)
        else:
            end_order(desk, ends[i].order, ends[i].outcome)
