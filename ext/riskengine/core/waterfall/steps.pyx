"""The waterfall of one account: step, conclude, end_liquidation (WF-2 to WF-4, WF-18 to WF-22).

`step` ends with open orders, a pending retry, or the end of the liquidation. It repeats itself
only after a resolve that closed all that it was asked to, so it ends. The account's risk is handed
on, and assessed anew only where something has changed it.
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
from riskengine.core.books.books cimport Attempt, Books, LiquidationOrder, attempt_of
from riskengine.core.books.desk cimport Desk, set_account_state
from riskengine.core.books.timers cimport NANOS_PER_MILLI, add_retry
from riskengine.core.events.event cimport Event
from riskengine.core.losses.queue cimport Queue
from riskengine.core.margin.assess cimport assess
from riskengine.core.margin.emit cimport add_risk, emit
from riskengine.core.margin.model cimport Risk
from riskengine.core.margin.thresholds cimport is_liquidatable, is_taken_over, resting_state
from riskengine.core.waterfall.attempts cimport begin_attempt, clear_shortfall, end_attempt
from riskengine.core.waterfall.fund cimport pay_debt
from riskengine.core.waterfall.orders cimport forget_orders, issue_order, order_leg
from riskengine.core.waterfall.plan cimport Plan, plan_least_close, plan_whole
from riskengine.core.waterfall.resolve cimport resolve


cdef void retry_after(Books& books, int32_t account, int64_t delay_millis) noexcept nogil:
    """Have the account go on by itself after that delay (TM-3)."""
    cdef Attempt* attempt = attempt_of(books, account)
    attempt.retry_nanos = books.time_nanos + delay_millis * NANOS_PER_MILLI
    add_retry(books, attempt.retry_nanos, account)


cdef bint is_over(Books& books, int32_t account, Risk risk) noexcept nogil:
    """Return whether there is nothing left to liquidate: no positions, or equity >= maintenance."""
    return books.accounts[account].first_leg < 0 or not is_liquidatable(risk)


cdef void forget_bankruptcy(Books& books, int32_t account) noexcept nogil:
    """Strike the account off the list of debtors, if it is on it."""
    cdef size_t i
    for i in range(books.bankrupt_accounts.size()):
        if books.bankrupt_accounts[i] == account:
            books.bankrupt_accounts.erase(books.bankrupt_accounts.begin() + <ptrdiff_t>i)
            books.assets[books.accounts[account].asset].bankrupt_accounts -= 1
            return


cdef void begin(Desk& desk, Queue& queue, int32_t account, Risk risk) noexcept nogil:
    """Begin a liquidation: cancel the account's orders, then take the first step (JD-10)."""
    if desk.books.accounts[account].state == ACCOUNT_STATE_BANKRUPT:
        forget_bankruptcy(desk.books, account)
    set_account_state(desk, account, ACCOUNT_STATE_LIQUIDATING)
    begin_attempt(desk.books, account)
    desk.totals.engine.liquidations_started += 1
    add_risk(emit(desk, EVENT_KIND_CANCEL_ORDERS, account), risk)
    step(desk, queue, account, risk)


cdef Risk resolve_all(Desk& desk, Queue& queue, int32_t account, Risk risk) noexcept nogil:
    """Resolve every leg in whole and return the risk afterwards (WF-3)."""
    cdef Plan plan
    cdef int32_t i
    clear_shortfall(desk.books, account)
    plan_whole(desk.books, account, &plan)
    for i in range(plan.count):
        risk = resolve(desk, queue, plan.closes[i].leg, plan.closes[i].close_lots, risk)
    return risk


cdef Risk reduce_by_orders(Desk& desk, Queue& queue, int32_t account, Risk risk) noexcept nogil:
    """Issue orders for the least closes; a leg without a limit price is resolved in whole.

    Returns the risk afterwards. Rule WF-4.
    """
    cdef Plan plan
    cdef int32_t i, leg
    plan_least_close(
        desk.books, account, risk, desk.books.parameters.liquidation_buffer_ppm, True, &plan
    )
    for i in range(plan.count):
        if not issue_order(desk, &plan.closes[i], risk):
            leg = plan.closes[i].leg
            risk = resolve(desk, queue, leg, magnitude(desk.books.legs[leg].size_lots), risk)
    return risk


cdef int64_t longest_timeout(Books& books, int32_t account) noexcept nogil:
    """Return the longest timeout of the markets of the account's positions (WF-20)."""
    cdef int64_t longest = 0
    cdef int32_t leg = books.accounts[account].first_leg
    while leg >= 0:
        longest = greatest(
            longest, books.markets[books.legs[leg].market].rules.liquidation_timeout_millis
        )
        leg = books.legs[leg].next_leg
    return longest


