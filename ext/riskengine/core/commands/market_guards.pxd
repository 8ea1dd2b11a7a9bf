"""Guards of a market's parameters (docs/SEMANTICS.md section 5)."""

from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.state cimport Market, State


cdef bint refuse_market_change(
    State& state, const Market* wanted, Refusal* refusal
) noexcept nogil
cdef void complete_market(State& state, Market* wanted) noexcept nogil
