"""The waterfall of one account: step, conclude, finish (docs/SEMANTICS.md section 7).

`step` ends with open orders, a pending retry, or the end of the liquidation. It repeats itself
only after a resolve that closed all that it was asked to, so it ends.
"""

from libc.stddef cimport ptrdiff_t, size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    ACCOUNT_STATE_BANKRUPT,
    ACCOUNT_STATE_LIQUIDATING,
    EVENT_KIND_BAD_DEBT,
    EVENT_KIND_CANCEL_ORDERS,
    EVENT_KIND_LIQUIDATION_ENDED,
    SIDE_SHORT,
)
from riskengine.core.base.fixedpoint cimport greatest, least, magnitude
from riskengine.core.books.state cimport (
    ACCOUNT_RETRY,
    Account,
    Event,
    LiquidationOrder,
    State,
    find_position,
    set_account_state,
)
from riskengine.core.books.timers cimport NANOS_PER_MILLI, add_timer
from riskengine.core.margin.assess cimport Risk, assess, below_ppm, resting_state
from riskengine.core.margin.emit cimport add_risk, emit
from riskengine.core.waterfall.fund cimport pay_debt
from riskengine.core.waterfall.orders cimport forget_orders, issue_order
from riskengine.core.waterfall.plan cimport Plan, list_legs, plan_least_close
from riskengine.core.waterfall.resolve cimport resolve


cdef void retry_after(State& state, int32_t account, int64_t delay_millis) noexcept nogil:
    cdef Account* waiting = &state.accounts[account]
    waiting.retry_nanos = state.time_nanos + delay_millis * NANOS_PER_MILLI
    add_timer(state, waiting.retry_nanos, ACCOUNT_RETRY, waiting.account_id)


cdef bint is_over(State& state, int32_t account) noexcept nogil:
    cdef Risk risk = assess(state, account)
    return (
        state.accounts[account].first_position < 0 or risk.equity_atoms >= risk.maintenance_atoms
    )


cdef void clear_shortfall(State& state, int32_t account) noexcept nogil:
    state.shortfall_accounts -= state.accounts[account].shortfall
    state.accounts[account].shortfall = 0


cdef void forget_bankruptcy(State& state, int32_t account) noexcept nogil:
    """Strike the account off the list of debtors, if it is on it."""
    cdef size_t i
    for i in range(state.bankrupt_accounts.size()):
        if state.bankrupt_accounts[i] == account:
            state.bankrupt_accounts.erase(state.bankrupt_accounts.begin() + <ptrdiff_t>i)
            return


cdef void begin(State& state, int32_t account) noexcept nogil:
    """Begin a liquidation: cancel the account's orders, then take the first step."""
    if state.accounts[account].state == ACCOUNT_STATE_BANKRUPT:
        forget_bankruptcy(state, account)
    set_account_state(state, account, ACCOUNT_STATE_LIQUIDATING)
    state.totals.liquidations_started += 1
    add_risk(emit(state, EVENT_KIND_CANCEL_ORDERS, account), assess(state, account))
    step(state, account)


cdef int64_t held_lots(State& state, int32_t account, int32_t market) noexcept nogil:
    return magnitude(state.positions[find_position(state, account, market)].size_lots)


cdef void resolve_all(State& state, int32_t account) noexcept nogil:
    cdef Plan plan
    cdef int32_t i
    clear_shortfall(state, account)
    list_legs(state, account, &plan)
    for i in range(plan.count):
        resolve(state, account, plan.legs[i].market, plan.legs[i].close_lots)


cdef void reduce_by_orders(State& state, int32_t account) noexcept nogil:
    """Issue orders for the least closes; a leg without a limit price is resolved in whole."""
    cdef Plan plan
    cdef int32_t i, market
    plan_least_close(state, account, state.parameters.liquidation_buffer_ppm, True, &plan)
    for i in range(plan.count):
        if not issue_order(state, account, &plan.legs[i]):
            market = plan.legs[i].market
            resolve(state, account, market, held_lots(state, account, market))


