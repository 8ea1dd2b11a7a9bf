"""Guards of a market's parameters (docs/SEMANTICS.md section 5)."""

from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.books cimport Books
from riskengine.core.books.market cimport MarketRules


cdef bint refuse_market_change(
    Books& books, const MarketRules* wanted, Refusal* refusal
) noexcept nogil
cdef void complete_market(Books& books, MarketRules* wanted) noexcept nogil
