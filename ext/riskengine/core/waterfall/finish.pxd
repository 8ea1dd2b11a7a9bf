"""How a candidate stands after its round: finished, in debt, or waiting (WF-19 to WF-22)."""

from riskengine.core.books.desk cimport Desk
from riskengine.core.waterfall.round cimport Acting, Round


cdef void settle(Desk& desk, Round& round, const Acting* acting) noexcept nogil
