"""One-sided position updates: a delta, or the position as it stands (GD-15 to GD-17).

The market's outside leg is the counterparty.
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    EVENT_KIND_POSITION_MISMATCH,
    FIELD_ACCOUNT_ID,
    FIELD_MARKET_ID,
    FIELD_MODE,
    FIELD_PRICE_TICKS,
    FIELD_SIZE_LOTS,
    POSITION_UPDATE_MODE_ABSOLUTE,
    POSITION_UPDATE_MODE_DELTA,
    REJECT_REASON_UNKNOWN_ENUM,
)
from riskengine.core.base.refusal cimport Refusal, refuse_off_step, refuse_outside
from riskengine.core.books.booking cimport Booked, book, preview, set_leg
from riskengine.core.books.books cimport Books, find_leg
from riskengine.core.books.desk cimport Desk, touch
from riskengine.core.books.market cimport Market
from riskengine.core.commands.frame cimport (
    Progress,
    accept_row,
    refuse_column,
    refuse_row,
    refuse_rows,
    refuse_whole,
)
from riskengine.core.commands.guards cimport (
    lots_held,
    refuse_account,
    refuse_booked,
    refuse_unmarked,
)
from riskengine.core.events.event cimport Event
from riskengine.core.margin.emit cimport emit


cdef struct PositionUpdate:
    int64_t account_id
    int64_t market_id
    int64_t size_lots
    int64_t price_ticks
    bint is_absolute
    int32_t account  # dense indices, set by the guard
    int32_t market


cdef bint refuse_delta(
    Books& books, const PositionUpdate* update, Refusal* refusal
) noexcept nogil:
    """Refuse a delta whose price or outcome is not allowed (GD-15)."""
    cdef const Market* market = &books.markets[update.market]
    cdef Booked booked
    if refuse_outside(
        refusal, FIELD_PRICE_TICKS, update.price_ticks, 1, market.rules.max_price_ticks
    ) or refuse_off_step(
        refusal, FIELD_PRICE_TICKS, update.price_ticks, market.rules.price_step_ticks
    ):
        return True
    booked = preview(
        books,
        update.account,
        update.market,
        update.size_lots,
        update.size_lots * update.price_ticks * market.rules.multiplier_atoms,
    )
    return refuse_booked(
        books, update.account, market, update.size_lots, update.price_ticks, &booked, refusal
    )


cdef bint refuse_absolute(
    Books& books, const PositionUpdate* update, Refusal* refusal
) noexcept nogil:
    """Refuse a stated position whose price, which a flat one does not need, is not allowed.

    Rule GD-15.
    """
    cdef const Market* market = &books.markets[update.market]
    cdef Booked booked
    booked.size_lots = update.size_lots
    booked.cost_atoms = 0
    booked.balance_change_atoms = 0
    booked.leg = find_leg(books, update.account, update.market)
    if update.size_lots != 0:
        if refuse_outside(
            refusal, FIELD_PRICE_TICKS, update.price_ticks, 1, market.rules.max_price_ticks
        ):
            return True
        booked.cost_atoms = update.size_lots * update.price_ticks * market.rules.multiplier_atoms
    return refuse_booked(
        books, update.account, market, update.size_lots, update.price_ticks, &booked, refusal
    )


cdef bint refuse_part_off_step(
    Books& books, const PositionUpdate* update, const Market* market, Refusal* refusal
) noexcept nogil:
    """Refuse a size off the step, unless it is the whole position: closed, or as it is (GD-15)."""
    cdef int64_t held = lots_held(books, update.account, update.market)
    return refuse_off_step(
        refusal, FIELD_SIZE_LOTS, update.size_lots, market.rules.size_step_lots
    ) and update.size_lots != (held if update.is_absolute else -held)


cdef bint refuse_position_update(
    Books& books, PositionUpdate* update, Refusal* refusal
) noexcept nogil:
    """Refuse an update that cannot be booked; set its indices otherwise (GD-15)."""
    cdef const Market* market
    if refuse_unmarked(books, update.market_id, &update.market, refusal) or refuse_account(
        books,
        FIELD_ACCOUNT_ID,
        update.account_id,
        books.markets[update.market].rules.asset,
        &update.account,
        refusal,
    ):
        return True
    market = &books.markets[update.market]
    if not update.is_absolute and update.size_lots == 0:
        return refuse_outside(refusal, FIELD_SIZE_LOTS, 0, 1, 1)
    if refuse_outside(
        refusal,
        FIELD_SIZE_LOTS,
        update.size_lots,
        -market.rules.max_position_lots,
        market.rules.max_position_lots,
    ) or refuse_part_off_step(books, update, market, refusal):
        return True
    if update.is_absolute:
        return refuse_absolute(books, update, refusal)
    return refuse_delta(books, update, refusal)


cdef void report_mismatch(
    Desk& desk, const PositionUpdate* update, int64_t engine_lots
) noexcept nogil:
    """Tell that the stated position differs from the engine's (GD-17)."""
    cdef Event* event = emit(desk, EVENT_KIND_POSITION_MISMATCH, update.account)
    event.market_id = update.market_id
    event.position_lots = engine_lots
    event.stated_lots = update.size_lots
    desk.totals.engine.position_mismatches += 1


