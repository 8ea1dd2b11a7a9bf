"""Trades between two accounts (GD-12 to GD-14, BK-6).

Guards are flat lists in order of precedence; the first that fails refuses the row. The accounts of
coming rows are fetched ahead.
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    EVENT_KIND_TRADE_REPRICED,
    FIELD_BUYER_ACCOUNT_ID,
    FIELD_BUYER_FEE_ATOMS,
    FIELD_LIQUIDATION_ID,
    FIELD_MARKET_ID,
    FIELD_PRICE_TICKS,
    FIELD_SELLER_ACCOUNT_ID,
    FIELD_SELLER_FEE_ATOMS,
    FIELD_SIZE_LOTS,
    LIQUIDATION_OUTCOME_UNSPECIFIED,
    REJECT_REASON_LIQUIDATION_MISMATCH,
    REJECT_REASON_LIQUIDATION_OVERFILL,
    REJECT_REASON_LIQUIDATION_PRICE,
    REJECT_REASON_LIQUIDATION_SIDE,
    REJECT_REASON_SELF_TRADE,
    SIDE_LONG,
    SIDE_SHORT,
)
from riskengine.core.base.fixedpoint cimport greatest, least, magnitude
from riskengine.core.base.refusal cimport (
    Refusal,
    refuse,
    refuse_in_detail,
    refuse_off_step,
    refuse_outside,
)
from riskengine.core.books.booking cimport Booked, preview, settle
from riskengine.core.books.books cimport Books, LiquidationOrder, find_leg
from riskengine.core.books.desk cimport Desk, MarketTotals
from riskengine.core.books.limits cimport MAX_NOTIONAL_ATOMS
from riskengine.core.books.lookahead cimport ROWS_TO_ID, Lookahead, look_ahead
from riskengine.core.books.market cimport Market
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
    lots_held,
    refuse_account,
    refuse_booked,
    refuse_size_and_price,
    refuse_unknown_liquidation,
    refuse_unmarked,
)
from riskengine.core.commands.judgement cimport look_at
from riskengine.core.events.event cimport Event
from riskengine.core.index.index cimport Index
from riskengine.core.margin.assess cimport assess
from riskengine.core.margin.emit cimport add_market, add_risk, emit
from riskengine.core.margin.model cimport Risk
from riskengine.core.margin.value cimport lots_value
from riskengine.core.waterfall.orders cimport Fill, describe_fill, fill_order, find_order


cdef struct Trade:
    int64_t market_id
    int64_t buyer_account_id
    int64_t seller_account_id
    int64_t price_ticks
    int64_t size_lots
    int64_t buyer_fee_atoms
    int64_t seller_fee_atoms
    int64_t liquidation_id
    int32_t market  # dense indices, set by the guard
    int32_t buyer
    int32_t seller
    int32_t order  # -1 when it fills none
    Booked buyer_booked  # what it makes of them, repriced, set by the guard
    Booked seller_booked
    int64_t repriced_atoms  # from the seller to the buyer, negative: the other way


cdef bint refuse_parties(
    Books& books, Trade* trade, int32_t asset, Refusal* refusal
) noexcept nogil:
    """Refuse accounts that do not exist or are one; else set their indices (GD-12)."""
    if refuse_account(
        books, FIELD_BUYER_ACCOUNT_ID, trade.buyer_account_id, asset, &trade.buyer, refusal
    ) or refuse_account(
        books, FIELD_SELLER_ACCOUNT_ID, trade.seller_account_id, asset, &trade.seller, refusal
    ):
        return True
    return trade.buyer == trade.seller and refuse(
        refusal, REJECT_REASON_SELF_TRADE, FIELD_SELLER_ACCOUNT_ID, trade.seller_account_id, 0
    )


cdef bint refuse_fee(Refusal* refusal, int32_t field, int64_t fee_atoms) noexcept nogil:
    """Refuse a fee or rebate beyond the largest notional (BD-8)."""
    return refuse_outside(refusal, field, fee_atoms, -MAX_NOTIONAL_ATOMS, MAX_NOTIONAL_ATOMS)


cdef bint refuse_part_off_step(
    Books& books, const Trade* trade, const Market* market, Refusal* refusal
) noexcept nogil:
    """Refuse a size off the step, unless it closes the whole position of one side (GD-12)."""
    return (
        refuse_off_step(refusal, FIELD_SIZE_LOTS, trade.size_lots, market.rules.size_step_lots)
        and lots_held(books, trade.buyer, trade.market) != -trade.size_lots
        and lots_held(books, trade.seller, trade.market) != trade.size_lots
    )


cdef bint refuse_wrong_side(
    const LiquidationOrder* order, const Trade* trade, Refusal* refusal
) noexcept nogil:
    """Refuse a fill of another market or account, or with its account on the other side (GD-12)."""
    if order.market != trade.market or (
        order.account != trade.buyer and order.account != trade.seller
    ):
        return refuse(
            refusal,
            REJECT_REASON_LIQUIDATION_MISMATCH,
            FIELD_LIQUIDATION_ID,
            trade.liquidation_id,
            0,
        )
    if order.side == SIDE_SHORT:
        return order.account == trade.buyer and refuse_in_detail(
            refusal,
            REJECT_REASON_LIQUIDATION_SIDE,
            FIELD_BUYER_ACCOUNT_ID,
            trade.buyer_account_id,
            order.side,
            trade.liquidation_id,
        )
    return order.account == trade.seller and refuse_in_detail(
        refusal,
        REJECT_REASON_LIQUIDATION_SIDE,
        FIELD_SELLER_ACCOUNT_ID,
        trade.seller_account_id,
        order.side,
        trade.liquidation_id,
    )


cdef inline bint is_worse(int64_t price_ticks, const LiquidationOrder* order) noexcept nogil:
    """Return whether a price is worse for the order's account than its limit."""
    if order.side == SIDE_SHORT:
        return price_ticks < order.limit_price_ticks
    return price_ticks > order.limit_price_ticks


