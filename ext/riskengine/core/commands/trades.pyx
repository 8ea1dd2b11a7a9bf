"""Trades between two accounts (GD-12 to GD-14, BK-6).

Guards are flat lists in order of precedence; the first that fails refuses the row. The accounts of
coming rows are fetched ahead.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    EVENT_KIND_LATE_FILL,
    FIELD_BUYER_ACCOUNT_ID,
    FIELD_BUYER_FEE_ATOMS,
    FIELD_LIQUIDATION_ID,
    FIELD_MARKET_ID,
    FIELD_PRICE_TICKS,
    FIELD_SELLER_ACCOUNT_ID,
    FIELD_SELLER_FEE_ATOMS,
    FIELD_SIZE_LOTS,
    REJECT_REASON_SELF_TRADE,
    SIDE_LONG,
    SIDE_SHORT,
    SIDE_UNSPECIFIED,
)
from riskengine.core.base.refusal cimport (
    Refusal,
    refuse,
    refuse_off_step,
    refuse_outside,
)
from riskengine.core.books.booking cimport Booked, preview, settle
from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk, MarketTotals
from riskengine.core.books.limits cimport MAX_NOTIONAL_ATOMS
from riskengine.core.books.lookahead cimport ROWS_TO_ID, Lookahead, look_ahead
from riskengine.core.books.market cimport Market
from riskengine.core.commands.fill_guards cimport fills_whole, is_of_gone, refuse_liquidation
from riskengine.core.commands.frame cimport (
    Progress,
    accept_row,
    optional,
    refuse_column,
    refuse_optional_column,
    refuse_row,
    refuse_rows,
    refuse_venue_columns,
)
from riskengine.core.commands.guards cimport (
    lots_held,
    refuse_account,
    refuse_booked,
    refuse_size_and_price,
    refuse_unmarked,
)
from riskengine.core.commands.judgement cimport look_at
from riskengine.core.commands.repricing cimport reprice, tell_repriced
from riskengine.core.commands.trade cimport Trade
from riskengine.core.events.event cimport Event
from riskengine.core.index.index cimport Index
from riskengine.core.margin.emit cimport emit
from riskengine.core.waterfall.late_fills cimport count_late_fill, last_of_chain
from riskengine.core.waterfall.order_ends cimport cut_further_order
from riskengine.core.waterfall.orders cimport Fill, describe_fill, fill_ended, fill_order


cdef bint refuse_gone(
    Books& books, Trade* trade, int64_t account_id, int32_t side, int32_t* account
) noexcept nogil:
    """Refuse an account that there is not; in the place of one that was closed the fund is a side.

    Rule WF-28.
    """
    if not is_of_gone(books, trade, account_id, side):
        return True
    account[0] = books.markets[trade.market].rules.fund_account
    trade.gone_side = side
    return False


cdef bint refuse_parties(
    Books& books, Trade* trade, int32_t asset, Refusal* refusal
) noexcept nogil:
    """Refuse accounts that do not exist or are one; else set their indices (GD-12)."""
    trade.gone_side = SIDE_UNSPECIFIED
    if refuse_account(
        books, FIELD_BUYER_ACCOUNT_ID, trade.buyer_account_id, asset, &trade.buyer, refusal
    ) and refuse_gone(books, trade, trade.buyer_account_id, SIDE_LONG, &trade.buyer):
        return True
    if refuse_account(
        books, FIELD_SELLER_ACCOUNT_ID, trade.seller_account_id, asset, &trade.seller, refusal
    ) and refuse_gone(books, trade, trade.seller_account_id, SIDE_SHORT, &trade.seller):
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
    """Refuse a size off the step, unless it closes the whole position of one side (GD-12).

    Or all that is unfilled of the order that it names (WF-28).
    """
    return (
        refuse_off_step(refusal, FIELD_SIZE_LOTS, trade.size_lots, market.rules.size_step_lots)
        and lots_held(books, trade.buyer, trade.market) != -trade.size_lots
        and lots_held(books, trade.seller, trade.market) != trade.size_lots
        and not fills_whole(books, trade)
    )


cdef bint refuse_named(Books& books, Trade* trade, Refusal* refusal) noexcept nogil:
    """Refuse a trade that names an order that it does not fit; set who gets which lots of it.

    Rules GD-12, WF-28.
    """
    trade.order = -1
    trade.ended = -1
    trade.fund = -1
    trade.fund_lots = 0
    trade.buyer_lots = trade.size_lots
    trade.seller_lots = trade.size_lots
    return trade.liquidation_id != 0 and refuse_liquidation(books, trade, refusal)


cdef void add_repriced_of_fund(Books& books, Trade* trade) noexcept nogil:
    """Add what the fund pays to the other side of a late fill, or gets from it (BK-6)."""
    cdef bint is_selling = books.ended_orders[<size_t>trade.ended].side == SIDE_SHORT
    cdef Booked* other = &trade.buyer_booked if is_selling else &trade.seller_booked
    cdef Booked* own = &trade.seller_booked if is_selling else &trade.buyer_booked
    if trade.gone_side == SIDE_UNSPECIFIED:
        own = &trade.fund_booked
    other.balance_change_atoms += trade.fund_repriced_atoms
    own.balance_change_atoms -= trade.fund_repriced_atoms


cdef void preview_sides(Books& books, Trade* trade, const Market* market) noexcept nogil:
    """Set what the trade makes of its sides, repriced, and of the fund that has part of it."""
    cdef int64_t price = trade.price_ticks * market.rules.multiplier_atoms
    cdef int64_t fund_lots = trade.fund_lots
    reprice(books, trade, market, price)
    trade.buyer_booked = preview(
        books, trade.buyer, trade.market, trade.buyer_lots, trade.buyer_lots * price
    )
    trade.seller_booked = preview(
        books, trade.seller, trade.market, -trade.seller_lots, -trade.seller_lots * price
    )
    trade.buyer_booked.balance_change_atoms += trade.repriced_atoms - trade.buyer_fee_atoms
    trade.seller_booked.balance_change_atoms -= trade.repriced_atoms + trade.seller_fee_atoms
    if trade.fund >= 0:
        if trade.seller_lots < trade.buyer_lots:
            fund_lots = -fund_lots
        trade.fund_booked = preview(
            books, trade.fund, trade.market, fund_lots, fund_lots * price
        )
    if trade.fund_repriced_atoms != 0:
        add_repriced_of_fund(books, trade)


cdef bint refuse_side(
    Books& books,
    const Trade* trade,
    int32_t account,
    const Market* market,
    const Booked* booked,
    Refusal* refusal,
) noexcept nogil:
    """Refuse a trade that an account cannot book (GD-14)."""
    return refuse_booked(
        books, account, market, trade.size_lots, trade.price_ticks, booked, refusal
    )


cdef bint refuse_sides(
    Books& books, Trade* trade, const Market* market, Refusal* refusal
) noexcept nogil:
    """Refuse a trade that one of its sides cannot book; else set what it makes of them (GD-14).

    What is repriced is part of that, so it is refused with the trade and never cut (BK-6).
    """
    preview_sides(books, trade, market)
    return (
        refuse_side(books, trade, trade.buyer, market, &trade.buyer_booked, refusal)
        or refuse_side(books, trade, trade.seller, market, &trade.seller_booked, refusal)
        or (
            trade.fund >= 0
            and refuse_side(books, trade, trade.fund, market, &trade.fund_booked, refusal)
        )
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
        or refuse_named(books, trade, refusal)
        or refuse_sides(books, trade, market, refusal)
    )


cdef void book_sides(Desk& desk, const Trade* trade) noexcept nogil:
    """Book both sides with their fees, repriced where one would be below zero (GD-13, BK-6)."""
    settle(desk, trade.buyer, trade.market, &trade.buyer_booked)
    settle(desk, trade.seller, trade.market, &trade.seller_booked)
    if trade.fund >= 0:
        settle(desk, trade.fund, trade.market, &trade.fund_booked)
    desk.books.assets[desk.books.markets[trade.market].rules.asset].fees_atoms += (
        trade.buyer_fee_atoms + trade.seller_fee_atoms
    )
    if trade.repriced_atoms != 0 or trade.fund_repriced_atoms != 0:
        tell_repriced(desk, trade)


cdef void tell_late_fill(
    Desk& desk, const Trade* trade, int32_t account, int32_t side
) noexcept nogil:
    """Tell what of a late fill the fund got in the account's place, which may be gone (WF-28)."""
    cdef const Market* market = &desk.books.markets[trade.market]
    cdef Event* event = emit(desk, EVENT_KIND_LATE_FILL, account)
    event.account_id = trade.seller_account_id if side == SIDE_SHORT else trade.buyer_account_id
    event.market_id = trade.market_id
    event.fund_id = market.rules.fund_id
    event.liquidation_id = trade.liquidation_id
    event.counterparty_account_id = desk.books.accounts[market.rules.fund_account].account_id
    event.side = side
    event.size_lots = trade.fund_lots
    event.price_ticks = trade.price_ticks


