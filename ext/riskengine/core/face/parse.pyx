"""Python values into structs."""

from libc.string cimport memcpy, memset

from riskengine.core.books.limits cimport MAX_SYMBOL_LENGTH, MAX_TIERS
from riskengine.core.books.market cimport MarketRules


cdef int parse_symbol(str text, char* symbol) except -1:
    """Copy 1 to 23 printable ASCII characters; leave the symbol empty for any other text (GD-2)."""
    cdef bytes encoded
    if 1 <= len(text) <= MAX_SYMBOL_LENGTH and text.isascii() and text.isprintable():
        encoded = text.encode()
        memcpy(symbol, <const char*>encoded, len(text))
    return 0


cdef int parse_market(object parameters, MarketRules* rules) except -1:
    """Fill a struct from MarketParameters; of too many tiers only that there are is taken over."""
    memset(rules, 0, sizeof(MarketRules))
    parse_symbol(parameters.symbol, rules.symbol)
    rules.market_id = parameters.market_id
    rules.asset_id = parameters.asset_id
    rules.fund_id = parameters.fund_id
    rules.tick_exponent = parameters.tick_exponent
    rules.lot_exponent = parameters.lot_exponent
    rules.price_step_ticks = parameters.price_step_ticks
    rules.size_step_lots = parameters.size_step_lots
    rules.max_price_ticks = parameters.max_price_ticks
    rules.max_position_lots = parameters.max_position_lots
    rules.liquidation_fee_ppm = parameters.liquidation_fee_ppm
    rules.liquidation_timeout_millis = parameters.liquidation_timeout_millis
    rules.liquidation_slice_lots = parameters.liquidation_slice_lots
    rules.liquidation_cooldown_millis = parameters.liquidation_cooldown_millis
    rules.dust_notional_atoms = parameters.dust_notional_atoms
    rules.loss_policy = parameters.loss_policy
    rules.order_band_ppm = parameters.order_band_ppm
    rules.reprices_trades = parameters.reprices_trades
    rules.discount_ppm = parameters.discount_ppm
    rules.book_attempts = parameters.book_attempts
    rules.fund_share_ppm = parameters.fund_share_ppm
    rules.inventory_ppm = parameters.inventory_ppm
    if len(parameters.tiers) > MAX_TIERS:
        rules.tier_count = MAX_TIERS + 1
        return 0
    for tier in parameters.tiers:
        rules.tiers[rules.tier_count].floor_atoms = tier.floor_atoms
        rules.tiers[rules.tier_count].initial_rate_ppm = tier.initial_rate_ppm
        rules.tiers[rules.tier_count].maintenance_rate_ppm = tier.maintenance_rate_ppm
        rules.tier_count += 1
    return 0
