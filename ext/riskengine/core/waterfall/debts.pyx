"""Debts that nobody bears: who owes them, until when they wait, and how they end (FD-6 to FD-14).

A debtor is listed as it becomes BANKRUPT. Its fund pays at the end of each command what it can;
what is left when the debt is due is spread over the gains of its asset, if the venue wants that.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int8_t, int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.base.codes cimport (
    ACCOUNT_STATE_BANKRUPT,
    ACCOUNT_STATE_NORMAL,
    EVENT_KIND_BAD_DEBT,
    EVENT_KIND_LIQUIDATION_ENDED,
)
from riskengine.core.base.fixedpoint cimport greatest
from riskengine.core.books.books cimport Books, Debtor, awaits_marks
from riskengine.core.books.desk cimport Desk, set_account_state, take_unit
from riskengine.core.books.timers cimport NANOS_PER_MILLI, add_debt_due
from riskengine.core.events.event cimport Event
from riskengine.core.margin.assess cimport assess
from riskengine.core.margin.emit cimport add_risk, emit
from riskengine.core.waterfall.fund cimport pay_debt, payable_of_debt


cdef inline int64_t waiting_nanos(Books& books) noexcept nogil:
    """Return for how long a debt waits before it is spread; 0: for ever (FD-12)."""
    return books.parameters.spread_after_millis * NANOS_PER_MILLI


cdef void wait_until(Books& books, Debtor* debtor, int64_t time_nanos) noexcept nogil:
    """Have the debt be due at that time (TM-5)."""
    debtor.due_nanos = time_nanos
    add_debt_due(books, time_nanos, debtor.account)


cdef void wait_again(Books& books, Debtor* debtor) noexcept nogil:
    """Have the debt wait once more as long as debts wait now, or for ever (FD-12)."""
    debtor.due_nanos = 0
    if waiting_nanos(books) > 0:
        wait_until(books, debtor, books.time_nanos + waiting_nanos(books))


cdef void list_debtor(Desk& desk, int32_t account) noexcept nogil:
    """Make the account BANKRUPT, since now; when its debt is due is fixed by that (FD-12)."""
    cdef Debtor debtor
    set_account_state(desk, account, ACCOUNT_STATE_BANKRUPT)
    debtor.account = account
    debtor.since_nanos = desk.books.time_nanos
    wait_again(desk.books, &debtor)
    desk.books.debtors.push_back(debtor)


cdef void tell_debt(Desk& desk, int32_t account, int64_t debt_atoms) noexcept nogil:
    """Tell of a debt that nobody bears now (WF-22, FD-13)."""
    desk.totals.engine.bad_debts += 1
    emit(desk, EVENT_KIND_BAD_DEBT, account).amount_atoms = debt_atoms


cdef void end_debt(Desk& desk, int32_t account) noexcept nogil:
    """Have a debtor of whose debt nothing is left be NORMAL (FD-7)."""
    cdef Event* event
    set_account_state(desk, account, ACCOUNT_STATE_NORMAL)
    desk.totals.engine.liquidations_ended += 1
    event = emit(desk, EVENT_KIND_LIQUIDATION_ENDED, account)
    event.state = ACCOUNT_STATE_NORMAL
    add_risk(event, assess(desk.books, account))


cdef void forget_ended_debts(Desk& desk) noexcept nogil:
    """Strike those off the list of debtors who are none any more: all at once, the rest in order.

    So each stage of the work ends that can end debts: none of them makes somebody a debtor again
    whom it struck.
    """
    cdef size_t kept = 0
    cdef size_t i
    if not desk.running.has_ended_debts:
        return
    for i in range(desk.books.debtors.size()):
        if desk.books.accounts[desk.books.debtors[i].account].state == ACCOUNT_STATE_BANKRUPT:
            desk.books.debtors[kept] = desk.books.debtors[i]
            kept += 1
    desk.books.debtors.resize(kept)
    desk.running.has_ended_debts = False


cdef bint pay_debts(Desk& desk, size_t* next_debtor) noexcept nogil:
    """Pay the bankrupt accounts in the order in which they became so; return whether all are asked.

    A unit for each that is paid. A market for whose debts nothing is left is asked once: what is
    paid here only makes less of it. Rules FD-6, FD-7.
    """
    cdef vector[int8_t] is_spent
    cdef int32_t account, market
    cdef int64_t payable
    is_spent.resize(desk.books.markets.size(), <int8_t>0)
    while next_debtor[0] < desk.books.debtors.size():
        account = desk.books.debtors[next_debtor[0]].account
        market = desk.books.accounts[account].debt_market
        if desk.books.accounts[account].first_leg >= 0 or (
            market >= 0 and is_spent[market] and desk.books.accounts[account].balance_atoms < 0
        ):
            next_debtor[0] += 1
            continue
        payable = payable_of_debt(desk, account)
        if payable > 0 and not take_unit(desk):
            return False
        next_debtor[0] += 1
        if pay_debt(desk, account, payable):
            end_debt(desk, account)
        elif market >= 0:
            is_spent[market] = 1
    forget_ended_debts(desk)
    return True


cdef void have_debts_wait(Books& books) noexcept nogil:
    """Give a time to debts that had none, now that debts are spread; others keep theirs (FD-12)."""
    cdef Debtor* debtor
    cdef size_t i
    if waiting_nanos(books) == 0:
        return
    for i in range(books.debtors.size()):
        debtor = &books.debtors[i]
        if debtor.due_nanos == 0:
            wait_until(
                books,
                debtor,
                greatest(books.time_nanos, debtor.since_nanos + waiting_nanos(books)),
            )


cdef void note_due_debts(Desk& desk) noexcept nogil:
    """Have debts whose time has come wait again that cannot be spread (FD-12).

    With positions, or while the marks of their asset are from before the last start (TM-8).
    """
    cdef vector[int8_t] is_early
    cdef Debtor* debtor
    cdef size_t i
    for i in range(desk.books.assets.size()):
        is_early.push_back(awaits_marks(desk.books, <int32_t>i))
    for i in range(desk.books.debtors.size()):
        debtor = &desk.books.debtors[i]
        if is_due(desk, debtor) and (
            waiting_nanos(desk.books) == 0
            or desk.books.accounts[debtor.account].first_leg >= 0
            or is_early[desk.books.accounts[debtor.account].asset]
        ):
            wait_again(desk.books, debtor)
