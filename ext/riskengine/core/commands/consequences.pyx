"""What follows from a command: begun, paused, gone on with, done (CM-5, WK-1 to WK-3).

All of it is one sequence of stages and steps. What comes next depends on what was done so far, and
not on where it paused.
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.books cimport Books
from riskengine.core.books.limits cimport DEFAULT_WORK_UNITS
from riskengine.core.commands.deadlines cimport run_timers
from riskengine.core.commands.passes cimport (
    begin_liquidations,
    begin_pass,
    close_all,
    lay_all,
    look,
    make_calls,
    see_what_was_paid_in,
    settle_all,
    step_all,
)
from riskengine.core.commands.state cimport State
from riskengine.core.commands.work cimport (
    BEGINNING,
    CALLING,
    CLOSING_NEEDS,
    DONE,
    FIRING_TIMERS,
    LAYING_LOSSES,
    LOOKING,
    PAYING_DEBTS,
    SETTLING,
    SPREADING_DEBTS,
    STEPPING,
    Work,
)
from riskengine.core.waterfall.debts cimport pay_debts
from riskengine.core.waterfall.spreading cimport begin_spreading, spread_debts


cdef int64_t units_of(const Books& books) noexcept nogil:
    """Return how many units a command has (WK-1)."""
    if books.parameters.work_units == 0:
        return DEFAULT_WORK_UNITS
    return books.parameters.work_units


cdef void begin_work(State& state) noexcept nogil:
    """Begin what follows from the command that was just applied; its marks and its time are kept.

    Rule WK-3.
    """
    state.desk.running.begun_sequence = state.desk.books.sequence
    state.desk.running.begun_time_nanos = state.desk.books.time_nanos
    state.work.stage = FIRING_TIMERS
    state.work.next_step = 0
    state.work.has_judged = False
    state.work.has_seen_debts = False


cdef int32_t stage_behind_debts(State& state) noexcept nogil:
    """Return what follows when funds have paid of debts: those that are due are spread (FD-13)."""
    see_what_was_paid_in(state.desk)
    if state.desk.running.are_debts_due and begin_spreading(state.desk, state.work.spreading):
        return SPREADING_DEBTS
    return stage_of_rest(state)


cdef int32_t stage_of_rest(State& state) noexcept nogil:
    """Return what follows when no pass is begun: another one, then debts, then nothing (CM-5)."""
    cdef Work* work = &state.work
    see_what_was_paid_in(state.desk)
    if not (
        state.desk.running.touched_accounts.empty()
        and state.desk.running.reviewed_accounts.empty()
    ):
        begin_pass(state)
        work.has_judged = True
        return LOOKING
    work.has_judged = True
    if work.has_seen_debts:
        return DONE
    work.has_seen_debts = True
    if not state.desk.books.debtors.empty():
        return PAYING_DEBTS
    return stage_behind_debts(state)


cdef int32_t stage_after(State& state) noexcept nogil:
    """Return the stage that follows the present one, which is at its end (JD-5)."""
    cdef Work* work = &state.work
    if work.stage == PAYING_DEBTS:
        return stage_behind_debts(state)
    if work.stage in (FIRING_TIMERS, SETTLING, SPREADING_DEBTS):
        return stage_of_rest(state)
    if work.stage == CALLING and work.candidates.empty():
        return stage_of_rest(state)
    return work.stage + 1


cdef bint act_on(State& state) noexcept nogil:
    """Go on with a part of a pass that acts on its candidates; return whether it is at its end."""
    cdef int32_t stage = state.work.stage
    if stage == BEGINNING:
        return begin_liquidations(state)
    if stage == LAYING_LOSSES:
        return lay_all(state)
    if stage == STEPPING:
        return step_all(state)
    if stage == CLOSING_NEEDS:
        return close_all(state)
    return settle_all(state)


cdef bint run_stage(State& state) noexcept nogil:
    """Go on with the stage; return whether it is at its end, or pauses (WK-1)."""
    cdef int32_t stage = state.work.stage
    if stage == FIRING_TIMERS:
        return run_timers(state.desk)
    if stage == LOOKING:
        return look(state)
    if stage == CALLING:
        return make_calls(state)
    if stage == PAYING_DEBTS:
        return pay_debts(state.desk, &state.work.next_step)
    if stage == SPREADING_DEBTS:
        return spread_debts(state.desk, state.work.spreading)
    return act_on(state)


cdef void go_on(State& state) noexcept nogil:
    """Work until all is done, or the units of the command are used up (WK-1)."""
    state.desk.running.units = units_of(state.desk.books)
    state.desk.running.units_left = state.desk.running.units
    while state.work.stage != DONE and run_stage(state):
        state.work.next_step = 0
        state.work.stage = stage_after(state)
    state.desk.running.is_pending = state.work.stage != DONE
