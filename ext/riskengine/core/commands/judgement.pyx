"""Judgement of the accounts that a command touched (docs/SEMANTICS.md section 6).

Nothing here depends on the order in which accounts were touched: margin calls are made in order
of account id, liquidations riskiest first.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.algorithm cimport sort
from libcpp.vector cimport vector

from riskengine.core.base.codes cimport (
    ACCOUNT_STATE_BANKRUPT,
    ACCOUNT_STATE_LIQUIDATING,
    ACCOUNT_STATE_MARGIN_CALL,
    EVENT_KIND_MARGIN_CALL,
    EVENT_KIND_MARGIN_CALL_CLEARED,
)
from riskengine.core.base.fixedpoint cimport PPM, div_floor, greatest, int128_t
from riskengine.core.books.lookahead cimport Lookahead, look_ahead_at_accounts
from riskengine.core.books.state cimport FUND, Account, State, is_open, set_account_state, touch
from riskengine.core.index.bands cimport arm
from riskengine.core.index.reference cimport fire_relative_triggers, note_marks
from riskengine.core.index.triggers cimport fire_triggers
from riskengine.core.margin.assess cimport Risk, assess, below_ppm, resting_state
from riskengine.core.margin.emit cimport add_risk, emit
from riskengine.core.waterfall.resolve cimport deleverage_fund
from riskengine.core.waterfall.steps cimport begin, conclude, finish, step


cdef struct Case:
    int128_t health_ppm
    int64_t maintenance_atoms
    int64_t account_id
    int32_t account


cdef bint is_riskier(const Case& a, const Case& b) noexcept nogil:
    """Order of decisions: health ascending, maintenance descending, account id ascending."""
    if a.health_ppm != b.health_ppm:
        return a.health_ppm < b.health_ppm
    if a.maintenance_atoms != b.maintenance_atoms:
        return a.maintenance_atoms > b.maintenance_atoms
    return a.account_id < b.account_id


cdef bint has_lower_id(const Case& a, const Case& b) noexcept nogil:
    return a.account_id < b.account_id


cdef void touch_marked(State& state) noexcept nogil:
    """Touch the accounts that this command's marks, all being set, may have moved."""
    cdef size_t i
    if not state.full_scan:
        note_marks(state, <int64_t>state.marked_markets.size())
    for i in range(state.marked_markets.size()):
        if state.full_scan:
            touch_market(state, state.marked_markets[i])
        else:
            fire_triggers(state, state.marked_markets[i])
            fire_relative_triggers(state, state.marked_markets[i])
    state.marked_markets.clear()


cdef void touch_market(State& state, int32_t market) noexcept nogil:
    """Touch every account with a position in the market."""
    cdef size_t i
    for i in range(state.market_positions[market].size()):
        touch(state, state.positions[state.market_positions[market][i]].account)


cdef void touch_all(State& state) noexcept nogil:
    """Touch every account."""
    cdef size_t i
    for i in range(state.accounts.size()):
        if is_open(state, <int32_t>i):
            touch(state, <int32_t>i)


cdef bint is_liquidating_candidate(
    State& state, const Account* account, Risk risk
) noexcept nogil:
    if account.open_orders > 0:
        return False
    if account.first_order >= 0 or account.retry_nanos == 0:
        return True
    if risk.equity_atoms >= risk.maintenance_atoms:
        return True
    return not account.shortfall and below_ppm(risk, state.parameters.take_over_ppm)


cdef bint is_candidate(State& state, const Account* account, Risk risk) noexcept nogil:
    """Return whether the account has to be processed."""
    if account.kind == FUND:
        return account.first_position >= 0 and risk.equity_atoms < risk.maintenance_atoms
    if account.state == ACCOUNT_STATE_LIQUIDATING:
        return is_liquidating_candidate(state, account, risk)
    if account.state == ACCOUNT_STATE_BANKRUPT:
        return account.first_position >= 0 or account.balance_atoms >= 0
    return risk.equity_atoms < risk.maintenance_atoms


cdef bint changes_call(State& state, const Account* account, Risk risk) noexcept nogil:
    return (
        account.kind != FUND
        and account.state <= ACCOUNT_STATE_MARGIN_CALL
        and account.state != resting_state(state, risk)
    )


