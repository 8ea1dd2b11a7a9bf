"""How a candidate stands after its round: finished, in debt, or waiting (WF-19 to WF-22)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    ACCOUNT_STATE_BANKRUPT,
    EVENT_KIND_LIQUIDATION_ENDED,
)
from riskengine.core.base.fixedpoint cimport greatest
from riskengine.core.books.books cimport FUND, Account, Attempt, Books, attempt_of
from riskengine.core.books.desk cimport Desk, set_account_state, touch
from riskengine.core.books.timers cimport NANOS_PER_MILLI, add_retry
from riskengine.core.events.event cimport Event
from riskengine.core.margin.assess cimport assess
from riskengine.core.margin.emit cimport add_risk, emit
from riskengine.core.margin.model cimport Risk
from riskengine.core.margin.thresholds cimport is_bankrupt, is_liquidatable, resting_state
from riskengine.core.waterfall.attempts cimport end_attempt
from riskengine.core.waterfall.debts cimport list_debtor, tell_debt
from riskengine.core.waterfall.fund cimport pay_debt, payable_of_debt
from riskengine.core.waterfall.orders cimport forget_orders
from riskengine.core.waterfall.round cimport Acting, Loss, Round


cdef void give_up_attempt(Desk& desk, int32_t account) noexcept nogil:
    """End the account's attempt, if it has one; its orders have all ended."""
    if desk.books.accounts[account].attempt >= 0:
        forget_orders(desk.books, account)
        end_attempt(desk.books, account)


cdef void finish(Desk& desk, int32_t account, Risk risk) noexcept nogil:
    """End a liquidation: back to normal, or to a margin call (WF-21)."""
    cdef Event* event
    cdef int32_t to
    give_up_attempt(desk, account)
    to = resting_state(desk.books, desk.books.accounts[account].state, risk)
    set_account_state(desk, account, to)
    desk.totals.engine.liquidations_ended += 1
    event = emit(desk, EVENT_KIND_LIQUIDATION_ENDED, account)
    add_risk(event, risk)
    event.state = to


cdef void leave_debt(Desk& desk, int32_t account, int64_t debt_atoms) noexcept nogil:
    """Tell of a debt that nobody bears, and list its account among the debtors (WF-22)."""
    give_up_attempt(desk, account)
    if desk.books.accounts[account].state != ACCOUNT_STATE_BANKRUPT:
        list_debtor(desk, account)
    tell_debt(desk, account, debt_atoms)


cdef void retry_after(Books& books, int32_t account, int64_t delay_millis) noexcept nogil:
    """Have the account go on by itself after that delay (TM-3)."""
    cdef Attempt* attempt = attempt_of(books, account)
    attempt.retry_nanos = books.time_nanos + delay_millis * NANOS_PER_MILLI
    add_retry(books, attempt.retry_nanos, account)


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


cdef int64_t closed_lots(Round& round, const Acting* acting) noexcept nogil:
    """Return how many lots of the account were closed in the round without the book."""
    cdef int64_t lots = acting.taken_lots
    cdef size_t i
    for i in range(acting.first_need, acting.first_need + acting.need_count):
        lots += round.needs[i].closed_lots
    return lots


cdef void go_on(Desk& desk, Round& round, const Acting* acting) noexcept nogil:
    """Have an account below maintenance, without open orders, go on now or later (WF-19, WF-20).

    One that found nobody tries again after a timeout, as if an order had been out.
    """
    cdef int32_t account = acting.account
    if desk.books.accounts[account].state == ACCOUNT_STATE_BANKRUPT:
        touch(desk, account)
    elif acting.cooldown_millis > 0:
        retry_after(desk.books, account, acting.cooldown_millis)
    elif acting.need_count > 0 and closed_lots(round, acting) == 0:
        retry_after(desk.books, account, longest_timeout(desk.books, account))
    elif attempt_of(desk.books, account).retry_nanos == 0:
        touch(desk, account)


cdef inline bint has_open_orders(Books& books, int32_t account) noexcept nogil:
    """Return whether the account waits for orders."""
    return books.accounts[account].attempt >= 0 and attempt_of(books, account).open_orders > 0


cdef void note_debt_market(Books& books, Round& round, const Acting* acting) noexcept nogil:
    """Have a debt count to the market of whose loss most is unpaid, not to that closed last (ST-3).
    """
    cdef int64_t most = 0
    cdef const Loss* loss
    cdef size_t i
    for i in range(acting.first_loss, acting.first_loss + acting.loss_count):
        loss = &round.losses[i]
        if loss.market >= 0 and loss.share_atoms - loss.paid_atoms > most:
            most = loss.share_atoms - loss.paid_atoms
            books.accounts[acting.account].debt_market = loss.market


cdef void settle(Desk& desk, Round& round, const Acting* acting) noexcept nogil:
    """Finish a candidate, leave its debt, or have it go on (WF-19 to WF-22, FD-4).

    One with open orders waits for them, unless what was closed of it may have ended them.
    """
    cdef int32_t index = acting.account
    cdef const Account* account = &desk.books.accounts[index]
    cdef Risk risk = assess(desk.books, index)
    if account.kind == FUND or has_open_orders(desk.books, index):
        if closed_lots(round, acting) > 0:
            touch(desk, index)
        return
    note_debt_market(desk.books, round, acting)
    if account.first_leg < 0:
        if pay_debt(desk, index, payable_of_debt(desk, index)):
            finish(desk, index, assess(desk.books, index))
        else:
            leave_debt(desk, index, -account.balance_atoms)
    elif is_bankrupt(risk):
        if account.state != ACCOUNT_STATE_BANKRUPT:
            leave_debt(desk, index, -risk.equity_atoms)
    elif is_liquidatable(risk):
        go_on(desk, round, acting)
    else:
        finish(desk, index, risk)
