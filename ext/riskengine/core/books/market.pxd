"""A market: the rules that an operator sets, and what moves under them."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport int128_t
from riskengine.core.books.limits cimport MAX_TIERS, SYMBOL_BYTES


cdef struct RiskTier:
    int64_t floor_atoms
    int64_t initial_rate_ppm
    int64_t maintenance_rate_ppm
    int128_t initial_deduction  # atoms times ppm
    int128_t maintenance_deduction  # atoms times ppm


cdef struct MarketRules:
    int64_t tier_count
    int64_t multiplier_atoms  # of one tick on one lot
    RiskTier[MAX_TIERS] tiers
    int64_t market_id
    int64_t asset_id
    int64_t fund_id
    int32_t asset  # dense indices
    int32_t fund_account
    int64_t tick_exponent
    int64_t lot_exponent
    int64_t price_step_ticks
    int64_t size_step_lots
    int64_t max_price_ticks
    int64_t max_position_lots
    int64_t liquidation_fee_ppm
    int64_t liquidation_timeout_millis
    int64_t liquidation_slice_lots
    int64_t liquidation_cooldown_millis
    int64_t dust_notional_atoms
    int64_t loss_policy
    int64_t order_band_ppm
    int64_t reprices_trades  # 0 or 1
    int64_t discount_ppm  # of a close without the book, that its account pays the fund
    int64_t book_attempts  # orders for what is to be closed, one after the other; 0 stands for 1
    int64_t fund_share_ppm  # of the fund's peak, what it pays for losses here; 0: no limit
    int64_t inventory_ppm  # of the fund's means, what it holds here; 0: no limit of its own
    char[SYMBOL_BYTES] symbol


cdef struct MarketState:
    int128_t outside_cost_atoms
    int64_t outside_lots  # counterparty of one-sided updates
    int64_t marked_sequence  # command that set the mark
    int64_t long_lots
    int64_t short_lots  # as a positive number
    int64_t mark_price_ticks  # 0 before the first
    int64_t unit_value_atoms  # of one lot at mark
    int64_t previous_unit_value_atoms  # before the mark was set; of use in that command alone
    int64_t awaits_mark  # 1: it has had none since the last start


cdef struct Market:
    MarketState now
    MarketRules rules
