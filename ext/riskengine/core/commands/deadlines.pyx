"""Firing of timers that are due; stale ones are dropped (docs/SEMANTICS.md section 8)."""

from libc.stdint cimport int32_t

from riskengine.core.base.codes cimport LIQUIDATION_OUTCOME_EXPIRED, LIQUIDATION_OUTCOME_UNSPECIFIED
from riskengine.core.base.id_map cimport id_map_get
from riskengine.core.books.state cimport ORDER_DEADLINE, State, Timer, touch
from riskengine.core.books.timers cimport next_timer, pop_timer
from riskengine.core.waterfall.orders cimport end_order, find_order


cdef void fire(State& state, const Timer* timer) noexcept nogil:
    cdef int32_t subject
    if timer.kind == ORDER_DEADLINE:
        subject = find_order(state, timer.subject)
        if subject >= 0 and state.orders[subject].outcome == LIQUIDATION_OUTCOME_UNSPECIFIED:
            end_order(state, subject, LIQUIDATION_OUTCOME_EXPIRED)
    else:
        subject = id_map_get(state.account_index, timer.subject)
        if subject >= 0 and state.accounts[subject].retry_nanos == timer.time_nanos:
            state.accounts[subject].retry_nanos = 0
            touch(state, subject)


cdef void run_timers(State& state) noexcept nogil:
    """Fire every timer that is due at the command's time."""
    cdef Timer timer
    while not state.timers.empty() and next_timer(state) <= state.time_nanos:
        timer = pop_timer(state)
        fire(state, &timer)
