"""Liquidation orders: issue, fill, end, forget (docs/SEMANTICS.md sections 7.1 to 7.4)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    EVENT_KIND_LIQUIDATION_FILL,
    EVENT_KIND_LIQUIDATION_ORDER,
    EVENT_KIND_LIQUIDATION_ORDER_ENDED,
    LIQUIDATION_OUTCOME_FILLED,
    LIQUIDATION_OUTCOME_UNSPECIFIED,
    SIDE_LONG,
    SIDE_SHORT,
    STAGE_ORDER_FILL,
)
from riskengine.core.base.fixedpoint cimport PPM, greatest, least, mul_div_ceil
from riskengine.core.books.state cimport (
    MAX_BALANCE_ATOMS,
    ORDER_DEADLINE,
    Event,
    LiquidationOrder,
    Market,
    State,
    add_balance,
    find_position,
    touch,
)
from riskengine.core.books.timers cimport NANOS_PER_MILLI, add_timer
from riskengine.core.margin.assess cimport assess, lots_value
from riskengine.core.margin.emit cimport add_market, add_risk, count_closed, emit
from riskengine.core.margin.quotes cimport bankruptcy_quote_ceil, limit_price


cdef int32_t find_order(State& state, int64_t liquidation_id) noexcept nogil:
    """Return the index of an order whose attempt is not concluded, -1 when there is none."""
    cdef int64_t at = liquidation_id - state.oldest_liquidation_id
    if at < 0 or liquidation_id > state.last_liquidation_id:
        return -1
    return state.order_slots[at]


cdef int32_t add_order(State& state, int32_t account, const Leg* leg, int32_t side) noexcept nogil:
    cdef int32_t index
    cdef LiquidationOrder* order
    if state.free_orders.empty():
        index = <int32_t>state.orders.size()
        state.orders.resize(state.orders.size() + 1)
    else:
        index = state.free_orders.back()
        state.free_orders.pop_back()
    state.last_liquidation_id += 1
    state.order_slots.push_back(index)
    order = &state.orders[index]
    order.liquidation_id = state.last_liquidation_id
    order.size_lots = leg.close_lots
    order.filled_lots = 0
    order.account = account
    order.market = leg.market
    order.side = side
    order.outcome = LIQUIDATION_OUTCOME_UNSPECIFIED
    order.sliced = leg.sliced
    order.next_order = state.accounts[account].first_order
    state.accounts[account].first_order = index
    state.accounts[account].open_orders += 1
    state.open_orders += 1
    state.market_totals[leg.market].liquidation_orders += 1
    return index


cdef bint issue_order(State& state, int32_t account, const Leg* leg) noexcept nogil:
    """Issue an order that closes the leg at its bankruptcy price; False when that has no price."""
    cdef const Market* market = &state.markets[leg.market]
    cdef int64_t size = state.positions[find_position(state, account, leg.market)].size_lots
    cdef Risk risk = assess(state, account)
    cdef int64_t price = limit_price(
        market, size, leg.close_lots, bankruptcy_quote_ceil(market, size, leg.close_lots, risk)
    )
    cdef int64_t deadline = (
        state.time_nanos + market.liquidation_timeout_millis * NANOS_PER_MILLI
    )
    cdef int32_t side = SIDE_SHORT if size > 0 else SIDE_LONG
    cdef Event* event
    if price == 0:
        return False
    add_order(state, account, leg, side)
    add_timer(state, deadline, ORDER_DEADLINE, state.last_liquidation_id)
    event = emit(state, EVENT_KIND_LIQUIDATION_ORDER, account)
    add_risk(event, risk)
    add_market(state, event, leg.market, size)
    event.liquidation_id = state.last_liquidation_id
    event.side = side
    event.size_lots = leg.close_lots
    event.price_ticks = price
    event.deadline_nanos = deadline
    event.sliced = leg.sliced
    return True


cdef int64_t take_fee(
    State& state, int32_t account, int32_t market, int64_t closed_lots, int64_t equity_atoms
) noexcept nogil:
    """Move the liquidation fee from the account to the market's fund and return it.

    min(ceil(rate * notional at mark), max(0, equity)): it can never bankrupt (Dango, Drift).
    """
    cdef int32_t fund = state.markets[market].fund_account
    cdef int64_t room = MAX_BALANCE_ATOMS - state.accounts[fund].balance_atoms
    cdef int64_t fee = mul_div_ceil(
        lots_value(&state.markets[market], closed_lots),
        state.markets[market].liquidation_fee_ppm,
        PPM,
    )
    fee = greatest(0, least(least(fee, equity_atoms), room))
    add_balance(state, account, -fee)
    add_balance(state, fund, fee)
    state.market_totals[market].liquidation_fees_atoms += fee
    return fee


cdef void fill_order(
    State& state, int32_t order_index, int64_t size_lots, int64_t price_ticks
) noexcept nogil:
    """Take note of a trade that filled the order and was booked; take the fee."""
    cdef LiquidationOrder* order = &state.orders[order_index]
    cdef int32_t account = order.account
    cdef int32_t position = find_position(state, account, order.market)
    cdef Risk risk = assess(state, account)
    cdef int64_t fee = take_fee(state, account, order.market, size_lots, risk.equity_atoms)
    cdef Event* event = emit(state, EVENT_KIND_LIQUIDATION_FILL, account)
    add_risk(event, risk)
    add_market(
        state, event, order.market, 0 if position < 0 else state.positions[position].size_lots
    )
    event.liquidation_id = order.liquidation_id
    event.side = order.side
    event.size_lots = size_lots
    event.price_ticks = price_ticks
    event.fee_atoms = fee
    count_closed(state, order.market, size_lots, order.side == SIDE_SHORT, STAGE_ORDER_FILL)
    order.filled_lots += size_lots
    if order.filled_lots >= order.size_lots:
        end_order(state, order_index, LIQUIDATION_OUTCOME_FILLED)


cdef void end_order(State& state, int32_t order_index, int32_t outcome) noexcept nogil:
    """End an open order and have its account judged."""
    cdef LiquidationOrder* order = &state.orders[order_index]
    cdef Event* event = emit(state, EVENT_KIND_LIQUIDATION_ORDER_ENDED, order.account)
    event.market_id = state.markets[order.market].market_id
    event.liquidation_id = order.liquidation_id
    event.size_lots = order.filled_lots
    event.needed_lots = greatest(0, order.size_lots - order.filled_lots)
    event.outcome = outcome
    order.outcome = outcome
    state.accounts[order.account].open_orders -= 1
    state.open_orders -= 1
    touch(state, order.account)


cdef void forget_orders(State& state, int32_t account) noexcept nogil:
    """Free the ended orders of the account's attempt."""
    cdef int32_t order = state.accounts[account].first_order
    while order >= 0:
        state.order_slots[state.orders[order].liquidation_id - state.oldest_liquidation_id] = -1
        state.orders[order].liquidation_id = 0
        state.free_orders.push_back(order)
        order = state.orders[order].next_order
    state.accounts[account].first_order = -1
    while not state.order_slots.empty() and state.order_slots.front() < 0:
        state.order_slots.pop_front()
        state.oldest_liquidation_id += 1