cdef void note_late_fill(Desk& desk, const Trade* trade) noexcept nogil:
    """Take a late fill off its order, and off the last one for the same lots (WF-28)."""
    cdef int32_t side = desk.books.ended_orders[<size_t>trade.ended].side
    cdef int32_t account = trade.seller if side == SIDE_SHORT else trade.buyer
    cdef int64_t last = last_of_chain(desk.books, trade.ended)
    count_late_fill(desk.books, trade.ended, trade.size_lots)
    fill_ended(desk.books, trade.liquidation_id, trade.size_lots)
    desk.totals.markets[trade.market].late_fills += 1
    if trade.fund_lots > 0:
        tell_late_fill(desk, trade, account, side)
    if last != trade.liquidation_id and trade.fund_lots < trade.size_lots:
        cut_further_order(desk, last, trade.size_lots - trade.fund_lots)


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
        if trade.ended >= 0:
            note_late_fill(desk, trade)
    totals = &desk.totals.markets[trade.market]
    totals.trades += 1
    totals.traded_lots += trade.size_lots
    look_at(desk, index, trade.buyer)
    look_at(desk, index, trade.seller)
    if trade.fund >= 0:
        look_at(desk, index, trade.fund)


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
        or refuse_venue_columns(progress, columns.venue, rows)
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
