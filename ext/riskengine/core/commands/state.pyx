"""The whole state: how it begins, and how it is made anew from the books."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t

from riskengine.core.books.books cimport Books, is_open
from riskengine.core.books.desk cimport desk_init
from riskengine.core.index.bands cimport arm
from riskengine.core.index.index cimport add_market, index_init
from riskengine.core.index.reference cimport follow_from_now
from riskengine.core.margin.assess cimport assess


cdef void state_init(State& state, bint full_scan) noexcept nogil:
    """Begin with an empty state; with `full_scan` nothing derived is used to find accounts."""
    desk_init(state.desk)
    index_init(state.index, state.desk.books)
    state.index.full_scan = full_scan
    state.queue.full_scan = full_scan
    state.queue.built_rankings = 0


cdef void state_of_books(State& state, Books& books) noexcept nogil:
    """Copy the books into a state that has just begun, and derive the rest from them.

    It will tell the same events as the state that the books come from. Between commands only:
    what a running command has noted is not in the books.
    """
    cdef size_t i
    state.desk.books = books
    for i in range(books.markets.size()):
        add_market(state.index, i + 1)
    follow_from_now(state.desk.books, state.index)
    state.queue.rankings.resize(2 * books.markets.size())
    for i in range(books.accounts.size()):
        state.desk.books.accounts[i].logged_round = 0
        if not state.index.full_scan and is_open(books, <int32_t>i):
            arm(state.desk.books, state.index, <int32_t>i, assess(books, <int32_t>i))
