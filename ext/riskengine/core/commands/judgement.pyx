"""Judgement of the accounts that a command touched (JD-1 to JD-10).

Nothing here depends on the order in which accounts were touched: margin calls are made in order
of name, liquidations riskiest first.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.algorithm cimport sort
from libcpp.vector cimport vector

from riskengine.core.base.codes cimport (
    ACCOUNT_STATE_BANKRUPT,
    ACCOUNT_STATE_LIQUIDATING,
    LIQUIDATION_OUTCOME_UNSPECIFIED,
)
from riskengine.core.base.fixedpoint cimport greatest
from riskengine.core.books.books cimport (
    FUND,
    Account,
    Attempt,
    Books,
    LiquidationOrder,
    comes_before,
    is_in_liquidation,
    is_open,
    name_of,
)
from riskengine.core.books.desk cimport Desk, mark_stale, review, touch
from riskengine.core.books.timers cimport NANOS_PER_MILLI
from riskengine.core.commands.state cimport State
from riskengine.core.commands.work cimport Case, Work
from riskengine.core.index.bands cimport arm
from riskengine.core.index.index cimport Index
from riskengine.core.margin.assess cimport assess
from riskengine.core.margin.model cimport Risk
from riskengine.core.margin.thresholds cimport (
    health_ppm,
    is_bankrupt,
    is_liquidatable,
    is_recovered,
    is_taken_over,
    resting_state,
)
from riskengine.core.waterfall.order_ends cimport exceeds_position


cdef bint is_riskier(const Case& a, const Case& b) noexcept nogil:
    """Order of decisions: health ascending, maintenance descending, name ascending (JD-4)."""
    if a.health_ppm != b.health_ppm:
        return a.health_ppm < b.health_ppm
    if a.risk.maintenance_atoms != b.risk.maintenance_atoms:
        return a.risk.maintenance_atoms > b.risk.maintenance_atoms
    return comes_before(a.name, b.name)


cdef bint has_lower_name(const Case& a, const Case& b) noexcept nogil:
    """Order of margin calls: by name (JD-3)."""
    return comes_before(a.name, b.name)


cdef void touch_market(Desk& desk, int32_t market) noexcept nogil:
    """Touch every account with a position in the market."""
    cdef size_t i
    for i in range(desk.books.directory.market_legs[market].size()):
        touch(desk, desk.books.legs[desk.books.directory.market_legs[market][i]].account)


cdef void review_market(Desk& desk, int32_t market) noexcept nogil:
    """Have every account with a position in the market judged, for a unit each (WK-1)."""
    cdef size_t i
    for i in range(desk.books.directory.market_legs[market].size()):
        review(desk, desk.books.legs[desk.books.directory.market_legs[market][i]].account)


cdef void review_all(Desk& desk) noexcept nogil:
    """Have every account judged, for a unit each (WK-1)."""
    cdef size_t i
    for i in range(desk.books.accounts.size()):
        if is_open(desk.books, <int32_t>i):
            review(desk, <int32_t>i)


cdef bint is_liquidating_candidate(
    Books& books, int32_t index, const Account* account, Risk risk
) noexcept nogil:
    """Return whether an account that is LIQUIDATING is to go on now, not to wait (JD-7)."""
    cdef const Attempt* attempt = &books.attempts[account.attempt]
    if is_bankrupt(risk) or is_taken_over(books, risk) != (attempt.asked != 0):
        return True
    if attempt.open_orders > 0:
        return is_recovered(books, risk) or exceeds_position(books, index)
    return attempt.first_order >= 0 or attempt.retry_nanos == 0 or not is_liquidatable(risk)


cdef bint is_candidate(
    Books& books, int32_t index, const Account* account, Risk risk
) noexcept nogil:
    """Return whether something is to be done about the account (JD-6 to JD-9)."""
    if account.kind == FUND:
        return account.first_leg >= 0 and is_liquidatable(risk)
    if account.state == ACCOUNT_STATE_LIQUIDATING:
        return is_liquidating_candidate(books, index, account, risk)
    if account.state == ACCOUNT_STATE_BANKRUPT:
        return account.first_leg >= 0 or account.balance_atoms >= 0
    return is_liquidatable(risk)


cdef bint changes_call(Books& books, const Account* account, Risk risk) noexcept nogil:
    """Return whether an account that is no candidate gets a margin call, or comes out of it.

    Rule JD-3.
    """
    return (
        account.kind != FUND
        and not is_in_liquidation(account)
        and account.state != resting_state(books, account.state, risk)
    )


cdef void judge_account(State& state, int32_t index) noexcept nogil:
    """List the account among those that are to be called or acted on, as it stands now (JD-3).

    One about which nothing is to be done is watched at once.
    """
    cdef Account* account = &state.desk.books.accounts[index]
    cdef Case case
    account.touched = 0
    case.account = index
    case.risk = assess(state.desk.books, index)
    if is_candidate(state.desk.books, index, account, case.risk):
        case.health_ppm = health_ppm(case.risk)
        case.name = name_of(state.desk.books, index)
        state.work.candidates.push_back(case)
        mark_stale(state.desk, index)
    elif changes_call(state.desk.books, account, case.risk):
        case.name = name_of(state.desk.books, index)
        state.work.calls.push_back(case)
        mark_stale(state.desk, index)
    else:
        account.stale = 0
        if not state.index.full_scan:
            arm(state.desk.books, state.index, index, case.risk)


cdef void sort_cases(Work& work) noexcept nogil:
    """Put whom a pass calls in order of name, and on whom it acts riskiest first (JD-3, JD-4)."""
    sort(work.calls.begin(), work.calls.end(), &has_lower_name)
    sort(work.candidates.begin(), work.candidates.end(), &is_riskier)


cdef void look_at(Desk& desk, Index& index, int32_t account) noexcept nogil:
    """Judge an account that a row has changed: at once if there is nothing to do.

    What is found now holds until a later row changes the account, and then it is looked at again;
    so only accounts on which a judgement would act have to wait for the end of the command.
    """
    cdef Account* seen = &desk.books.accounts[account]
    cdef Risk risk
    if seen.touched:
        return
    risk = assess(desk.books, account)
    if is_candidate(desk.books, account, seen, risk) or changes_call(desk.books, seen, risk):
        touch(desk, account)
        return
    seen.stale = 0
    if not index.full_scan:
        arm(desk.books, index, account, risk)


cdef void forget_touched(Books& books, vector[int32_t]& listed) noexcept nogil:
    """Have nobody judged who is listed."""
    cdef size_t i
    for i in range(listed.size()):
        books.accounts[listed[i]].touched = 0
    listed.clear()


cdef void judge_nobody(Desk& desk) noexcept nogil:
    """Forget who was touched or changed: while the venue is loaded nobody is judged or watched.

    Going live has everybody judged. Rule LD-3.
    """
    cdef size_t i
    forget_touched(desk.books, desk.running.touched_accounts)
    forget_touched(desk.books, desk.running.reviewed_accounts)
    for i in range(desk.running.stale_accounts.size()):
        desk.books.accounts[desk.running.stale_accounts[i]].stale = 0
    desk.running.stale_accounts.clear()


cdef void arm_changed(Desk& desk, Index& index, int32_t account) noexcept nogil:
    """Set the watches of an account that has changed, unless it is to be judged again."""
    cdef Account* changed = &desk.books.accounts[account]
    if changed.touched or not changed.stale:
        return
    changed.stale = 0
    if not index.full_scan:
        arm(desk.books, index, account, assess(desk.books, account))


cdef void arm_stale(Desk& desk, Index& index) noexcept nogil:
    """Set the watches of every account that a command changed and that was not judged since."""
    cdef size_t i
    for i in range(desk.running.stale_accounts.size()):
        arm_changed(desk, index, desk.running.stale_accounts[i])
    desk.running.stale_accounts.clear()


cdef bint would_act(Books& books, int32_t index) noexcept nogil:
    """Return whether judging the account now would find something to do."""
    cdef const Account* account = &books.accounts[index]
    cdef Risk risk = assess(books, index)
    return is_candidate(books, index, account, risk) or changes_call(books, account, risk)


cdef int64_t scan(Books& books) noexcept nogil:
    """Assess every account and return how many a judgement would act on."""
    cdef int64_t found = 0
    cdef size_t i
    for i in range(books.accounts.size()):
        found += is_open(books, <int32_t>i) and would_act(books, <int32_t>i)
    return found


cdef int64_t ends_until_nanos(
    const Books& books, const LiquidationOrder* order, int64_t time_nanos
) noexcept nogil:
    """Return when an open order has ended, as of a time: behind its second term (TM-2, WF-26)."""
    if order.cancelling or books.parameters.second_term_millis == 0:
        return order.deadline_nanos
    return (
        greatest(order.deadline_nanos, time_nanos)
        + books.parameters.second_term_millis * NANOS_PER_MILLI
    )


cdef int64_t waits_until_nanos(Books& books, int32_t index, int64_t time_nanos) noexcept nogil:
    """Return when the last of the account's open orders has ended; 0 when it has none.

    As of a time. Then it is judged again (TM-2, JD-7).
    """
    cdef int64_t until_nanos = 0
    cdef int32_t attempt = books.accounts[index].attempt
    cdef int32_t order = -1 if attempt < 0 else books.attempts[attempt].first_order
    while order >= 0:
        if books.orders[order].outcome == LIQUIDATION_OUTCOME_UNSPECIFIED:
            until_nanos = greatest(
                until_nanos, ends_until_nanos(books, &books.orders[order], time_nanos)
            )
        order = books.orders[order].next_order
    return until_nanos


cdef void foresee_account(
    Books& books, int64_t time_nanos, Case& case, Foresight& foresight
) noexcept nogil:
    """Put an account, assessed, among those of what would become of it; most are on no list."""
    cdef const Account* account = &books.accounts[case.account]
    cdef int64_t until_nanos = 0
    if is_liquidatable(case.risk):
        until_nanos = waits_until_nanos(books, case.account, time_nanos)
        if is_candidate(books, case.account, account, case.risk):
            foresight.candidates.push_back(case)
        elif until_nanos > time_nanos:
            foresight.waiting.push_back(case)
        elif until_nanos > 0:
            foresight.candidates.push_back(case)
    elif changes_call(books, account, case.risk):
        foresight.calls.push_back(case)


cdef void foresee(Books& books, int64_t time_nanos, Foresight& foresight) noexcept nogil:
    """List whom a judgement of everybody would call or clear, liquidate, or leave to wait.

    In the order in which it would, and behind the timers that are due at that time. Rules JD-3,
    JD-4, JD-7, LD-10.
    """
    cdef Case case
    cdef size_t i
    for i in range(books.accounts.size()):
        if not is_open(books, <int32_t>i):
            continue
        case.account = <int32_t>i
        case.risk = assess(books, case.account)
        case.health_ppm = health_ppm(case.risk)
        case.name = name_of(books, case.account)
        foresee_account(books, time_nanos, case, foresight)
    sort(foresight.calls.begin(), foresight.calls.end(), &has_lower_name)
    sort(foresight.candidates.begin(), foresight.candidates.end(), &is_riskier)
    sort(foresight.waiting.begin(), foresight.waiting.end(), &is_riskier)