cdef bint refuse_fill(
    const LiquidationOrder* order, const Trade* trade, Refusal* refusal
) noexcept nogil:
    """Refuse a fill of more than is unfilled, or at a price worse than the limit (GD-12)."""
    cdef int64_t unfilled = order.size_lots - order.filled_lots
    if trade.size_lots > unfilled:
        return refuse_in_detail(
            refusal,
            REJECT_REASON_LIQUIDATION_OVERFILL,
            FIELD_SIZE_LOTS,
            trade.size_lots,
            unfilled,
            trade.liquidation_id,
        )
    return is_worse(trade.price_ticks, order) and refuse_in_detail(
        refusal,
        REJECT_REASON_LIQUIDATION_PRICE,
        FIELD_PRICE_TICKS,
        trade.price_ticks,
        order.limit_price_ticks,
        trade.liquidation_id,
    )


cdef bint refuse_liquidation(Books& books, Trade* trade, Refusal* refusal) noexcept nogil:
    """Refuse a fill of an order that was never issued or that it does not fit; find the order.

    Rule GD-12.
    """
    cdef const LiquidationOrder* order
    cdef int64_t named = trade.liquidation_id
    trade.order = -1
    if named == 0:
        return False
    if named < 0 or named > books.last_liquidation_id:
        return refuse_unknown_liquidation(books, named, refusal)
    trade.order = find_order(books, named)
    if trade.order < 0:
        return False
    order = &books.orders[trade.order]
    if order.outcome != LIQUIDATION_OUTCOME_UNSPECIFIED:
        trade.order = -1
        return False
    return refuse_wrong_side(order, trade, refusal) or refuse_fill(order, trade, refusal)


cdef int64_t uncovered(
    Books& books, int32_t account, int64_t fee_atoms, int64_t taken_atoms
) noexcept nogil:
    """Return what of a price's cost to a side leaves it below zero, in atoms (BK-6).

    min(T, max(0, -E)), E after the trade and its fee: a trade takes T and the fee off equity.
    """
    cdef int64_t after = assess(books, account).equity_atoms - taken_atoms - fee_atoms
    return greatest(0, least(taken_atoms, -after))


