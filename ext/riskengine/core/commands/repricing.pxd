"""Repriced trades: what goes back of a price that leaves a side too low (BK-6, WF-28)."""

from libc.stdint cimport int64_t

from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk
from riskengine.core.books.market cimport Market
from riskengine.core.commands.trade cimport Trade


cdef void reprice(
    Books& books, Trade* trade, const Market* market, int64_t price_atoms
) noexcept nogil
cdef void tell_repriced(Desk& desk, const Trade* trade) noexcept nogil
