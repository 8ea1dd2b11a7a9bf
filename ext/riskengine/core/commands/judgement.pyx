"""Judgement of the accounts that a command touched (JD-1 to JD-10).

Nothing here depends on the order in which accounts were touched: margin calls are made in order
of name, liquidations riskiest first.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset
from libcpp.algorithm cimport sort
from libcpp.vector cimport vector

from riskengine.core.base.codes cimport (
    ACCOUNT_STATE_BANKRUPT,
    ACCOUNT_STATE_LIQUIDATING,
    ACCOUNT_STATE_MARGIN_CALL,
    EVENT_KIND_MARGIN_CALL,
    EVENT_KIND_MARGIN_CALL_CLEARED,
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
from riskengine.core.books.desk cimport Desk, set_account_state, touch
from riskengine.core.books.lookahead cimport Lookahead, look_ahead_at_accounts
from riskengine.core.books.timers cimport NANOS_PER_MILLI
from riskengine.core.commands.state cimport State
from riskengine.core.index.bands cimport arm
from riskengine.core.index.index cimport Index
from riskengine.core.losses.allocation cimport close_needs
from riskengine.core.margin.assess cimport assess
from riskengine.core.margin.emit cimport add_risk, emit
from riskengine.core.margin.model cimport Risk
from riskengine.core.margin.thresholds cimport (
    health_ppm,
    is_bankrupt,
    is_liquidatable,
    is_recovered,
    is_taken_over,
    resting_state,
)
from riskengine.core.waterfall.finish cimport settle
from riskengine.core.waterfall.late_fills cimport note_needs
from riskengine.core.waterfall.order_ends cimport end_orders, exceeds_position
from riskengine.core.waterfall.payouts cimport pay_losses
from riskengine.core.waterfall.round cimport Acting, Round
from riskengine.core.waterfall.steps cimport begin, step


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


cdef void touch_all(Desk& desk) noexcept nogil:
    """Touch every account."""
    cdef size_t i
    for i in range(desk.books.accounts.size()):
        if is_open(desk.books, <int32_t>i):
            touch(desk, <int32_t>i)


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


cdef void begin_all(Desk& desk, Round& round) noexcept nogil:
    """Begin the liquidations of the candidates that are not in one (JD-10)."""
    cdef size_t i
    cdef const Account* account
    for i in range(round.acting.size()):
        account = &desk.books.accounts[round.acting[i].account]
        if (
            account.kind != FUND
            and account.state != ACCOUNT_STATE_LIQUIDATING
            and is_liquidatable(round.acting[i].risk)
        ):
            begin(desk, &round.acting[i])


cdef void act(State& state, const vector[Case]& candidates) noexcept nogil:
    """Decide on the candidates, riskiest first, then close what neither book nor fund takes.

    Rules JD-5, JD-10.
    """
    cdef Round round
    cdef Acting acting
    cdef size_t i
    memset(&acting, 0, sizeof(Acting))
    for i in range(candidates.size()):
        acting.account = candidates[i].account
        acting.risk = candidates[i].risk
        round.acting.push_back(acting)
    begin_all(state.desk, round)
    end_orders(state.desk, round)
    pay_losses(state.desk, round)
    for i in range(round.acting.size()):
        step(state.desk, round, <int32_t>i)
    close_needs(state.desk, state.queue, round.needs)
    note_needs(state.desk.books, round.needs)
    for i in range(round.acting.size()):
        settle(state.desk, round, &round.acting[i])


cdef void make_calls(Desk& desk, vector[Case]& cases) noexcept nogil:
    """Make the margin calls and clear those that are met, in order of name (JD-3)."""
    cdef size_t i
    cdef Risk risk
    cdef int32_t account, to
    sort(cases.begin(), cases.end(), &has_lower_name)
    for i in range(cases.size()):
        account = cases[i].account
        risk = cases[i].risk
        to = resting_state(desk.books, desk.books.accounts[account].state, risk)
        set_account_state(desk, account, to)
        if to == ACCOUNT_STATE_MARGIN_CALL:
            desk.totals.engine.margin_calls += 1
            add_risk(emit(desk, EVENT_KIND_MARGIN_CALL, account), risk)
        else:
            add_risk(emit(desk, EVENT_KIND_MARGIN_CALL_CLEARED, account), risk)


cdef void judge_pass(State& state) noexcept nogil:
    """Judge all who are touched now: first all margin calls, then the candidates together.

    Rules JD-3, JD-4.
    """
    cdef vector[int32_t] touched
    cdef vector[Case] calls
    cdef vector[Case] candidates
    cdef Account* account
    cdef Risk risk
    cdef Case case
    cdef Lookahead ahead
    cdef size_t i
    touched.swap(state.desk.running.touched_accounts)
    for i in range(touched.size()):
        look_ahead_at_accounts(state.desk.books, &ahead, touched.data(), i, touched.size())
        account = &state.desk.books.accounts[touched[i]]
        account.touched = 0
        risk = assess(state.desk.books, touched[i])
        case.account = touched[i]
        case.risk = risk
        if is_candidate(state.desk.books, touched[i], account, risk):
            case.health_ppm = health_ppm(risk)
            case.name = name_of(state.desk.books, touched[i])
            candidates.push_back(case)
        elif changes_call(state.desk.books, account, risk):
            case.name = name_of(state.desk.books, touched[i])
            calls.push_back(case)
        elif not state.index.full_scan:
            account.stale = 0
            arm(state.desk.books, state.index, touched[i], risk)
    make_calls(state.desk, calls)
    if not candidates.empty():
        sort(candidates.begin(), candidates.end(), &is_riskier)
        act(state, candidates)


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
    elif not index.full_scan:
        seen.stale = 0
        arm(desk.books, index, account, risk)


cdef void judge(State& state) noexcept nogil:
    """Judge the touched accounts, and those that this touches, until none is left (JD-1)."""
    while not state.desk.running.touched_accounts.empty():
        judge_pass(state)


cdef void judge_nobody(Desk& desk) noexcept nogil:
    """Forget who was touched or changed: while the venue is loaded nobody is judged or watched.

    Going live has everybody judged. Rule LD-3.
    """
    cdef size_t i
    for i in range(desk.running.touched_accounts.size()):
        desk.books.accounts[desk.running.touched_accounts[i]].touched = 0
    for i in range(desk.running.stale_accounts.size()):
        desk.books.accounts[desk.running.stale_accounts[i]].stale = 0
    desk.running.touched_accounts.clear()
    desk.running.stale_accounts.clear()


cdef void arm_stale(Desk& desk, Index& index) noexcept nogil:
    """Set the watches of every account that a command changed and that was not judged since."""
    cdef size_t i
    cdef int32_t account
    for i in range(desk.running.stale_accounts.size()):
        account = desk.running.stale_accounts[i]
        if desk.books.accounts[account].stale:
            desk.books.accounts[account].stale = 0
            if not index.full_scan:
                arm(desk.books, index, account, assess(desk.books, account))
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
