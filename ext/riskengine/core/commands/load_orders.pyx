"""Loaded liquidation orders, open as they were elsewhere (LD-8, LD-9).

Their accounts are being liquidated: they wait for their orders as for those that are issued here.
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    ACCOUNT_STATE_LIQUIDATING,
    FIELD_ACCOUNT_ID,
    FIELD_DEADLINE_NANOS,
    FIELD_FILLED_LOTS,
    FIELD_LIMIT_PRICE_TICKS,
    FIELD_LIQUIDATION_ID,
    FIELD_MARKET_ID,
    FIELD_SIDE,
    FIELD_SIZE_LOTS,
    FIELD_SLICED,
    LIQUIDATION_OUTCOME_UNSPECIFIED,
    REJECT_REASON_ALREADY_EXISTS,
    REJECT_REASON_NOT_REDUCING,
    REJECT_REASON_UNKNOWN_ENUM,
    SIDE_LONG,
    SIDE_SHORT,
)
from riskengine.core.base.fixedpoint cimport greatest, magnitude
from riskengine.core.base.refusal cimport Refusal, refuse, refuse_in_detail, refuse_outside
from riskengine.core.books.books cimport Books, LiquidationOrder, find_leg
from riskengine.core.books.desk cimport Desk, set_account_state
from riskengine.core.books.limits cimport MAX_ID, MAX_LOADED_LIQUIDATIONS
from riskengine.core.books.market cimport MarketRules
from riskengine.core.books.timers cimport NANOS_PER_MILLI, add_deadline
from riskengine.core.commands.frame cimport (
    Progress,
    accept_row,
    optional,
    refuse_column,
    refuse_optional_column,
    refuse_row,
    refuse_rows,
)
from riskengine.core.commands.guards cimport (
    refuse_account,
    refuse_market,
    refuse_unknown_liquidation,
)
from riskengine.core.waterfall.attempts cimport begin_attempt
from riskengine.core.waterfall.orders cimport adopt_order, find_order


cdef struct LoadedOrder:
    LiquidationOrder order  # its account and market are set by the guard
    int64_t account_id
    int64_t market_id
    int64_t side
    int64_t sliced
    int64_t position_lots  # signed, set by the guard


cdef bint refuse_number(Books& books, int64_t liquidation_id, Refusal* refusal) noexcept nogil:
    """Refuse an id that was not issued elsewhere, is too old, or is an open order's (LD-8)."""
    if not 1 <= liquidation_id <= books.last_liquidation_id:
        return refuse_unknown_liquidation(books, liquidation_id, refusal)
    return refuse_outside(
        refusal,
        FIELD_LIQUIDATION_ID,
        liquidation_id,
        greatest(1, books.last_liquidation_id - MAX_LOADED_LIQUIDATIONS + 1),
        books.last_liquidation_id,
    ) or (
        find_order(books, liquidation_id) >= 0
        and refuse(
            refusal, REJECT_REASON_ALREADY_EXISTS, FIELD_LIQUIDATION_ID, liquidation_id, 0
        )
    )


cdef bint has_order_in(Books& books, int32_t account, int32_t market) noexcept nogil:
    """Return whether the account's attempt, if it has one, has an order in the market."""
    cdef int32_t attempt = books.accounts[account].attempt
    cdef int32_t order = -1 if attempt < 0 else books.attempts[attempt].first_order
    while order >= 0 and books.orders[order].market != market:
        order = books.orders[order].next_order
    return order >= 0


cdef bint refuse_owner(Books& books, LoadedOrder* loaded, Refusal* refusal) noexcept nogil:
    """Refuse a market or account that is none, or has the order already; else set them (LD-8)."""
    if (
        refuse_market(books, loaded.market_id, &loaded.order.market, refusal)
        or refuse_outside(refusal, FIELD_ACCOUNT_ID, loaded.account_id, 1, MAX_ID)
        or refuse_account(
            books,
            FIELD_ACCOUNT_ID,
            loaded.account_id,
            books.markets[loaded.order.market].rules.asset,
            &loaded.order.account,
            refusal,
        )
    ):
        return True
    return has_order_in(books, loaded.order.account, loaded.order.market) and refuse_in_detail(
        refusal,
        REJECT_REASON_ALREADY_EXISTS,
        FIELD_MARKET_ID,
        loaded.market_id,
        0,
        loaded.account_id,
    )


cdef bint refuse_without_position(
    Books& books, LoadedOrder* loaded, Refusal* refusal
) noexcept nogil:
    """Refuse an order of an account that has nothing in the market; else set its lots (LD-8)."""
    cdef int32_t leg = find_leg(books, loaded.order.account, loaded.order.market)
    if leg < 0:
        return refuse_in_detail(
            refusal,
            REJECT_REASON_NOT_REDUCING,
            FIELD_MARKET_ID,
            loaded.market_id,
            0,
            loaded.account_id,
        )
    loaded.position_lots = books.legs[leg].size_lots
    return False


cdef bint refuse_side(const LoadedOrder* loaded, Refusal* refusal) noexcept nogil:
    """Refuse a side that is none, or the one that would make the position grow (LD-8)."""
    cdef int32_t reducing = SIDE_SHORT if loaded.position_lots > 0 else SIDE_LONG
    if loaded.side != SIDE_LONG and loaded.side != SIDE_SHORT:
        return refuse(refusal, REJECT_REASON_UNKNOWN_ENUM, FIELD_SIDE, loaded.side, 0)
    return loaded.side != reducing and refuse_in_detail(
        refusal,
        REJECT_REASON_NOT_REDUCING,
        FIELD_SIDE,
        loaded.side,
        reducing,
        loaded.position_lots,
    )


