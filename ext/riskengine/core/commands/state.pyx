"""The whole state: how it begins, and how it is copied."""

from riskengine.core.books.desk cimport desk_init
from riskengine.core.commands.work cimport DONE
from riskengine.core.index.index cimport copy_index, index_init


cdef void state_init(State& state, bint full_scan) noexcept nogil:
    """Begin with an empty state; with `full_scan` nothing derived is used to find accounts."""
    desk_init(state.desk)
    state.work.stage = DONE
    state.work.next_step = 0
    index_init(state.index, state.desk.books)
    state.index.full_scan = full_scan
    state.queue.full_scan = full_scan
    state.queue.built_rankings = 0


cdef void copy_state(State& state, State& origin) noexcept nogil:
    """Make a state that has just begun another's copy, with the work that is pending.

    Rankings are derived anew when they are asked for. What accounts say of the changes that they
    are noted in is of the origin: the copy counts on from there.
    """
    state.desk.books = origin.desk.books
    state.desk.totals = origin.desk.totals
    state.desk.running = origin.desk.running
    state.work = origin.work
    state.desk.changes.round = origin.desk.changes.round + 1
    copy_index(state.index, origin.index)
    state.queue.full_scan = origin.queue.full_scan
    state.queue.rankings.resize(origin.queue.rankings.size())
