"""Guards of trades, position updates and orders (docs/SEMANTICS.md section 5).

Each is a flat list in order of precedence; the first that fails refuses the row.
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    FIELD_ACCOUNT_ID,
    FIELD_BUYER_ACCOUNT_ID,
    FIELD_BUYER_FEE_ATOMS,
    FIELD_LIQUIDATION_ID,
    FIELD_MARKET_ID,
    FIELD_PRICE_TICKS,
    FIELD_SELLER_ACCOUNT_ID,
    FIELD_SELLER_FEE_ATOMS,
    FIELD_SIZE_LOTS,
    LIQUIDATION_OUTCOME_UNSPECIFIED,
    REJECT_REASON_CAPACITY,
    REJECT_REASON_LIQUIDATION_MISMATCH,
    REJECT_REASON_NO_MARK_PRICE,
    REJECT_REASON_OVERFLOW,
    REJECT_REASON_SELF_TRADE,
    REJECT_REASON_UNKNOWN_ACCOUNT,
    REJECT_REASON_UNKNOWN_LIQUIDATION,
    REJECT_REASON_UNKNOWN_MARKET,
    SIDE_SHORT,
)
from riskengine.core.base.fixedpoint cimport greatest, magnitude
from riskengine.core.base.id_map cimport id_map_get
from riskengine.core.base.refusal cimport Refusal, refuse, refuse_off_step, refuse_outside
from riskengine.core.books.booking cimport Booked, balance_fits, preview
from riskengine.core.books.state cimport (
    MAX_BALANCE_ATOMS,
    MAX_NOTIONAL_ATOMS,
    MAX_POSITIONS_PER_ACCOUNT,
    MAX_SIDE_TOTAL_LOTS,
    LiquidationOrder,
    Market,
    State,
    find_position,
)
from riskengine.core.waterfall.orders cimport find_order


cdef bint refuse_market(
    State& state, int64_t market_id, int32_t* market, Refusal* refusal
) noexcept nogil:
    """Refuse a market that does not exist or has no mark; else set its index."""
    market[0] = id_map_get(state.market_index, market_id)
    if market[0] < 0:
        return refuse(refusal, REJECT_REASON_UNKNOWN_MARKET, FIELD_MARKET_ID, market_id, 0)
    if state.markets[market[0]].mark_price_ticks == 0:
        return refuse(refusal, REJECT_REASON_NO_MARK_PRICE, FIELD_MARKET_ID, market_id, 0)
    return False


cdef bint refuse_account(
    State& state, int32_t field, int64_t account_id, int32_t* account, Refusal* refusal
) noexcept nogil:
    account[0] = id_map_get(state.account_index, account_id)
    return account[0] < 0 and refuse(
        refusal, REJECT_REASON_UNKNOWN_ACCOUNT, field, account_id, 0
    )


cdef bint refuse_size_and_price(
    State& state, int32_t market_index, int64_t size_lots, int64_t price_ticks, Refusal* refusal
) noexcept nogil:
    """Refuse a price or a size of a trade or order outside its bounds or off its step."""
    cdef const Market* market = &state.markets[market_index]
    return (
        refuse_outside(refusal, FIELD_PRICE_TICKS, price_ticks, 1, market.max_price_ticks)
        or refuse_off_step(refusal, FIELD_PRICE_TICKS, price_ticks, market.price_step_ticks)
        or refuse_outside(refusal, FIELD_SIZE_LOTS, size_lots, 1, market.max_position_lots)
        or refuse_off_step(refusal, FIELD_SIZE_LOTS, size_lots, market.size_step_lots)
    )


cdef bint refuse_position(
    State& state,
    int32_t account,
    int32_t market_index,
    int64_t row_lots,
    int64_t row_price_ticks,
    const Booked* booked,
    Refusal* refusal,
) noexcept nogil:
    """Refuse a row after which a position, its cost or its account would pass a bound."""
    cdef const Market* market = &state.markets[market_index]
    if greatest(market.long_lots, market.short_lots) > MAX_SIDE_TOTAL_LOTS:
        return refuse(
            refusal, REJECT_REASON_OVERFLOW, FIELD_SIZE_LOTS, row_lots, MAX_SIDE_TOTAL_LOTS
        )
    if magnitude(booked.size_lots) > market.max_position_lots:
        return refuse(
            refusal, REJECT_REASON_OVERFLOW, FIELD_SIZE_LOTS, row_lots, market.max_position_lots
        )
    if magnitude(booked.cost_atoms) > MAX_NOTIONAL_ATOMS:
        return refuse(
            refusal, REJECT_REASON_OVERFLOW, FIELD_PRICE_TICKS, row_price_ticks, MAX_NOTIONAL_ATOMS
        )
    if (
        booked.position < 0
        and booked.size_lots != 0
        and state.accounts[account].position_count >= MAX_POSITIONS_PER_ACCOUNT
    ):
        return refuse(
            refusal,
            REJECT_REASON_CAPACITY,
            FIELD_MARKET_ID,
            market.market_id,
            MAX_POSITIONS_PER_ACCOUNT,
        )
    if not balance_fits(state, account, booked.balance_change_atoms):
        return refuse(
            refusal, REJECT_REASON_OVERFLOW, FIELD_PRICE_TICKS, row_price_ticks, MAX_BALANCE_ATOMS
        )
    return False


cdef bint refuse_liquidation(State& state, Trade* trade, Refusal* refusal) noexcept nogil:
    """Refuse a fill of an order that was never issued or does not match; find the order."""
    cdef const LiquidationOrder* order
    cdef int64_t named = trade.liquidation_id
    trade.order = -1
    if named == 0:
        return False
    if named < 0 or named > state.last_liquidation_id:
        return refuse(refusal, REJECT_REASON_UNKNOWN_LIQUIDATION, FIELD_LIQUIDATION_ID, named, 0)
    trade.order = find_order(state, named)
    if trade.order < 0:
        return False
    order = &state.orders[trade.order]
    if order.outcome != LIQUIDATION_OUTCOME_UNSPECIFIED:
        trade.order = -1
        return False
    if order.market != trade.market or order.account != (
        trade.seller if order.side == SIDE_SHORT else trade.buyer
    ):
        return refuse(refusal, REJECT_REASON_LIQUIDATION_MISMATCH, FIELD_LIQUIDATION_ID, named, 0)
    return False


cdef bint refuse_sides(State& state, Trade* trade, Refusal* refusal) noexcept nogil:
    """Refuse a trade that one of its sides cannot book; else set what it makes of them."""
    cdef int64_t value = (
        trade.size_lots * trade.price_ticks * state.markets[trade.market].multiplier_atoms
    )
    trade.buyer_booked = preview(state, trade.buyer, trade.market, trade.size_lots, value)
    trade.seller_booked = preview(state, trade.seller, trade.market, -trade.size_lots, -value)
    trade.buyer_booked.balance_change_atoms -= trade.buyer_fee_atoms
    trade.seller_booked.balance_change_atoms -= trade.seller_fee_atoms
    return refuse_position(
        state,
        trade.buyer,
        trade.market,
        trade.size_lots,
        trade.price_ticks,
        &trade.buyer_booked,
        refusal,
    ) or refuse_position(
        state,
        trade.seller,
        trade.market,
        trade.size_lots,
        trade.price_ticks,
        &trade.seller_booked,
        refusal,
    )


cdef bint refuse_trade(State& state, Trade* trade, Refusal* refusal) noexcept nogil:
    """Refuse a trade that cannot be booked; set its indices otherwise."""
    if refuse_market(state, trade.market_id, &trade.market, refusal):
        return True
    if refuse_account(state, FIELD_BUYER_ACCOUNT_ID, trade.buyer_account_id, &trade.buyer, refusal):
        return True
    if refuse_account(
        state, FIELD_SELLER_ACCOUNT_ID, trade.seller_account_id, &trade.seller, refusal
    ):
        return True
    if trade.buyer == trade.seller:
        return refuse(
            refusal, REJECT_REASON_SELF_TRADE, FIELD_SELLER_ACCOUNT_ID, trade.seller_account_id, 0
        )
    return (
        refuse_size_and_price(state, trade.market, trade.size_lots, trade.price_ticks, refusal)
        or refuse_outside(
            refusal,
            FIELD_BUYER_FEE_ATOMS,
            trade.buyer_fee_atoms,
            -MAX_NOTIONAL_ATOMS,
            MAX_NOTIONAL_ATOMS,
        )
        or refuse_outside(
            refusal,
            FIELD_SELLER_FEE_ATOMS,
            trade.seller_fee_atoms,
            -MAX_NOTIONAL_ATOMS,
            MAX_NOTIONAL_ATOMS,
        )
        or refuse_liquidation(state, trade, refusal)
        or refuse_sides(state, trade, refusal)
    )


cdef bint refuse_delta(
    State& state, const PositionUpdate* update, Refusal* refusal
) noexcept nogil:
    cdef const Market* market = &state.markets[update.market]
    cdef Booked booked
    if refuse_outside(
        refusal, FIELD_PRICE_TICKS, update.price_ticks, 1, market.max_price_ticks
    ) or refuse_off_step(
        refusal, FIELD_PRICE_TICKS, update.price_ticks, market.price_step_ticks
    ):
        return True
    booked = preview(
        state,
        update.account,
        update.market,
        update.size_lots,
        update.size_lots * update.price_ticks * market.multiplier_atoms,
    )
    return refuse_position(
        state, update.account, update.market, update.size_lots, update.price_ticks, &booked, refusal
    )


cdef bint refuse_absolute(
    State& state, const PositionUpdate* update, Refusal* refusal
) noexcept nogil:
    cdef const Market* market = &state.markets[update.market]
    cdef Booked booked
    booked.size_lots = update.size_lots
    booked.cost_atoms = 0
    booked.balance_change_atoms = 0
    booked.position = find_position(state, update.account, update.market)
    if update.size_lots != 0:
        if refuse_outside(
            refusal, FIELD_PRICE_TICKS, update.price_ticks, 1, market.max_price_ticks
        ):
            return True
        booked.cost_atoms = update.size_lots * update.price_ticks * market.multiplier_atoms
    return refuse_position(
        state, update.account, update.market, update.size_lots, update.price_ticks, &booked, refusal
    )


cdef bint refuse_position_update(
    State& state, PositionUpdate* update, Refusal* refusal
) noexcept nogil:
    """Refuse an update that cannot be booked; set its indices otherwise."""
    cdef const Market* market
    if refuse_market(state, update.market_id, &update.market, refusal) or refuse_account(
        state, FIELD_ACCOUNT_ID, update.account_id, &update.account, refusal
    ):
        return True
    market = &state.markets[update.market]
    if not update.is_absolute and update.size_lots == 0:
        return refuse_outside(refusal, FIELD_SIZE_LOTS, 0, 1, 1)
    if refuse_outside(
        refusal,
        FIELD_SIZE_LOTS,
        update.size_lots,
        -market.max_position_lots,
        market.max_position_lots,
    ) or refuse_off_step(refusal, FIELD_SIZE_LOTS, update.size_lots, market.size_step_lots):
        return True
    if update.is_absolute:
        return refuse_absolute(state, update, refusal)
    return refuse_delta(state, update, refusal)
