"""Rows of the commands: guard, then apply (docs/SEMANTICS.md section 5)."""

from libc.stdint cimport int64_t

from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.trade_guards cimport PositionUpdate, Trade


cdef bint apply_trade(Desk& desk, Trade* trade, Refusal* refusal) noexcept nogil
cdef bint apply_position_update(
    Desk& desk, PositionUpdate* update, Refusal* refusal
) noexcept nogil
cdef bint apply_mark(
    Desk& desk, int64_t market_id, int64_t mark_price_ticks, Refusal* refusal
) noexcept nogil
cdef bint apply_deposit(
    Desk& desk, int64_t account_id, int64_t asset_id, int64_t amount_atoms, Refusal* refusal
) noexcept nogil
cdef bint apply_withdrawal(
    Desk& desk, int64_t account_id, int64_t asset_id, int64_t amount_atoms, Refusal* refusal
) noexcept nogil
cdef bint apply_close(Desk& desk, int64_t account_id, Refusal* refusal) noexcept nogil
cdef bint apply_report(Desk& desk, int64_t liquidation_id, Refusal* refusal) noexcept nogil
