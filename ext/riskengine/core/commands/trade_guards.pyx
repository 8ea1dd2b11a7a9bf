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
from riskengine.core.books.books cimport Books, LiquidationOrder, find_leg
from riskengine.core.books.limits cimport (
    MAX_BALANCE_ATOMS,
    MAX_LEGS_PER_ACCOUNT,
    MAX_NOTIONAL_ATOMS,
    MAX_SIDE_TOTAL_LOTS,
)
from riskengine.core.books.market cimport Market
from riskengine.core.waterfall.orders cimport find_order


cdef bint refuse_market(
    Books& books, int64_t market_id, int32_t* market, Refusal* refusal
) noexcept nogil:
    """Refuse a market that does not exist or has no mark; else set its index."""
    market[0] = id_map_get(books.directory.market_index, market_id)
    if market[0] < 0:
        return refuse(refusal, REJECT_REASON_UNKNOWN_MARKET, FIELD_MARKET_ID, market_id, 0)
    if books.markets[market[0]].now.mark_price_ticks == 0:
        return refuse(refusal, REJECT_REASON_NO_MARK_PRICE, FIELD_MARKET_ID, market_id, 0)
    return False


cdef bint refuse_account(
    Books& books, int32_t field, int64_t account_id, int32_t* account, Refusal* refusal
) noexcept nogil:
    account[0] = id_map_get(books.directory.account_index, account_id)
    return account[0] < 0 and refuse(
        refusal, REJECT_REASON_UNKNOWN_ACCOUNT, field, account_id, 0
    )


cdef bint refuse_size_and_price(
    Books& books, int32_t market_index, int64_t size_lots, int64_t price_ticks, Refusal* refusal
) noexcept nogil:
    """Refuse a price or a size of a trade or order outside its bounds or off its step."""
    cdef const Market* market = &books.markets[market_index]
    return (
        refuse_outside(refusal, FIELD_PRICE_TICKS, price_ticks, 1, market.rules.max_price_ticks)
        or refuse_off_step(refusal, FIELD_PRICE_TICKS, price_ticks, market.rules.price_step_ticks)
        or refuse_outside(refusal, FIELD_SIZE_LOTS, size_lots, 1, market.rules.max_position_lots)
        or refuse_off_step(refusal, FIELD_SIZE_LOTS, size_lots, market.rules.size_step_lots)
    )


cdef bint refuse_position(
    Books& books,
    int32_t account,
    int32_t market_index,
    int64_t row_lots,
    int64_t row_price_ticks,
    const Booked* booked,
    Refusal* refusal,
) noexcept nogil:
    """Refuse a row after which a position, its cost or its account would pass a bound."""
    cdef const Market* market = &books.markets[market_index]
    if greatest(market.now.long_lots, market.now.short_lots) > MAX_SIDE_TOTAL_LOTS:
        return refuse(
            refusal, REJECT_REASON_OVERFLOW, FIELD_SIZE_LOTS, row_lots, MAX_SIDE_TOTAL_LOTS
        )
    if magnitude(booked.size_lots) > market.rules.max_position_lots:
        return refuse(
            refusal,
            REJECT_REASON_OVERFLOW,
            FIELD_SIZE_LOTS,
            row_lots,
            market.rules.max_position_lots,
        )
    if magnitude(booked.cost_atoms) > MAX_NOTIONAL_ATOMS:
        return refuse(
            refusal, REJECT_REASON_OVERFLOW, FIELD_PRICE_TICKS, row_price_ticks, MAX_NOTIONAL_ATOMS
        )
    if (
        booked.leg < 0
        and booked.size_lots != 0
        and books.accounts[account].leg_count >= MAX_LEGS_PER_ACCOUNT
    ):
        return refuse(
            refusal,
            REJECT_REASON_CAPACITY,
            FIELD_MARKET_ID,
            market.rules.market_id,
            MAX_LEGS_PER_ACCOUNT,
        )
    if not balance_fits(books, account, booked.balance_change_atoms):
        return refuse(
            refusal, REJECT_REASON_OVERFLOW, FIELD_PRICE_TICKS, row_price_ticks, MAX_BALANCE_ATOMS
        )
    return False