cdef void step(Desk& desk, Queue& queue, int32_t account, Risk risk) noexcept nogil:
    """Take the next step of a liquidating account that has no open orders (WF-2)."""
    while not is_over(desk.books, account, risk):
        if is_taken_over(desk.books, risk):
            risk = resolve_all(desk, queue, account, risk)
        else:
            risk = reduce_by_orders(desk, queue, account, risk)
            if attempt_of(desk.books, account).open_orders > 0:
                return
        if attempt_of(desk.books, account).shortfall and not is_over(desk.books, account, risk):
            retry_after(desk.books, account, longest_timeout(desk.books, account))
            return
    end_liquidation(desk, account, risk)


cdef int64_t unfilled_rest(
    Books& books, const LiquidationOrder* order, int32_t leg
) noexcept nogil:
    """Return how much of the order is still there to be closed on its leg (WF-18)."""
    cdef int64_t size
    if leg < 0:
        return 0
    size = books.legs[leg].size_lots
    if (size > 0) != (order.side == SIDE_SHORT):
        return 0
    return greatest(0, least(order.size_lots - order.filled_lots, magnitude(size)))


cdef Risk resolve_rests(
    Desk& desk, Queue& queue, int32_t account, int32_t order, Risk risk
) noexcept nogil:
    """Resolve the rests of an attempt, oldest order first (the list has the newest first).

    Returns the risk afterwards. Rule WF-18.
    """
    cdef int64_t rest
    cdef int32_t leg
    if order < 0:
        return risk
    risk = resolve_rests(desk, queue, account, desk.books.orders[order].next_order, risk)
    leg = order_leg(desk.books, &desk.books.orders[order])
    rest = unfilled_rest(desk.books, &desk.books.orders[order], leg)
    if rest > 0 and is_liquidatable(risk):
        risk = resolve(desk, queue, leg, rest, risk)
    return risk


cdef int64_t longest_cooldown(Books& books, int32_t account) noexcept nogil:
    """Return the longest cooldown of the markets of the attempt's sliced orders (WF-19)."""
    cdef int64_t longest = 0
    cdef int32_t order = attempt_of(books, account).first_order
    while order >= 0:
        if books.orders[order].sliced:
            longest = greatest(
                longest, books.markets[books.orders[order].market].rules.liquidation_cooldown_millis
            )
        order = books.orders[order].next_order
    return longest


cdef void conclude(Desk& desk, Queue& queue, int32_t account, Risk risk) noexcept nogil:
    """Conclude an attempt whose orders have all ended (WF-18, WF-19)."""
    cdef int64_t cooldown_millis = longest_cooldown(desk.books, account)
    clear_shortfall(desk.books, account)
    risk = resolve_rests(
        desk, queue, account, attempt_of(desk.books, account).first_order, risk
    )
    forget_orders(desk.books, account)
    if is_over(desk.books, account, risk):
        end_liquidation(desk, account, risk)
    elif cooldown_millis > 0:
        retry_after(desk.books, account, cooldown_millis)
    elif attempt_of(desk.books, account).shortfall:
        retry_after(desk.books, account, longest_timeout(desk.books, account))
    else:
        step(desk, queue, account, risk)


cdef void leave_debt(Desk& desk, int32_t account) noexcept nogil:
    """Tell of a debt that the fund cannot pay, and list its account among the debtors (WF-22)."""
    cdef Event* event
    if desk.books.accounts[account].state != ACCOUNT_STATE_BANKRUPT:
        set_account_state(desk, account, ACCOUNT_STATE_BANKRUPT)
        desk.books.bankrupt_accounts.push_back(account)
        desk.books.assets[desk.books.accounts[account].asset].bankrupt_accounts += 1
    desk.totals.engine.bad_debts += 1
    event = emit(desk, EVENT_KIND_BAD_DEBT, account)
    event.amount_atoms = -desk.books.accounts[account].balance_atoms


cdef void end_liquidation(Desk& desk, int32_t account, Risk risk) noexcept nogil:
    """Finish: settle a debt, or go back to normal or margin call (WF-21, WF-22)."""
    cdef Event* event
    cdef int32_t to
    end_attempt(desk.books, account)
    if desk.books.accounts[account].first_leg < 0:
        if not pay_debt(desk, account):
            leave_debt(desk, account)
            return
        risk = assess(desk.books, account)
    if desk.books.accounts[account].state == ACCOUNT_STATE_BANKRUPT:
        forget_bankruptcy(desk.books, account)
    to = resting_state(desk.books, desk.books.accounts[account].state, risk)
    set_account_state(desk, account, to)
    desk.totals.engine.liquidations_ended += 1
    event = emit(desk, EVENT_KIND_LIQUIDATION_ENDED, account)
    add_risk(event, risk)
    event.state = to