cdef int64_t longest_timeout(State& state, int32_t account) noexcept nogil:
    cdef int64_t longest = 0
    cdef int32_t position = state.accounts[account].first_position
    while position >= 0:
        longest = greatest(
            longest, state.markets[state.positions[position].market].liquidation_timeout_millis
        )
        position = state.positions[position].next_position
    return longest


cdef void step(State& state, int32_t account) noexcept nogil:
    """Take the next step of a liquidating account that has no open orders."""
    while not is_over(state, account):
        if below_ppm(assess(state, account), state.parameters.take_over_ppm):
            resolve_all(state, account)
        else:
            reduce_by_orders(state, account)
            if state.accounts[account].open_orders > 0:
                return
        if state.accounts[account].shortfall and not is_over(state, account):
            retry_after(state, account, longest_timeout(state, account))
            return
    finish(state, account)


cdef int64_t unfilled_rest(State& state, const LiquidationOrder* order) noexcept nogil:
    """Return how much of the order is still there to be closed."""
    cdef int32_t position = find_position(state, order.account, order.market)
    cdef int64_t size
    if position < 0:
        return 0
    size = state.positions[position].size_lots
    if (size > 0) != (order.side == SIDE_SHORT):
        return 0
    return greatest(0, least(order.size_lots - order.filled_lots, magnitude(size)))


cdef void resolve_rests(State& state, int32_t account, int32_t order) noexcept nogil:
    """Resolve the rests of an attempt, oldest order first (the list has the newest first)."""
    cdef int64_t rest
    cdef Risk risk
    if order < 0:
        return
    resolve_rests(state, account, state.orders[order].next_order)
    rest = unfilled_rest(state, &state.orders[order])
    risk = assess(state, account)
    if rest > 0 and risk.equity_atoms < risk.maintenance_atoms:
        resolve(state, account, state.orders[order].market, rest)


cdef int64_t longest_cooldown(State& state, int32_t account) noexcept nogil:
    """Return the longest cooldown of the markets of the attempt's sliced orders."""
    cdef int64_t longest = 0
    cdef int32_t order = state.accounts[account].first_order
    while order >= 0:
        if state.orders[order].sliced:
            longest = greatest(
                longest, state.markets[state.orders[order].market].liquidation_cooldown_millis
            )
        order = state.orders[order].next_order
    return longest


cdef void conclude(State& state, int32_t account) noexcept nogil:
    """Conclude an attempt whose orders have all ended."""
    cdef int64_t cooldown_millis = longest_cooldown(state, account)
    clear_shortfall(state, account)
    resolve_rests(state, account, state.accounts[account].first_order)
    forget_orders(state, account)
    if is_over(state, account):
        finish(state, account)
    elif cooldown_millis > 0:
        retry_after(state, account, cooldown_millis)
    elif state.accounts[account].shortfall:
        retry_after(state, account, longest_timeout(state, account))
    else:
        step(state, account)


cdef void finish(State& state, int32_t account) noexcept nogil:
    """End the liquidation: settle a debt, or go back to normal or margin call."""
    cdef Event* event
    cdef Risk risk
    cdef int32_t to
    state.accounts[account].retry_nanos = 0
    clear_shortfall(state, account)
    if state.accounts[account].first_position < 0 and not pay_debt(state, account):
        if state.accounts[account].state != ACCOUNT_STATE_BANKRUPT:
            set_account_state(state, account, ACCOUNT_STATE_BANKRUPT)
            state.bankrupt_accounts.push_back(account)
        state.totals.bad_debts += 1
        event = emit(state, EVENT_KIND_BAD_DEBT, account)
        event.amount_atoms = -state.accounts[account].balance_atoms
        return
    if state.accounts[account].state == ACCOUNT_STATE_BANKRUPT:
        forget_bankruptcy(state, account)
    risk = assess(state, account)
    to = resting_state(state, risk)
    set_account_state(state, account, to)
    state.totals.liquidations_ended += 1
    event = emit(state, EVENT_KIND_LIQUIDATION_ENDED, account)
    add_risk(event, risk)
    event.state = to