cdef void book_delta(Desk& desk, const PositionUpdate* update) noexcept nogil:
    """Book what the account acquired from outside (GD-16)."""
    cdef Market* market = &desk.books.markets[update.market]
    cdef int64_t paid_atoms = update.size_lots * update.price_ticks * market.rules.multiplier_atoms
    book(desk, update.account, update.market, update.size_lots, paid_atoms)
    market.now.outside_lots -= update.size_lots
    market.now.outside_cost_atoms -= paid_atoms


cdef void book_absolute(Desk& desk, const PositionUpdate* update) noexcept nogil:
    """Make the position the stated one, at the stated price, if its size differs (GD-17)."""
    cdef Market* market = &desk.books.markets[update.market]
    cdef int32_t leg = find_leg(desk.books, update.account, update.market)
    cdef int64_t held_lots = 0
    cdef int64_t held_cost = 0
    cdef int64_t cost_atoms = 0
    if leg >= 0:
        held_lots = desk.books.legs[leg].size_lots
        held_cost = desk.books.legs[leg].cost_atoms
    if held_lots == update.size_lots:
        return
    if update.size_lots != 0:
        cost_atoms = update.size_lots * update.price_ticks * market.rules.multiplier_atoms
    set_leg(desk, update.account, update.market, update.size_lots, cost_atoms)
    market.now.outside_lots -= update.size_lots - held_lots
    market.now.outside_cost_atoms -= cost_atoms - held_cost
    report_mismatch(desk, update, held_lots)


cdef bint refuse_columns(Progress& progress, const PositionColumns& columns) noexcept nogil:
    """Refuse columns that do not make a batch, or an unknown mode (CM-2)."""
    cdef int64_t rows = columns.account_id.rows()
    if (
        refuse_column(progress, FIELD_MARKET_ID, columns.market_id, rows)
        or refuse_column(progress, FIELD_SIZE_LOTS, columns.size_lots, rows)
        or refuse_column(progress, FIELD_PRICE_TICKS, columns.price_ticks, rows)
        or refuse_rows(progress, FIELD_ACCOUNT_ID, rows)
    ):
        return True
    if columns.mode not in (POSITION_UPDATE_MODE_DELTA, POSITION_UPDATE_MODE_ABSOLUTE):
        refuse_whole(progress, REJECT_REASON_UNKNOWN_ENUM, FIELD_MODE, columns.mode, 0)
        return True
    return False


cdef void apply_position_updates(
    Desk& desk, Progress& progress, const PositionColumns& columns
) noexcept nogil:
    """Apply the rows one after the other and note what became of each (CM-3)."""
    cdef PositionUpdate update
    cdef Refusal refusal
    cdef int64_t row
    if refuse_columns(progress, columns):
        return
    update.is_absolute = columns.mode == POSITION_UPDATE_MODE_ABSOLUTE
    for row in range(columns.account_id.rows()):
        update.account_id = columns.account_id[row]
        update.market_id = columns.market_id[row]
        update.size_lots = columns.size_lots[row]
        update.price_ticks = columns.price_ticks[row]
        if refuse_position_update(desk.books, &update, &refusal):
            refuse_row(progress, row, &refusal)
            continue
        if update.is_absolute:
            book_absolute(desk, &update)
        else:
            book_delta(desk, &update)
        touch(desk, update.account)
        accept_row(progress)
