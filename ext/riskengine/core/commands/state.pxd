"""The whole state: the desk with the books, and what is derived from them."""

from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.work cimport Work
from riskengine.core.index.index cimport Index
from riskengine.core.losses.queue cimport Queue


cdef cppclass State:
    Desk desk
    Index index
    Queue queue
    Work work


cdef void state_init(State& state, bint full_scan) noexcept nogil
cdef void copy_state(State& state, State& origin) noexcept nogil
