"""A pass of the judgement: its parts, each of which can pause before any step (JD-3 to JD-5).

A part returns whether it came to its end. What a pass decides on is fixed when it has looked at
all of its accounts; what comes in between is judged in the next one.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from riskengine.core.base.codes cimport (
    ACCOUNT_STATE_LIQUIDATING,
    ACCOUNT_STATE_MARGIN_CALL,
    EVENT_KIND_MARGIN_CALL,
    EVENT_KIND_MARGIN_CALL_CLEARED,
)
from riskengine.core.books.between cimport add_between, clear_between
from riskengine.core.books.books cimport FUND, Account
from riskengine.core.books.desk cimport (
    DIVIDED_BITS,
    TOUCHED,
    TOUCHED_AGAIN,
    Desk,
    log_change,
    set_account_state,
    take_unit,
    take_units,
    touch,
)
from riskengine.core.books.lookahead cimport Lookahead, look_ahead_at_accounts
from riskengine.core.commands.judgement cimport (
    arm_changed,
    judge_account,
    look_at,
    sort_cases,
)
from riskengine.core.commands.state cimport State
from riskengine.core.commands.work cimport LOOKING, Case, Work
from riskengine.core.losses.allocation cimport begin_closing, close_needs
from riskengine.core.margin.assess cimport assess
from riskengine.core.margin.emit cimport add_risk, emit
from riskengine.core.margin.thresholds cimport is_bankrupt, is_liquidatable, resting_state
from riskengine.core.waterfall.debts cimport forget_ended_debts
from riskengine.core.waterfall.finish cimport settle
from riskengine.core.waterfall.late_fills cimport note_needs
from riskengine.core.waterfall.order_ends cimport end_orders
from riskengine.core.waterfall.payouts cimport lay_losses, pay_losses
from riskengine.core.waterfall.round cimport Acting
from riskengine.core.waterfall.steps cimport begin, step


cdef void look_at_touched(State& state) noexcept nogil:
    """Look at once at whom the command's rows and timers touched: no unit is spent (WK-1).

    The index spares most of them, whom a full scan looks at.
    """
    cdef Work* work = &state.work
    cdef Lookahead ahead
    cdef size_t i
    work.looked_at.swap(state.desk.running.touched_accounts)
    for i in range(work.looked_at.size()):
        look_ahead_at_accounts(
            state.desk.books, &ahead, work.looked_at.data(), i, work.looked_at.size()
        )
        judge_account(state, work.looked_at[i])
    work.looked_at.clear()


cdef void begin_pass(State& state) noexcept nogil:
    """Take all who are touched now (JD-1).

    Those of a later pass were touched by what was done to them, and are looked at for a unit each.
    """
    cdef Work* work = &state.work
    work.calls.clear()
    work.candidates.clear()
    work.looked_at.clear()
    if work.has_judged:
        work.looked_at.swap(state.desk.running.touched_accounts)
    else:
        look_at_touched(state)
        work.looked_at.swap(state.desk.running.reviewed_accounts)


cdef void look_before_deposit(State& state, int32_t account) noexcept nogil:
    """Look at an account to which a deposit comes while a pass looks, if it did not yet (WK-4).

    So the pass sees it as it stood, wherever on the list it is.
    """
    if (
        state.work.stage == LOOKING
        and state.desk.books.accounts[account].touched == TOUCHED
    ):
        judge_account(state, account)


cdef bint is_at_rest(State& state, int32_t account) noexcept nogil:
    """Return whether the work that is pending has neither changed nor listed the account (WK-4)."""
    cdef const Account* seen = &state.desk.books.accounts[account]
    return state.desk.running.is_pending and not seen.touched and not seen.stale


cdef bint stays_below_zero(State& state, int32_t account) noexcept nogil:
    """Return whether a deposit into the account, while work is pending, is too little (WK-4).

    It was judged by this work, or is about to be, and settled as it stands: nothing more follows.
    """
    return state.desk.running.is_pending and is_bankrupt(assess(state.desk.books, account))


cdef void note_deposit(
    State& state, int32_t account, int64_t amount_atoms, bint was_at_rest
) noexcept nogil:
    """Have an account that was just paid into judged in the next pass, not in this one (WK-4).

    One that the work has left alone is looked at now, and judged only if that finds something to
    do; one that is still below zero is not: else so many deposits as a command has units would
    keep work pending for ever.
    """
    if state.desk.running.is_pending:
        add_between(state.desk.running.between, account, amount_atoms)
    if stays_below_zero(state, account):
        return
    if was_at_rest:
        look_at(state.desk, state.index, account)
    else:
        touch(state.desk, account)
    if state.work.stage == LOOKING and state.desk.books.accounts[account].touched:
        state.desk.books.accounts[account].touched = TOUCHED_AGAIN


cdef void see_what_was_paid_in(Desk& desk) noexcept nogil:
    """Have what follows see what was paid in meanwhile, when nothing is being decided (WK-2)."""
    cdef size_t i
    for i in range(desk.running.between.accounts.size()):
        log_change(desk, desk.running.between.accounts[i])
    clear_between(desk.running.between)


cdef void end_look(State& state) noexcept nogil:
    """Fix whom the pass calls, and on whom it acts (JD-3, JD-4)."""
    cdef Work* work = &state.work
    cdef Acting acting
    cdef size_t i
    for i in range(state.desk.running.touched_accounts.size()):
        state.desk.books.accounts[state.desk.running.touched_accounts[i]].touched = TOUCHED
    sort_cases(state.work)
    memset(&acting, 0, sizeof(Acting))
    work.round.acting.clear()
    work.round.below_zero = 0
    work.round.losses.clear()
    work.round.needs.clear()
    for i in range(work.candidates.size()):
        acting.account = work.candidates[i].account
        acting.risk = work.candidates[i].risk
        work.round.acting.push_back(acting)


cdef bint look(State& state) noexcept nogil:
    """Look at each account of the pass that no deposit had looked at before, for a unit each.

    Then units are spent of putting those in order who are to be called or acted on (WK-1).
    """
    cdef Work* work = &state.work
    cdef Lookahead ahead
    cdef size_t first = work.next_step
    cdef size_t count = work.looked_at.size() - first
    cdef size_t i
    for i in range(count):
        if not take_unit(state.desk):
            return False
        look_ahead_at_accounts(state.desk.books, &ahead, work.looked_at.data() + first, i, count)
        if state.desk.books.accounts[work.looked_at[first + i]].touched == TOUCHED:
            judge_account(state, work.looked_at[first + i])
        work.next_step += 1
    if not take_units(
        state.desk, <int64_t>((work.calls.size() + work.candidates.size()) >> DIVIDED_BITS)
    ):
        return False
    end_look(state)
    return True


cdef void make_call(Desk& desk, const Case* case) noexcept nogil:
    """Make a margin call, or clear one that is met (JD-3)."""
    cdef int32_t to = resting_state(desk.books, desk.books.accounts[case.account].state, case.risk)
    set_account_state(desk, case.account, to)
    if to == ACCOUNT_STATE_MARGIN_CALL:
        desk.totals.engine.margin_calls += 1
        add_risk(emit(desk, EVENT_KIND_MARGIN_CALL, case.account), case.risk)
    else:
        add_risk(emit(desk, EVENT_KIND_MARGIN_CALL_CLEARED, case.account), case.risk)


cdef bint make_calls(State& state) noexcept nogil:
    """Make the margin calls and clear those that are met, in order of name, for a unit each (JD-3).
    """
    cdef Work* work = &state.work
    while work.next_step < work.calls.size():
        if not take_unit(state.desk):
            return False
        make_call(state.desk, &work.calls[work.next_step])
        arm_changed(state.desk, state.index, work.calls[work.next_step].account)
        work.next_step += 1
    return True


cdef bint begin_liquidations(State& state) noexcept nogil:
    """Begin liquidations of candidates that are not in one, and end orders (JD-5, JD-10).

    A unit for each candidate; orders are of all at once.
    """
    cdef Work* work = &state.work
    cdef const Acting* acting
    cdef const Account* account
    while work.next_step < work.round.acting.size():
        if not take_unit(state.desk):
            return False
        acting = &work.round.acting[work.next_step]
        account = &state.desk.books.accounts[acting.account]
        if (
            account.kind != FUND
            and account.state != ACCOUNT_STATE_LIQUIDATING
            and is_liquidatable(acting.risk)
        ):
            begin(state.desk, acting)
        work.next_step += 1
    forget_ended_debts(state.desk)
    end_orders(state.desk, work.round)
    return True


cdef bint lay_all(State& state) noexcept nogil:
    """Lay what accounts lack on their legs, then have funds pay of all at once (LS-4, LS-5)."""
    if not lay_losses(state.desk, state.work.round, &state.work.next_step):
        return False
    pay_losses(state.desk, state.work.round)
    return True


cdef bint step_all(State& state) noexcept nogil:
    """Decide what becomes of each candidate's legs, riskiest first, for a unit each (JD-5)."""
    cdef Work* work = &state.work
    while work.next_step < work.round.acting.size():
        if not take_unit(state.desk):
            return False
        step(state.desk, work.round, <int32_t>work.next_step)
        work.next_step += 1
    begin_closing(state.desk, work.closing, work.round.needs)
    return True


cdef bint close_all(State& state) noexcept nogil:
    """Close what neither book nor fund takes (LS-8)."""
    if not close_needs(state.desk, state.queue, state.work.closing, state.work.round.needs):
        return False
    note_needs(state.desk.books, state.work.round.needs)
    return True


cdef bint settle_all(State& state) noexcept nogil:
    """Settle each candidate, as it stands now, for a unit each (WF-19)."""
    cdef Work* work = &state.work
    cdef const Acting* acting
    while work.next_step < work.round.acting.size():
        if not take_unit(state.desk):
            return False
        acting = &work.round.acting[work.next_step]
        settle(state.desk, work.round, acting)
        arm_changed(state.desk, state.index, acting.account)
        work.next_step += 1
    forget_ended_debts(state.desk)
    return True
