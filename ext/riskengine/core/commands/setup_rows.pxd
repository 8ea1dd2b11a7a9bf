"""Commands of operators: assets, funds, markets, parameters (docs/SEMANTICS.md section 5)."""

from libc.stdint cimport int64_t

from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.state cimport Asset, Market, Parameters, State


cdef bint apply_asset(State& state, const Asset* asset, Refusal* refusal) noexcept nogil
cdef bint apply_fund(
    State& state, int64_t fund_id, int64_t asset_id, Refusal* refusal
) noexcept nogil
cdef bint apply_fund_deposit(
    State& state, int64_t fund_id, int64_t amount_atoms, Refusal* refusal
) noexcept nogil
cdef bint apply_market(State& state, Market* wanted, Refusal* refusal) noexcept nogil
cdef bint apply_parameters(
    State& state, const Parameters* parameters, Refusal* refusal
) noexcept nogil