cdef void process(State& state, int32_t index) noexcept nogil:
    cdef Account* account = &state.accounts[index]
    cdef Risk risk = assess(state, index)
    cdef bint is_liquidatable = risk.equity_atoms < risk.maintenance_atoms
    if not is_candidate(state, account, risk):
        return
    if account.kind == FUND:
        deleverage_fund(state, index)
    elif account.state != ACCOUNT_STATE_LIQUIDATING:
        if is_liquidatable:
            begin(state, index)
        else:
            finish(state, index)
    elif account.first_order >= 0:
        conclude(state, index)
    else:
        account.retry_nanos = 0
        step(state, index)


cdef void make_calls(State& state, vector[Case]& cases) noexcept nogil:
    """Make the margin calls and clear those that are met, in order of account id."""
    cdef size_t i
    cdef Risk risk
    cdef int32_t account, to
    sort(cases.begin(), cases.end(), &has_lower_id)
    for i in range(cases.size()):
        account = cases[i].account
        risk = assess(state, account)
        to = resting_state(state, risk)
        set_account_state(state, account, to)
        if to == ACCOUNT_STATE_MARGIN_CALL:
            state.totals.margin_calls += 1
            add_risk(emit(state, EVENT_KIND_MARGIN_CALL, account), risk)
        else:
            add_risk(emit(state, EVENT_KIND_MARGIN_CALL_CLEARED, account), risk)


cdef void judge_pass(State& state) noexcept nogil:
    cdef vector[int32_t] touched
    cdef vector[Case] calls
    cdef vector[Case] candidates
    cdef Account* account
    cdef Risk risk
    cdef Case case
    cdef Lookahead ahead
    cdef size_t i
    touched.swap(state.touched_accounts)
    for i in range(touched.size()):
        look_ahead_at_accounts(state, &ahead, touched.data(), i, touched.size())
        account = &state.accounts[touched[i]]
        account.touched = 0
        risk = assess(state, touched[i])
        case.account = touched[i]
        case.account_id = account.account_id
        if is_candidate(state, account, risk):
            case.maintenance_atoms = risk.maintenance_atoms
            case.health_ppm = div_floor(
                <int128_t>risk.equity_atoms * PPM, greatest(risk.maintenance_atoms, 1)
            )
            candidates.push_back(case)
        elif changes_call(state, account, risk):
            calls.push_back(case)
        elif not state.full_scan:
            account.stale = 0
            arm(state, touched[i], risk)
    make_calls(state, calls)
    sort(candidates.begin(), candidates.end(), &is_riskier)
    for i in range(candidates.size()):
        process(state, candidates[i].account)


cdef void look_at(State& state, int32_t index) noexcept nogil:
    """Judge an account that a row has changed: at once if there is nothing to do.

    What is found now holds until a later row changes the account, and then it is looked at again;
    so only accounts on which a judgement would act have to wait for the end of the command.
    """
    cdef Account* account = &state.accounts[index]
    cdef Risk risk
    if account.touched:
        return
    risk = assess(state, index)
    if is_candidate(state, account, risk) or changes_call(state, account, risk):
        touch(state, index)
    elif not state.full_scan:
        account.stale = 0
        arm(state, index, risk)


cdef void judge(State& state) noexcept nogil:
    """Judge the touched accounts, and those that this touches, until none is left."""
    while not state.touched_accounts.empty():
        judge_pass(state)


cdef void arm_stale(State& state) noexcept nogil:
    """Set the triggers of every account that a command changed and that was not judged since."""
    cdef size_t i
    cdef int32_t account
    for i in range(state.stale_accounts.size()):
        account = state.stale_accounts[i]
        if state.accounts[account].stale:
            state.accounts[account].stale = 0
            if not state.full_scan:
                arm(state, account, assess(state, account))
    state.stale_accounts.clear()


cdef bint would_act(State& state, int32_t index) noexcept nogil:
    """Return whether judging the account now would find something to do."""
    cdef const Account* account = &state.accounts[index]
    cdef Risk risk = assess(state, index)
    return is_candidate(state, account, risk) or changes_call(state, account, risk)


cdef int64_t scan(State& state) noexcept nogil:
    """Assess every account and return how many a judgement would act on."""
    cdef int64_t found = 0
    cdef size_t i
    for i in range(state.accounts.size()):
        found += is_open(state, <int32_t>i) and would_act(state, <int32_t>i)
    return found
