"""Liquidation orders: issue, fill, cut, end, forget (WF-11 to WF-18, WF-24)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    EVENT_KIND_CANCEL_LIQUIDATION_ORDER,
    EVENT_KIND_LIQUIDATION_FILL,
    EVENT_KIND_LIQUIDATION_ORDER,
    EVENT_KIND_LIQUIDATION_ORDER_ENDED,
    EVENT_KIND_LIQUIDATION_ORDER_REDUCED,
    LIQUIDATION_OUTCOME_FILLED,
    LIQUIDATION_OUTCOME_UNSPECIFIED,
    SIDE_LONG,
    SIDE_SHORT,
    STAGE_ORDER_FILL,
)
from riskengine.core.base.fixedpoint cimport (
    PPM,
    div_ceil,
    greatest,
    int128_t,
    least,
    mul_div_ceil,
)
from riskengine.core.books.books cimport Attempt, Books, Leg, LiquidationOrder, attempt_of, find_leg
from riskengine.core.books.desk cimport Desk, touch
from riskengine.core.books.market cimport Market
from riskengine.core.books.timers cimport NANOS_PER_MILLI, add_deadline
from riskengine.core.events.event cimport Event
from riskengine.core.losses.discount cimport pay_fund
from riskengine.core.margin.assess cimport assess
from riskengine.core.margin.emit cimport add_market, add_risk, count_closed, emit
from riskengine.core.margin.model cimport Risk
from riskengine.core.margin.quotes cimport bankruptcy_quote_ceil, discounted_price, limit_price
from riskengine.core.margin.value cimport lots_value
from riskengine.core.waterfall.late_fills cimport keep_ended

cdef enum:
    LAST_ATTEMPT = 3  # at the book, whatever the market's number: at the bankruptcy price


cdef int32_t find_order(Books& books, int64_t liquidation_id) noexcept nogil:
    """Return the index of an order whose attempt is not concluded, -1 when there is none."""
    cdef int64_t at = liquidation_id - books.directory.oldest_liquidation_id
    if at < 0 or liquidation_id > books.last_liquidation_id:
        return -1
    return books.directory.order_slots[at]


cdef int32_t order_leg(Books& books, const LiquidationOrder* order) noexcept nogil:
    """Return the index of the leg that the order closes; -1 when it is gone."""
    return find_leg(books, order.account, order.market)


cdef int32_t take_order_slot(Books& books) noexcept nogil:
    """Return the index of a slot for an order."""
    cdef int32_t index
    if books.directory.free_orders.empty():
        index = <int32_t>books.orders.size()
        books.orders.resize(books.orders.size() + 1)
        return index
    index = books.directory.free_orders.back()
    books.directory.free_orders.pop_back()
    return index


cdef void list_number(Books& books, int64_t liquidation_id, int32_t order) noexcept nogil:
    """Have the order found by its number, which was issued before; it may be the oldest yet."""
    cdef int64_t at
    cdef int64_t older = books.directory.oldest_liquidation_id - liquidation_id
    if older > 0:
        books.directory.order_slots.insert(
            books.directory.order_slots.begin(), <size_t>older, <int32_t>-1
        )
        books.directory.oldest_liquidation_id = liquidation_id
    at = liquidation_id - books.directory.oldest_liquidation_id
    books.directory.order_slots[<size_t>at] = order


cdef void link_by_number(Books& books, Attempt* attempt, int32_t order) noexcept nogil:
    """List the order among those of the attempt, of which the newest come first."""
    cdef int32_t before = -1
    cdef int32_t after = attempt.first_order
    while (
        after >= 0
        and books.orders[after].liquidation_id > books.orders[order].liquidation_id
    ):
        before = after
        after = books.orders[after].next_order
    books.orders[order].next_order = after
    if before < 0:
        attempt.first_order = order
    else:
        books.orders[before].next_order = order


cdef void adopt_order(Books& books, const LiquidationOrder* made) noexcept nogil:
    """List an open order that was issued elsewhere; its account has an attempt (LD-9)."""
    cdef Attempt* attempt = attempt_of(books, made.account)
    cdef int32_t index = take_order_slot(books)
    books.orders[index] = made[0]
    list_number(books, made.liquidation_id, index)
    link_by_number(books, attempt, index)
    attempt.open_orders += 1
    books.open_orders += 1


cdef int32_t add_order(
    Desk& desk,
    const Close* close,
    int32_t side,
    int64_t limit_price_ticks,
    int64_t deadline_nanos,
    int32_t attempt_number,
) noexcept nogil:
    """Give the planned close the next liquidation id, list it as open and return its index.

    Rule WF-13.
    """
    cdef const Leg* leg = &desk.books.legs[close.leg]
    cdef Attempt* attempt = attempt_of(desk.books, leg.account)
    cdef int32_t index = take_order_slot(desk.books)
    cdef LiquidationOrder* order
    desk.books.last_liquidation_id += 1
    desk.books.directory.order_slots.push_back(index)
    order = &desk.books.orders[index]
    order.liquidation_id = desk.books.last_liquidation_id
    order.size_lots = close.close_lots
    order.filled_lots = 0
    order.limit_price_ticks = limit_price_ticks
    order.deadline_nanos = deadline_nanos
    order.account = leg.account
    order.market = leg.market
    order.side = side
    order.outcome = LIQUIDATION_OUTCOME_UNSPECIFIED
    order.sliced = close.sliced
    order.attempt = attempt_number
    order.cancelling = 0
    order.next_order = attempt.first_order
    attempt.first_order = index
    attempt.open_orders += 1
    desk.books.open_orders += 1
    desk.totals.markets[leg.market].liquidation_orders += 1
    return index


cdef int64_t worst_price(
    Books& books, const Close* close, int32_t attempt_number, Risk risk
) noexcept nogil:
    """Return the limit of an order that closes so much; 0 when a buying one has none.

    The better for the account of its bankruptcy price and the mark less the discount: once in the
    first attempt, twice in the second, any in the third (WF-11, WF-12).
    """
    cdef const Leg* leg = &books.legs[close.leg]
    cdef const Market* market = &books.markets[leg.market]
    cdef int64_t bankruptcy = limit_price(
        market,
        leg.size_lots,
        close.close_lots,
        bankruptcy_quote_ceil(books, close.leg, close.close_lots, risk),
    )
    cdef int64_t discounted
    if attempt_number >= LAST_ATTEMPT:
        return bankruptcy
    discounted = discounted_price(
        market, leg.size_lots, attempt_number * market.rules.discount_ppm
    )
    if leg.size_lots > 0:
        return greatest(bankruptcy, discounted)
    return least(bankruptcy, discounted)


cdef bint issue_order(
    Desk& desk, const Close* close, int32_t attempt_number, Risk risk
) noexcept nogil:
    """Issue an order that closes so much of the leg; False when it has no limit price.

    Rule WF-13.
    """
    cdef const Leg* leg = &desk.books.legs[close.leg]
    cdef const Market* market = &desk.books.markets[leg.market]
    cdef int64_t size = leg.size_lots
    cdef int64_t price = worst_price(desk.books, close, attempt_number, risk)
    cdef int64_t deadline = (
        desk.books.time_nanos + market.rules.liquidation_timeout_millis * NANOS_PER_MILLI
    )
    cdef int32_t side = SIDE_SHORT if size > 0 else SIDE_LONG
    cdef Event* event
    if price == 0:
        return False
    add_order(desk, close, side, price, deadline, attempt_number)
    add_deadline(desk.books, deadline, desk.books.last_liquidation_id)
    event = emit(desk, EVENT_KIND_LIQUIDATION_ORDER, leg.account)
    add_risk(event, risk)
    add_market(desk.books, event, leg.market, size)
    event.liquidation_id = desk.books.last_liquidation_id
    event.attempt = attempt_number
    event.side = side
    event.size_lots = close.close_lots
    event.price_ticks = price
    event.deadline_nanos = deadline
    event.sliced = close.sliced
    return True


cdef int64_t full_fee_ceil(Books& books, int32_t market, int64_t closed_lots) noexcept nogil:
    """Return the liquidation fee for so many lots at mark, in atoms, whoever can pay it (WF-15)."""
    return mul_div_ceil(
        lots_value(&books.markets[market], closed_lots),
        books.markets[market].rules.liquidation_fee_ppm,
        PPM,
    )


cdef int64_t held_lots(Books& books, const LiquidationOrder* order) noexcept nogil:
    """Return how many lots the account holds on the side that the order closes."""
    cdef int32_t leg = order_leg(books, order)
    if leg < 0:
        return 0
    return greatest(
        0, books.legs[leg].size_lots if order.side == SIDE_SHORT else -books.legs[leg].size_lots
    )


cdef Fill describe_fill(
    Books& books, int32_t order_index, int64_t size_lots, int64_t price_ticks
) noexcept nogil:
    """Return a fill of the order by a trade that is not booked yet, with what it will close."""
    cdef const LiquidationOrder* order = &books.orders[order_index]
    cdef Fill fill
    fill.size_lots = size_lots
    fill.price_ticks = price_ticks
    fill.closed_lots = least(size_lots, held_lots(books, order))
    fill.before = assess(books, order.account)
    return fill


cdef int64_t fill_fee(
    Books& books, int32_t market, const Fill* fill, Risk after
) noexcept nogil:
    """Return the fee of a fill that was booked: it never lowers equity / maintenance (WF-15).

    min(ceil(rate * closed notional), max(0, E1 - ceil(max(0, E0) * M1 / M0))), in atoms
    """
    cdef int128_t kept, spare
    if fill.closed_lots == 0:
        return 0
    # maintenance > 0: before the fill there was a leg, of which it closed lots.
    kept = div_ceil(
        <int128_t>greatest(0, fill.before.equity_atoms) * after.maintenance_atoms,
        fill.before.maintenance_atoms,
    )
    spare = after.equity_atoms - kept
    if spare <= 0:
        return 0
    return <int64_t>min(<int128_t>full_fee_ceil(books, market, fill.closed_lots), spare)


cdef void fill_order(Desk& desk, int32_t order_index, const Fill* fill) noexcept nogil:
    """Take note of a fill whose trade was booked and repriced; take the fee (WF-14, WF-15)."""
    cdef LiquidationOrder* order = &desk.books.orders[order_index]
    cdef int32_t account = order.account
    cdef int32_t leg = order_leg(desk.books, order)
    cdef Risk risk = assess(desk.books, account)
    cdef int64_t fee = pay_fund(
        desk, account, order.market, fill_fee(desk.books, order.market, fill, risk)
    )
    cdef Event* event = emit(desk, EVENT_KIND_LIQUIDATION_FILL, account)
    add_risk(event, risk)
    add_market(
        desk.books, event, order.market, 0 if leg < 0 else desk.books.legs[leg].size_lots
    )
    event.liquidation_id = order.liquidation_id
    event.side = order.side
    event.size_lots = fill.size_lots
    event.price_ticks = fill.price_ticks
    event.fee_atoms = fee
    desk.totals.markets[order.market].liquidation_fees_atoms += fee
    count_closed(desk, order.market, fill.size_lots, order.side == SIDE_SHORT, STAGE_ORDER_FILL)
    order.filled_lots += fill.size_lots
    if order.filled_lots >= order.size_lots:
        end_order(desk, order_index, LIQUIDATION_OUTCOME_FILLED)


cdef void fill_ended(Books& books, int64_t liquidation_id, int64_t size_lots) noexcept nogil:
    """Take lots of a late fill off the rest of an order, if that is not closed yet (WF-28)."""
    cdef int32_t index = find_order(books, liquidation_id)
    cdef LiquidationOrder* order
    if index < 0:
        return
    order = &books.orders[index]
    order.filled_lots = least(order.size_lots, order.filled_lots + size_lots)


cdef void cancel_order(Desk& desk, int32_t order_index) noexcept nogil:
    """Have the venue cancel an open order at its deadline; it has until a second one (WF-26)."""
    cdef LiquidationOrder* order = &desk.books.orders[order_index]
    cdef Event* event = emit(desk, EVENT_KIND_CANCEL_LIQUIDATION_ORDER, order.account)
    order.cancelling = 1
    order.deadline_nanos = (
        desk.books.time_nanos + desk.books.parameters.second_term_millis * NANOS_PER_MILLI
    )
    add_deadline(desk.books, order.deadline_nanos, order.liquidation_id)
    event.market_id = desk.books.markets[order.market].rules.market_id
    event.liquidation_id = order.liquidation_id
    event.side = order.side
    event.needed_lots = order.size_lots - order.filled_lots
    event.deadline_nanos = order.deadline_nanos


cdef void end_order(Desk& desk, int32_t order_index, int32_t outcome) noexcept nogil:
    """End an open order and have its account judged; the fund may be asked again (WF-16, WF-25)."""
    cdef LiquidationOrder* order = &desk.books.orders[order_index]
    cdef Event* event = emit(desk, EVENT_KIND_LIQUIDATION_ORDER_ENDED, order.account)
    event.market_id = desk.books.markets[order.market].rules.market_id
    event.liquidation_id = order.liquidation_id
    event.size_lots = order.filled_lots
    event.needed_lots = greatest(0, order.size_lots - order.filled_lots)
    event.outcome = outcome
    order.outcome = outcome
    keep_ended(desk.books, order)
    attempt_of(desk.books, order.account).open_orders -= 1
    attempt_of(desk.books, order.account).asked = 0
    desk.books.open_orders -= 1
    touch(desk, order.account)


cdef void reduce_order(Desk& desk, int32_t order_index, int64_t unfilled_lots) noexcept nogil:
    """Cut an open order, of which so many lots are to be closed from now on (WF-24, WF-28)."""
    cdef LiquidationOrder* order = &desk.books.orders[order_index]
    cdef Event* event = emit(desk, EVENT_KIND_LIQUIDATION_ORDER_REDUCED, order.account)
    order.size_lots = order.filled_lots + unfilled_lots
    event.market_id = desk.books.markets[order.market].rules.market_id
    event.liquidation_id = order.liquidation_id
    event.side = order.side
    event.size_lots = order.size_lots
    event.needed_lots = unfilled_lots


cdef void forget_orders(Books& books, int32_t account) noexcept nogil:
    """Free the ended orders of the account's attempt (WF-18)."""
    cdef int64_t at
    cdef Attempt* attempt = attempt_of(books, account)
    cdef int32_t order = attempt.first_order
    while order >= 0:
        at = books.orders[order].liquidation_id - books.directory.oldest_liquidation_id
        books.directory.order_slots[at] = -1
        books.orders[order].liquidation_id = 0
        books.directory.free_orders.push_back(order)
        order = books.orders[order].next_order
    attempt.first_order = -1
    while not books.directory.order_slots.empty() and books.directory.order_slots.front() < 0:
        books.directory.order_slots.pop_front()
        books.directory.oldest_liquidation_id += 1
