"""Commands of operators: assets, funds, markets, parameters (docs/SEMANTICS.md section 5)."""

from libc.stdint cimport int64_t

from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.books cimport Asset, Books, Parameters
from riskengine.core.books.desk cimport Desk
from riskengine.core.books.market cimport MarketRules
from riskengine.core.commands.state cimport State


cdef bint apply_asset(Books& books, const Asset* asset, Refusal* refusal) noexcept nogil
cdef bint apply_fund(
    Desk& desk, int64_t fund_id, int64_t asset_id, Refusal* refusal
) noexcept nogil
cdef bint apply_fund_deposit(
    Desk& desk, int64_t fund_id, int64_t amount_atoms, Refusal* refusal
) noexcept nogil
cdef bint apply_market(State& state, MarketRules* wanted, Refusal* refusal) noexcept nogil
cdef bint apply_parameters(
    Desk& desk, const Parameters* parameters, Refusal* refusal
) noexcept nogil
