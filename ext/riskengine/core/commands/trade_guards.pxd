"""Guards of trades, position updates and orders (docs/SEMANTICS.md section 5)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.booking cimport Booked
from riskengine.core.books.books cimport Books


cdef struct Trade:
    int64_t market_id
    int64_t buyer_account_id
    int64_t seller_account_id
    int64_t price_ticks
    int64_t size_lots
    int64_t buyer_fee_atoms
    int64_t seller_fee_atoms
    int64_t liquidation_id
    int32_t market  # dense indices, set by the guard
    int32_t buyer
    int32_t seller
    int32_t order  # -1 when it fills none
    Booked buyer_booked  # what it makes of them, set by the guard
    Booked seller_booked


cdef struct PositionUpdate:
    int64_t account_id
    int64_t market_id
    int64_t size_lots
    int64_t price_ticks
    bint is_absolute
    int32_t account  # dense indices, set by the guard
    int32_t market


cdef bint refuse_market(
    Books& books, int64_t market_id, int32_t* market, Refusal* refusal
) noexcept nogil
cdef bint refuse_size_and_price(
    Books& books, int32_t market, int64_t size_lots, int64_t price_ticks, Refusal* refusal
) noexcept nogil
cdef bint refuse_trade(Books& books, Trade* trade, Refusal* refusal) noexcept nogil
cdef bint refuse_position_update(
    Books& books, PositionUpdate* update, Refusal* refusal
) noexcept nogil
