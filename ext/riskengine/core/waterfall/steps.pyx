"""The steps of liquidations: begin, and what is to become of each leg (WF-2 to WF-4, WF-18).

Each leg goes to the book, to the fund at once, or among the needs that holders close at the end of
the pass. All is decided on the numbers with which the pass began.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.base.codes cimport (
    ACCOUNT_STATE_BANKRUPT,
    ACCOUNT_STATE_LIQUIDATING,
    EVENT_KIND_CANCEL_ORDERS,
    LIQUIDATION_OUTCOME_DONE,
    LIQUIDATION_OUTCOME_EXPIRED,
    LIQUIDATION_OUTCOME_REPLACED,
)
from riskengine.core.base.fixedpoint cimport greatest, least, magnitude
from riskengine.core.books.books cimport FUND, Books, LiquidationOrder, attempt_of
from riskengine.core.books.desk cimport Desk, set_account_state, spend_unit
from riskengine.core.losses.need cimport Need
from riskengine.core.margin.emit cimport add_risk, emit
from riskengine.core.margin.thresholds cimport is_bankrupt, is_liquidatable, is_taken_over
from riskengine.core.waterfall.attempts cimport begin_attempt
from riskengine.core.waterfall.late_fills cimport note_further, note_moved
from riskengine.core.waterfall.order_ends cimport open_order_of, order_left_by
from riskengine.core.waterfall.orders cimport (
    end_order,
    forget_orders,
    held_lots,
    issue_order,
    order_leg,
)
from riskengine.core.waterfall.plan cimport Close, Plan, plan_least_close, plan_whole
from riskengine.core.waterfall.round cimport Acting, Loss, Round
from riskengine.core.waterfall.take_over cimport Offer, is_taken, offer, take_over


cdef struct Rest:  # of an order that has ended, still to be closed
    Close close
    int32_t attempt
    int64_t liquidation_id


cdef void begin(Desk& desk, const Acting* acting) noexcept nogil:
    """Begin a liquidation: the account's orders are to be cancelled (JD-10).

    A bankrupt account that is still below zero remains one: nothing of it can wait for the book.
    """
    cdef int32_t account = acting.account
    if desk.books.accounts[account].state == ACCOUNT_STATE_BANKRUPT and is_bankrupt(acting.risk):
        return
    set_account_state(desk, account, ACCOUNT_STATE_LIQUIDATING)
    begin_attempt(desk.books, account)
    desk.totals.engine.liquidations_started += 1
    add_risk(emit(desk, EVENT_KIND_CANCEL_ORDERS, account), acting.risk)


cdef Need* add_need(
    Books& books, Round& round, int32_t order, int32_t leg, int64_t lots, int64_t liquidation_id
) noexcept nogil:
    """List lots that holders are to close, at the mark, and the order that left them, if any.

    The pointer is good until the next.
    """
    cdef Acting* acting = &round.acting[order]
    cdef Need need
    if acting.need_count == 0:
        acting.first_need = round.needs.size()
    acting.need_count += 1
    need.order = order
    need.account = acting.account
    need.market = books.legs[leg].market
    need.leg = leg
    need.size_lots = books.legs[leg].size_lots
    need.needed_lots = lots
    need.liquidation_id = liquidation_id
    need.before = acting.risk
    need.share_atoms = 0
    need.fund_atoms = 0
    need.is_discounted = 0
    need.pairs = 0
    need.closed_lots = 0
    need.booked_lots = 0
    need.released_atoms = 0
    need.discount_atoms = 0
    need.received_atoms = 0
    round.needs.push_back(need)
    return &round.needs.back()


cdef bint give_to_fund(
    Desk& desk, Acting* acting, int32_t leg, int64_t lots, int64_t liquidation_id
) noexcept nogil:
    """Have the fund take lots of a leg over, if it can, and end the leg's order (WF-3, WF-23).

    The order of the given id, if any, left them or goes with them (WF-27).
    """
    cdef Offer offered = offer(desk, leg, lots, acting.risk)
    cdef int32_t order
    if not is_taken(desk, &offered):
        return False
    order = open_order_of(desk.books, acting.account, desk.books.legs[leg].market)
    if order >= 0:
        end_order(desk, order, LIQUIDATION_OUTCOME_REPLACED)
    take_over(desk, &offered, acting.risk)
    spend_unit(desk)
    note_moved(desk.books, liquidation_id, lots)
    acting.taken_lots += lots
    return True


cdef void close_without_book(
    Desk& desk, Round& round, int32_t order, const Close* close, int64_t liquidation_id
) noexcept nogil:
    """Give lots of an account with equity to the fund, or else to holders, less the discount.

    A slice is for the book, which it spares: what no order is out for is closed as a whole.
    """
    cdef int64_t lots = close.unsliced_lots
    if not give_to_fund(desk, &round.acting[order], close.leg, lots, liquidation_id):
        add_need(desk.books, round, order, close.leg, lots, liquidation_id).is_discounted = 1


cdef void close_bankrupt(Desk& desk, Round& round, int32_t order) noexcept nogil:
    """Close all legs of an account below zero: by holders, who bear what the fund did not pay.

    What a fund paid for whole it takes itself, if it can. Orders that ended before leave no rest.
    Rules WF-3, LS-4.
    """
    cdef Acting* acting = &round.acting[order]
    cdef const Loss* loss
    cdef Need* need
    cdef int64_t lots, liquidation_id
    cdef size_t i
    for i in range(acting.first_loss, acting.first_loss + acting.loss_count):
        loss = &round.losses[i]
        if loss.leg < 0:
            continue
        lots = magnitude(desk.books.legs[loss.leg].size_lots)
        liquidation_id = order_left_by(
            desk.books, acting.account, desk.books.legs[loss.leg].market
        )
        if acting.is_paid_whole and give_to_fund(desk, acting, loss.leg, lots, liquidation_id):
            continue
        need = add_need(desk.books, round, order, loss.leg, lots, liquidation_id)
        need.share_atoms = loss.share_atoms
        need.fund_atoms = loss.paid_atoms
    if desk.books.accounts[acting.account].attempt >= 0:
        forget_orders(desk.books, acting.account)


cdef void close_fund(Desk& desk, Round& round, int32_t order) noexcept nogil:
    """Reduce the inventory of a fund that cannot carry it, at the mark (FD-2, FD-3)."""
    cdef Plan plan
    cdef int32_t i
    plan_least_close(
        desk.books, round.acting[order].account, round.acting[order].risk, 0, False, &plan
    )
    for i in range(plan.count):
        add_need(desk.books, round, order, plan.closes[i].leg, plan.closes[i].close_lots, 0)


cdef void ask_fund(Desk& desk, Acting* acting) noexcept nogil:
    """Have the fund take over, whole, each leg that it can; it is asked once (WF-3, WF-25)."""
    cdef Plan plan
    cdef int64_t liquidation_id
    cdef int32_t i, leg
    plan_whole(desk.books, acting.account, &plan)
    for i in range(plan.count):
        leg = plan.closes[i].leg
        liquidation_id = order_left_by(
            desk.books, acting.account, desk.books.legs[leg].market
        )
        give_to_fund(desk, acting, leg, plan.closes[i].close_lots, liquidation_id)
    attempt_of(desk.books, acting.account).asked = 1


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


cdef vector[Rest] collect_rests(Books& books, int32_t account) noexcept nogil:
    """Return what the ended orders of an attempt left, newest first (WF-18)."""
    cdef vector[Rest] rests
    cdef Rest rest
    cdef const LiquidationOrder* order
    cdef int32_t index = attempt_of(books, account).first_order
    while index >= 0:
        order = &books.orders[index]
        index = order.next_order
        if (
            order.outcome != LIQUIDATION_OUTCOME_DONE
            and order.outcome != LIQUIDATION_OUTCOME_EXPIRED
        ):
            continue
        rest.close.close_lots = least(
            order.size_lots - order.filled_lots, held_lots(books, order)
        )
        rest.close.unsliced_lots = rest.close.close_lots
        if rest.close.close_lots > 0:
            rest.close.leg = order_leg(books, order)
            rest.close.market_id = books.markets[order.market].rules.market_id
            rest.close.maintenance_atoms = 0
            rest.close.sliced = order.sliced
            rest.attempt = order.attempt
            rest.liquidation_id = order.liquidation_id
            rests.push_back(rest)
    return rests


cdef void conclude(Desk& desk, Round& round, int32_t order) noexcept nogil:
    """Decide on the rests of an attempt whose orders have all ended, oldest first (WF-18)."""
    cdef Acting* acting = &round.acting[order]
    cdef int32_t account = acting.account
    cdef vector[Rest] rests = collect_rests(desk.books, account)
    cdef Rest* rest
    cdef int64_t attempts
    cdef size_t i
    acting.cooldown_millis = longest_cooldown(desk.books, account)
    forget_orders(desk.books, account)
    for i in range(rests.size()):
        rest = &rests[rests.size() - 1 - i]
        attempts = desk.books.markets[desk.books.legs[rest.close.leg].market].rules.book_attempts
        if rest.attempt < attempts and issue_order(
            desk, &rest.close, rest.attempt + 1, acting.risk
        ):
            note_further(desk.books, rest.liquidation_id, desk.books.last_liquidation_id)
            continue
        close_without_book(desk, round, order, &rest.close, rest.liquidation_id)


cdef void reduce_by_orders(Desk& desk, Round& round, int32_t order) noexcept nogil:
    """Issue orders for the least closes; what has no limit goes on without the book (WF-4)."""
    cdef Acting* acting = &round.acting[order]
    cdef Plan plan
    cdef int32_t i
    plan_least_close(
        desk.books,
        acting.account,
        acting.risk,
        desk.books.parameters.liquidation_buffer_ppm,
        True,
        &plan,
    )
    for i in range(plan.count):
        if not issue_order(desk, &plan.closes[i], 1, acting.risk):
            close_without_book(desk, round, order, &plan.closes[i], 0)


cdef void step_with_equity(Desk& desk, Round& round, int32_t order) noexcept nogil:
    """Take the next step of a liquidating account that has equity (WF-2)."""
    cdef Acting* acting = &round.acting[order]
    cdef int32_t account = acting.account
    if not is_taken_over(desk.books, acting.risk):
        attempt_of(desk.books, account).asked = 0
        if not is_liquidatable(acting.risk):
            return
    elif not attempt_of(desk.books, account).asked:
        ask_fund(desk, acting)
        if acting.taken_lots > 0:
            return
    if attempt_of(desk.books, account).open_orders > 0:
        return
    if attempt_of(desk.books, account).first_order >= 0:
        conclude(desk, round, order)
    elif attempt_of(desk.books, account).retry_nanos == 0:
        reduce_by_orders(desk, round, order)


cdef void step(Desk& desk, Round& round, int32_t order) noexcept nogil:
    """Decide what becomes of a candidate's legs (WF-2, FD-2)."""
    cdef Acting* acting = &round.acting[order]
    if is_bankrupt(acting.risk):
        close_bankrupt(desk, round, order)
    elif desk.books.accounts[acting.account].kind == FUND:
        close_fund(desk, round, order)
    elif desk.books.accounts[acting.account].state == ACCOUNT_STATE_LIQUIDATING:
        step_with_equity(desk, round, order)
