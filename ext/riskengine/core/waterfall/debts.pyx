"""Debts that nobody bears: who owes them, until when they wait, and how they end (FD-6 to FD-14).

A debtor is listed as it becomes BANKRUPT. Its fund pays at the end of each command what it can;
what is left when the debt is due is spread over the gains of its asset, if the venue wants that.
"""

from libc.stddef cimport ptrdiff_t, size_t
from libc.stdint cimport int8_t, int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.base.codes cimport (
    ACCOUNT_STATE_BANKRUPT,
    ACCOUNT_STATE_NORMAL,
    EVENT_KIND_BAD_DEBT,
    EVENT_KIND_LIQUIDATION_ENDED,
    EVENT_KIND_LOSS_SPREAD,
)
from riskengine.core.base.expect cimport expect
from riskengine.core.base.fixedpoint cimport greatest, int128_t
from riskengine.core.books.books cimport Books, Debtor
from riskengine.core.books.desk cimport Desk, add_balance, set_account_state, touch
from riskengine.core.books.timers cimport NANOS_PER_MILLI, add_debt_due
from riskengine.core.events.event cimport Event
from riskengine.core.losses.exact_parts cimport exact_parts_by_id
from riskengine.core.losses.spread cimport Gain, gains_of, shares_of_gains
from riskengine.core.margin.assess cimport assess
from riskengine.core.margin.emit cimport add_risk, emit
from riskengine.core.waterfall.fund cimport pay_debt

cdef extern from *:
    """
    static const int64_t RISKENGINE_MOST_SPREAD_ATOMS = (int64_t)1 << 61;
    """
    const int64_t MOST_SPREAD_ATOMS "RISKENGINE_MOST_SPREAD_ATOMS"


cdef inline int64_t waiting_nanos(Books& books) noexcept nogil:
    """Return for how long a debt waits before it is spread; 0: for ever (FD-12)."""
    return books.parameters.spread_after_millis * NANOS_PER_MILLI


cdef inline bint is_due(Books& books, const Debtor* debtor) noexcept nogil:
    """Return whether the debt's time has come (FD-12)."""
    return 0 < debtor.due_nanos <= books.time_nanos


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


cdef void forget_debtor(Books& books, int32_t account) noexcept nogil:
    """Strike the account off the list of debtors, if it is on it."""
    cdef size_t i
    for i in range(books.debtors.size()):
        if books.debtors[i].account == account:
            books.debtors.erase(books.debtors.begin() + <ptrdiff_t>i)
            return


cdef void tell_debt(Desk& desk, int32_t account, int64_t debt_atoms) noexcept nogil:
    """Tell of a debt that nobody bears now (WF-22, FD-13)."""
    desk.totals.engine.bad_debts += 1
    emit(desk, EVENT_KIND_BAD_DEBT, account).amount_atoms = debt_atoms


cdef void end_debt(Desk& desk, int32_t account) noexcept nogil:
    """Have a debtor of whose debt nothing is left be NORMAL; it is still on the list (FD-7)."""
    cdef Event* event
    set_account_state(desk, account, ACCOUNT_STATE_NORMAL)
    desk.totals.engine.liquidations_ended += 1
    event = emit(desk, EVENT_KIND_LIQUIDATION_ENDED, account)
    event.state = ACCOUNT_STATE_NORMAL
    add_risk(event, assess(desk.books, account))


cdef void forget_ended_debts(Books& books) noexcept nogil:
    """Strike those off the list of debtors who are none any more."""
    cdef size_t kept = 0
    cdef size_t i
    for i in range(books.debtors.size()):
        if books.accounts[books.debtors[i].account].state == ACCOUNT_STATE_BANKRUPT:
            books.debtors[kept] = books.debtors[i]
            kept += 1
    books.debtors.resize(kept)


cdef void pay_all_debts(Desk& desk) noexcept nogil:
    """Pay the bankrupt accounts in the order in which they became so (FD-6, FD-7)."""
    cdef size_t i
    cdef int32_t account
    for i in range(desk.books.debtors.size()):
        account = desk.books.debtors[i].account
        if desk.books.accounts[account].first_leg < 0 and pay_debt(desk, account):
            end_debt(desk, account)
    forget_ended_debts(desk.books)


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


