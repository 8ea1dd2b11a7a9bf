"""Reading back: a state from the canonical words of its books."""

from riskengine.core.base.words cimport Words
from riskengine.core.books.desk cimport Totals
from riskengine.core.commands.state cimport State


cdef bint read_books(State& state, Words& words) noexcept nogil
cdef bint read_totals(Totals& totals, Words& words) noexcept nogil
