"""How a candidate stands after its round: finished, in debt, or waiting (WF-19 to WF-22)."""

from libc.stdint cimport int32_t

from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk
from riskengine.core.waterfall.round cimport Acting, Round


cdef void forget_bankruptcy(Books& books, int32_t account) noexcept nogil
cdef void settle(Desk& desk, Round& round, const Acting* acting) noexcept nogil