cdef bint refuse_lots(
    const LoadedOrder* loaded, int64_t max_position_lots, Refusal* refusal
) noexcept nogil:
    """Refuse a size that cannot be, or of which more than the position is unfilled (LD-8)."""
    cdef const LiquidationOrder* order = &loaded.order
    cdef int64_t most
    if refuse_outside(
        refusal, FIELD_SIZE_LOTS, order.size_lots, 1, max_position_lots
    ) or refuse_outside(refusal, FIELD_FILLED_LOTS, order.filled_lots, 0, order.size_lots - 1):
        return True
    most = order.filled_lots + magnitude(loaded.position_lots)
    return order.size_lots > most and refuse_in_detail(
        refusal,
        REJECT_REASON_NOT_REDUCING,
        FIELD_SIZE_LOTS,
        order.size_lots,
        most,
        loaded.position_lots,
    )


cdef int64_t latest_deadline_nanos(Books& books, const MarketRules* rules) noexcept nogil:
    """Return the deadline of an order that would be issued in the market now (WF-13)."""
    return books.time_nanos + rules.liquidation_timeout_millis * NANOS_PER_MILLI


cdef bint refuse_loaded_order(
    Books& books, LoadedOrder* loaded, Refusal* refusal
) noexcept nogil:
    """Refuse an order that cannot be open as it is stated; else set its indices (LD-8)."""
    cdef const LiquidationOrder* order = &loaded.order
    cdef const MarketRules* rules
    if refuse_number(books, order.liquidation_id, refusal) or refuse_owner(
        books, loaded, refusal
    ):
        return True
    rules = &books.markets[order.market].rules
    return (
        refuse_without_position(books, loaded, refusal)
        or refuse_side(loaded, refusal)
        or refuse_lots(loaded, rules.max_position_lots, refusal)
        or refuse_outside(
            refusal, FIELD_LIMIT_PRICE_TICKS, order.limit_price_ticks, 1, rules.max_price_ticks
        )
        or refuse_outside(
            refusal,
            FIELD_DEADLINE_NANOS,
            order.deadline_nanos,
            1,
            latest_deadline_nanos(books, rules),
        )
        or refuse_outside(refusal, FIELD_SLICED, loaded.sliced, 0, 1)
    )


cdef void load_order(Desk& desk, LoadedOrder* loaded) noexcept nogil:
    """Have the account liquidated by the order, which goes on where it was (LD-9)."""
    cdef int32_t account = loaded.order.account
    loaded.order.side = <int32_t>loaded.side
    loaded.order.sliced = <int32_t>loaded.sliced
    loaded.order.outcome = LIQUIDATION_OUTCOME_UNSPECIFIED
    loaded.order.attempt = 1
    loaded.order.cancelling = 0
    if desk.books.accounts[account].attempt < 0:
        set_account_state(desk, account, ACCOUNT_STATE_LIQUIDATING)
        begin_attempt(desk.books, account)
    adopt_order(desk.books, &loaded.order)
    add_deadline(desk.books, loaded.order.deadline_nanos, loaded.order.liquidation_id)


cdef bint refuse_columns(
    Progress& progress, const LoadLiquidationColumns& columns
) noexcept nogil:
    """Refuse columns that do not make a batch (CM-2)."""
    cdef int64_t rows = columns.liquidation_id.rows()
    return (
        refuse_column(progress, FIELD_ACCOUNT_ID, columns.account_id, rows)
        or refuse_column(progress, FIELD_MARKET_ID, columns.market_id, rows)
        or refuse_column(progress, FIELD_SIDE, columns.side, rows)
        or refuse_column(progress, FIELD_SIZE_LOTS, columns.size_lots, rows)
        or refuse_column(progress, FIELD_FILLED_LOTS, columns.filled_lots, rows)
        or refuse_column(
            progress, FIELD_LIMIT_PRICE_TICKS, columns.limit_price_ticks, rows
        )
        or refuse_column(progress, FIELD_DEADLINE_NANOS, columns.deadline_nanos, rows)
        or refuse_optional_column(progress, FIELD_SLICED, columns.sliced, rows)
        or refuse_rows(progress, FIELD_LIQUIDATION_ID, rows)
    )


cdef void apply_load_liquidations(
    Desk& desk, Progress& progress, const LoadLiquidationColumns& columns
) noexcept nogil:
    """Load order by order, and note what became of each row (LD-8, CM-3)."""
    cdef LoadedOrder loaded
    cdef Refusal refusal
    cdef int64_t row
    if refuse_columns(progress, columns):
        return
    for row in range(columns.liquidation_id.rows()):
        loaded.order.liquidation_id = columns.liquidation_id[row]
        loaded.account_id = columns.account_id[row]
        loaded.market_id = columns.market_id[row]
        loaded.side = columns.side[row]
        loaded.order.size_lots = columns.size_lots[row]
        loaded.order.filled_lots = columns.filled_lots[row]
        loaded.order.limit_price_ticks = columns.limit_price_ticks[row]
        loaded.order.deadline_nanos = columns.deadline_nanos[row]
        loaded.sliced = optional(columns.sliced, row)
        if refuse_loaded_order(desk.books, &loaded, &refusal):
            refuse_row(progress, row, &refusal)
        else:
            load_order(desk, &loaded)
            accept_row(progress)
