"""Rows of the commands: guard, then apply (docs/SEMANTICS.md section 5)."""

from libc.stdint cimport int64_t

from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.state cimport State
from riskengine.core.commands.trade_guards cimport PositionUpdate, Trade


cdef bint apply_trade(State& state, Trade* trade, Refusal* refusal) noexcept nogil
cdef bint apply_position_update(
    State& state, PositionUpdate* update, Refusal* refusal
) noexcept nogil
cdef bint apply_mark(
    State& state, int64_t market_id, int64_t mark_price_ticks, Refusal* refusal
) noexcept nogil
cdef bint apply_deposit(
    State& state, int64_t account_id, int64_t asset_id, int64_t amount_atoms, Refusal* refusal
) noexcept nogil
cdef bint apply_withdrawal(
    State& state, int64_t account_id, int64_t asset_id, int64_t amount_atoms, Refusal* refusal
) noexcept nogil
cdef bint apply_close(State& state, int64_t account_id, Refusal* refusal) noexcept nogil
cdef bint apply_report(State& state, int64_t liquidation_id, Refusal* refusal) noexcept nogil