cdef int64_t reprice(
    Books& books, const Trade* trade, const Market* market, int64_t value_atoms
) noexcept nogil:
    """Return what goes back from the seller to the buyer, or the other way when negative (BK-6).

    Only one side can have a price worse than mark.
    """
    cdef int64_t taken = value_atoms - lots_value(market, trade.size_lots)
    if taken == 0 or not market.rules.reprices_trades:
        return 0
    if taken > 0:
        return uncovered(books, trade.buyer, trade.buyer_fee_atoms, taken)
    return -uncovered(books, trade.seller, trade.seller_fee_atoms, -taken)


cdef bint refuse_sides(
    Books& books, Trade* trade, const Market* market, Refusal* refusal
) noexcept nogil:
    """Refuse a trade that one of its sides cannot book; else set what it makes of them (GD-14).

    What is repriced is part of that, so it is refused with the trade and never cut (BK-6).
    """
    cdef int64_t value = trade.size_lots * trade.price_ticks * market.rules.multiplier_atoms
    trade.repriced_atoms = reprice(books, trade, market, value)
    trade.buyer_booked = preview(books, trade.buyer, trade.market, trade.size_lots, value)
    trade.seller_booked = preview(books, trade.seller, trade.market, -trade.size_lots, -value)
    trade.buyer_booked.balance_change_atoms += trade.repriced_atoms - trade.buyer_fee_atoms
    trade.seller_booked.balance_change_atoms -= trade.repriced_atoms + trade.seller_fee_atoms
    return refuse_booked(
        books,
        trade.buyer,
        market,
        trade.size_lots,
        trade.price_ticks,
        &trade.buyer_booked,
        refusal,
    ) or refuse_booked(
        books,
        trade.seller,
        market,
        trade.size_lots,
        trade.price_ticks,
        &trade.seller_booked,
        refusal,
    )


cdef bint refuse_trade(Books& books, Trade* trade, Refusal* refusal) noexcept nogil:
    """Refuse a trade that cannot be booked; set its indices otherwise (GD-12)."""
    cdef const Market* market
    if refuse_unmarked(books, trade.market_id, &trade.market, refusal):
        return True
    market = &books.markets[trade.market]
    return (
        refuse_parties(books, trade, market.rules.asset, refusal)
        or refuse_size_and_price(market, trade.size_lots, trade.price_ticks, refusal)
        or refuse_part_off_step(books, trade, market, refusal)
        or refuse_fee(refusal, FIELD_BUYER_FEE_ATOMS, trade.buyer_fee_atoms)
        or refuse_fee(refusal, FIELD_SELLER_FEE_ATOMS, trade.seller_fee_atoms)
        or refuse_liquidation(books, trade, refusal)
        or refuse_sides(books, trade, market, refusal)
    )


cdef void tell_repriced(Desk& desk, const Trade* trade) noexcept nogil:
    """Tell what a side that would be below zero got back from the other, and count it (BK-6)."""
    cdef bint is_buyer = trade.repriced_atoms > 0
    cdef int64_t amount = magnitude(trade.repriced_atoms)
    cdef int32_t account = trade.buyer if is_buyer else trade.seller
    cdef int32_t payer = trade.seller if is_buyer else trade.buyer
    cdef int32_t leg = find_leg(desk.books, account, trade.market)
    cdef Risk risk = assess(desk.books, account)
    cdef Event* event = emit(desk, EVENT_KIND_TRADE_REPRICED, account)
    risk.equity_atoms -= amount
    add_risk(event, risk)
    add_market(
        desk.books, event, trade.market, 0 if leg < 0 else desk.books.legs[leg].size_lots
    )
    event.counterparty_account_id = desk.books.accounts[payer].account_id
    event.side = SIDE_LONG if is_buyer else SIDE_SHORT
    event.size_lots = trade.size_lots
    event.price_ticks = trade.price_ticks
    event.amount_atoms = amount
    desk.totals.markets[trade.market].repriced_trades += 1
    desk.totals.markets[trade.market].repriced_atoms += amount