cdef bint refuse_liquidation(Books& books, Trade* trade, Refusal* refusal) noexcept nogil:
    """Refuse a fill of an order that was never issued or does not match; find the order."""
    cdef const LiquidationOrder* order
    cdef int64_t named = trade.liquidation_id
    trade.order = -1
    if named == 0:
        return False
    if named < 0 or named > books.last_liquidation_id:
        return refuse(refusal, REJECT_REASON_UNKNOWN_LIQUIDATION, FIELD_LIQUIDATION_ID, named, 0)
    trade.order = find_order(books, named)
    if trade.order < 0:
        return False
    order = &books.orders[trade.order]
    if order.outcome != LIQUIDATION_OUTCOME_UNSPECIFIED:
        trade.order = -1
        return False
    if order.market != trade.market or order.account != (
        trade.seller if order.side == SIDE_SHORT else trade.buyer
    ):
        return refuse(refusal, REJECT_REASON_LIQUIDATION_MISMATCH, FIELD_LIQUIDATION_ID, named, 0)
    return False


cdef bint refuse_sides(Books& books, Trade* trade, Refusal* refusal) noexcept nogil:
    """Refuse a trade that one of its sides cannot book; else set what it makes of them."""
    cdef int64_t value = (
        trade.size_lots * trade.price_ticks * books.markets[trade.market].rules.multiplier_atoms
    )
    trade.buyer_booked = preview(books, trade.buyer, trade.market, trade.size_lots, value)
    trade.seller_booked = preview(books, trade.seller, trade.market, -trade.size_lots, -value)
    trade.buyer_booked.balance_change_atoms -= trade.buyer_fee_atoms
    trade.seller_booked.balance_change_atoms -= trade.seller_fee_atoms
    return refuse_position(
        books,
        trade.buyer,
        trade.market,
        trade.size_lots,
        trade.price_ticks,
        &trade.buyer_booked,
        refusal,
    ) or refuse_position(
        books,
        trade.seller,
        trade.market,
        trade.size_lots,
        trade.price_ticks,
        &trade.seller_booked,
        refusal,
    )


cdef bint refuse_trade(Books& books, Trade* trade, Refusal* refusal) noexcept nogil:
    """Refuse a trade that cannot be booked; set its indices otherwise."""
    if refuse_market(books, trade.market_id, &trade.market, refusal):
        return True
    if refuse_account(books, FIELD_BUYER_ACCOUNT_ID, trade.buyer_account_id, &trade.buyer, refusal):
        return True
    if refuse_account(
        books, FIELD_SELLER_ACCOUNT_ID, trade.seller_account_id, &trade.seller, refusal
    ):
        return True
    if trade.buyer == trade.seller:
        return refuse(
            refusal, REJECT_REASON_SELF_TRADE, FIELD_SELLER_ACCOUNT_ID, trade.seller_account_id, 0
        )
    return (
        refuse_size_and_price(books, trade.market, trade.size_lots, trade.price_ticks, refusal)
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
        or refuse_liquidation(books, trade, refusal)
        or refuse_sides(books, trade, refusal)
    )


cdef bint refuse_delta(
    Books& books, const PositionUpdate* update, Refusal* refusal
) noexcept nogil:
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
    return refuse_position(
        books, update.account, update.market, update.size_lots, update.price_ticks, &booked, refusal
    )


cdef bint refuse_absolute(
    Books& books, const PositionUpdate* update, Refusal* refusal
) noexcept nogil:
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
    return refuse_position(
        books, update.account, update.market, update.size_lots, update.price_ticks, &booked, refusal
    )


cdef bint refuse_position_update(
    Books& books, PositionUpdate* update, Refusal* refusal
) noexcept nogil:
    """Refuse an update that cannot be booked; set its indices otherwise."""
    cdef const Market* market
    if refuse_market(books, update.market_id, &update.market, refusal) or refuse_account(
        books, FIELD_ACCOUNT_ID, update.account_id, &update.account, refusal
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
    ) or refuse_off_step(refusal, FIELD_SIZE_LOTS, update.size_lots, market.rules.size_step_lots):
        return True
    if update.is_absolute:
        return refuse_absolute(books, update, refusal)
    return refuse_delta(books, update, refusal)
