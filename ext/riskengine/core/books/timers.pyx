"""Timers in the log's time (docs/SEMANTICS.md section 8): a binary heap."""

from libc.stddef cimport size_t
from libc.stdint cimport int64_t

from riskengine.core.books.state cimport State, Timer


cdef bint is_before(const Timer* a, const Timer* b) noexcept nogil:
    if a.time_nanos != b.time_nanos:
        return a.time_nanos < b.time_nanos
    return a.made < b.made


cdef void add_timer(
    State& state, int64_t time_nanos, int64_t kind, int64_t subject
) noexcept nogil:
    """Have the subject looked at when a command's time reaches `time_nanos`."""
    cdef Timer timer
    cdef size_t at = state.timers.size()
    state.timers_made += 1
    timer.time_nanos = time_nanos
    timer.made = state.timers_made
    timer.subject = subject
    timer.kind = kind
    state.timers.push_back(timer)
    while at > 0 and is_before(&timer, &state.timers[(at - 1) >> 1]):
        state.timers[at] = state.timers[(at - 1) >> 1]
        at = (at - 1) >> 1
    state.timers[at] = timer


cdef int64_t next_timer(State& state) noexcept nogil:
    """Return the time of the next timer, 0 when there is none."""
    return 0 if state.timers.empty() else state.timers[0].time_nanos


cdef Timer pop_timer(State& state) noexcept nogil:
    """Remove the next timer and return it; there is one."""
    cdef Timer first = state.timers[0]
    cdef Timer last = state.timers.back()
    cdef size_t at = 0
    cdef size_t child = 1
    state.timers.pop_back()
    while child < state.timers.size():
        if child + 1 < state.timers.size() and is_before(
            &state.timers[child + 1], &state.timers[child]
        ):
            child += 1
        if not is_before(&state.timers[child], &last):
            break
        state.timers[at] = state.timers[child]
        at = child
        child = 2 * at + 1
    if not state.timers.empty():
        state.timers[at] = last
    return first