cdef void book_sides(Desk& desk, const Trade* trade) noexcept nogil:
    """Book both sides with their fees, repriced where one would be below zero (GD-13, BK-6)."""
    settle(desk, trade.buyer, trade.market, &trade.buyer_booked)
    settle(desk, trade.seller, trade.market, &trade.seller_booked)
    desk.books.assets[desk.books.markets[trade.market].rules.asset].fees_atoms += (
        trade.buyer_fee_atoms + trade.seller_fee_atoms
    )
    if trade.repriced_atoms != 0:
        tell_repriced(desk, trade)


cdef void book_trade(Desk& desk, Index& index, const Trade* trade) noexcept nogil:
    """Book both sides, fill the liquidation order if it names one, and judge (GD-13)."""
    cdef MarketTotals* totals
    cdef Fill fill
    if trade.order >= 0:
        fill = describe_fill(desk.books, trade.order, trade.size_lots, trade.price_ticks)
        book_sides(desk, trade)
        fill_order(desk, trade.order, &fill)
    else:
        book_sides(desk, trade)
    totals = &desk.totals.markets[trade.market]
    totals.trades += 1
    totals.traded_lots += trade.size_lots
    look_at(desk, index, trade.buyer)
    look_at(desk, index, trade.seller)


cdef bint refuse_columns(Progress& progress, const TradeColumns& columns) noexcept nogil:
    """Refuse columns that do not make a batch (CM-2)."""
    cdef int64_t rows = columns.market_id.rows()
    return (
        refuse_column(progress, FIELD_BUYER_ACCOUNT_ID, columns.buyer_account_id, rows)
        or refuse_column(progress, FIELD_SELLER_ACCOUNT_ID, columns.seller_account_id, rows)
        or refuse_column(progress, FIELD_PRICE_TICKS, columns.price_ticks, rows)
        or refuse_column(progress, FIELD_SIZE_LOTS, columns.size_lots, rows)
        or refuse_optional_column(progress, FIELD_BUYER_FEE_ATOMS, columns.buyer_fee_atoms, rows)
        or refuse_optional_column(progress, FIELD_SELLER_FEE_ATOMS, columns.seller_fee_atoms, rows)
        or refuse_optional_column(progress, FIELD_LIQUIDATION_ID, columns.liquidation_id, rows)
        or refuse_rows(progress, FIELD_MARKET_ID, rows)
    )


cdef void apply_trades(
    Desk& desk, Index& index, Progress& progress, const TradeColumns& columns
) noexcept nogil:
    """Apply the rows one after the other and note what became of each (CM-3)."""
    cdef Trade trade
    cdef Refusal refusal
    cdef Lookahead ahead
    cdef const int64_t* buyers = columns.buyer_account_id.data()
    cdef const int64_t* sellers = columns.seller_account_id.data()
    cdef int64_t rows = columns.market_id.rows()
    cdef int64_t row
    if refuse_columns(progress, columns):
        return
    for row in range(-ROWS_TO_ID, rows):
        look_ahead(desk.books, &ahead, buyers, sellers, row, rows)
        if row < 0:
            continue
        trade.market_id = columns.market_id[row]
        trade.buyer_account_id = buyers[row]
        trade.seller_account_id = sellers[row]
        trade.price_ticks = columns.price_ticks[row]
        trade.size_lots = columns.size_lots[row]
        trade.buyer_fee_atoms = optional(columns.buyer_fee_atoms, row)
        trade.seller_fee_atoms = optional(columns.seller_fee_atoms, row)
        trade.liquidation_id = optional(columns.liquidation_id, row)
        if refuse_trade(desk.books, &trade, &refusal):
            refuse_row(progress, row, &refusal)
        else:
            book_trade(desk, index, &trade)
            accept_row(progress)