cdef void note_due_debts(Books& books) noexcept nogil:
    """Have debts whose time has come wait again that cannot be spread: with positions (FD-12)."""
    cdef Debtor* debtor
    cdef size_t i
    for i in range(books.debtors.size()):
        debtor = &books.debtors[i]
        if is_due(books, debtor) and (
            waiting_nanos(books) == 0 or books.accounts[debtor.account].first_leg >= 0
        ):
            wait_again(books, debtor)


cdef int64_t least_of_three(int128_t debts, int128_t gains, int64_t most) noexcept nogil:
    """Return the least of two sums and the most that is spread at once."""
    cdef int128_t whole = debts if debts < gains else gains
    return <int64_t>whole if whole < most else most


cdef void take_gains(
    Desk& desk, const vector[Gain]& gains, size_t begin, size_t end, int64_t whole_atoms
) noexcept nogil:
    """Have gains pay a whole, and tell each payer (FD-13)."""
    cdef vector[int64_t] parts = shares_of_gains(gains, begin, end, whole_atoms)
    cdef const Gain* gain
    cdef Event* event
    cdef size_t i
    for i in range(parts.size()):
        if parts[i] == 0:
            continue
        gain = &gains[begin + i]
        add_balance(desk, gain.account, -parts[i])
        touch(desk, gain.account)
        event = emit(desk, EVENT_KIND_LOSS_SPREAD, gain.account)
        event.amount_atoms = parts[i]
        add_risk(event, gain.risk)


cdef void give_to_debtors(
    Desk& desk, const vector[size_t]& due, const vector[int64_t]& parts
) noexcept nogil:
    """Give debtors their parts; what is left of a debt is told, and waits again (FD-13)."""
    cdef Debtor* debtor
    cdef int64_t left
    cdef size_t i
    for i in range(due.size()):
        debtor = &desk.books.debtors[due[i]]
        if parts[i] > 0:
            add_balance(desk, debtor.account, parts[i])
        left = -desk.books.accounts[debtor.account].balance_atoms
        if left == 0:
            end_debt(desk, debtor.account)
        else:
            tell_debt(desk, debtor.account, left)
            wait_again(desk.books, debtor)


cdef void spread_in_asset(
    Desk& desk, int32_t asset, const vector[Gain]& gains, size_t begin, size_t end
) noexcept nogil:
    """Spread the debts of an asset that are due over its gains, as far as these go (FD-13).

    Sums have 128 bits, weights 64: so that their product fits, no more than 2^61 atoms are spread
    at once, which is twice what an account can owe; what is beyond waits again.
    """
    cdef vector[size_t] due
    cdef vector[int64_t] debts
    cdef vector[int64_t] ids
    cdef int128_t total_debts = 0
    cdef int128_t total_gains = 0
    cdef int64_t whole
    cdef int32_t account
    cdef size_t i
    for i in range(desk.books.debtors.size()):
        account = desk.books.debtors[i].account
        if desk.books.accounts[account].asset == asset and is_due(
            desk.books, &desk.books.debtors[i]
        ):
            due.push_back(i)
            debts.push_back(-desk.books.accounts[account].balance_atoms)
            expect(debts.back() > 0)
            ids.push_back(desk.books.accounts[account].account_id)
            total_debts += debts.back()
    for i in range(begin, end):
        total_gains += gains[i].gain_atoms
    whole = least_of_three(total_debts, total_gains, MOST_SPREAD_ATOMS)
    desk.totals.assets[asset].spread_atoms += whole
    take_gains(desk, gains, begin, end, whole)
    give_to_debtors(desk, due, exact_parts_by_id(debts, ids, whole))


cdef void spread_debts(Desk& desk) noexcept nogil:
    """Spread what is left of the debts that are due, asset by asset (FD-13)."""
    cdef vector[int8_t] is_asked
    cdef vector[Gain] gains
    cdef size_t begin = 0
    cdef size_t end
    cdef size_t i
    cdef bint is_any = False
    desk.running.are_debts_due = False
    is_asked.resize(desk.books.assets.size(), <int8_t>0)
    for i in range(desk.books.debtors.size()):
        if is_due(desk.books, &desk.books.debtors[i]):
            is_asked[desk.books.accounts[desk.books.debtors[i].account].asset] = 1
            is_any = True
    if not is_any:
        return
    gains = gains_of(desk.books, is_asked)
    for i in range(is_asked.size()):
        end = begin
        while end < gains.size() and gains[end].asset == <int32_t>i:
            end += 1
        if is_asked[i]:
            spread_in_asset(desk, <int32_t>i, gains, begin, end)
        begin = end
    forget_ended_debts(desk.books)
