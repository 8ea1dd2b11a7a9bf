"""Making a market and changing its parameters (GD-4 to GD-6)."""

from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.books cimport Books
from riskengine.core.books.market cimport MarketRules
from riskengine.core.commands.frame cimport Progress
from riskengine.core.commands.state cimport State


cdef bint refuse_second_fund(
    Books& books, const MarketRules* wanted, Refusal* refusal
) noexcept nogil
cdef bint refuse_rules(
    Books& books, const MarketRules* wanted, Refusal* refusal
) noexcept nogil
cdef void complete_market(Books& books, MarketRules* wanted) noexcept nogil
cdef bint is_complete(Books& books, const MarketRules* rules) noexcept nogil
cdef void make_market(State& state, const MarketRules* rules) noexcept nogil
cdef void apply_market(State& state, Progress& progress, MarketRules* wanted) noexcept nogil
