"""Guards of trades that name a liquidation order (GD-12, WF-28)."""

from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.books cimport Books
from riskengine.core.commands.trade cimport Trade


cdef bint fills_whole(Books& books, const Trade* trade) noexcept nogil
cdef bint refuse_liquidation(Books& books, Trade* trade, Refusal* refusal) noexcept nogil
