"""Python values into structs."""

from libc.string cimport memcpy, memset

from riskengine.core.books.state cimport MAX_SYMBOL_LENGTH, MAX_TIERS, Market


cdef int parse_symbol(str text, char* symbol) except -1:
    """Copy 1 to 23 printable ASCII characters; leave the symbol empty for any other text."""
    cdef bytes encoded
    if 1 <= len(text) <= MAX_SYMBOL_LENGTH and text.isascii() and text.isprintable():
        encoded = text.encode()
        memcpy(symbol, <const char*>encoded, len(text))
    return 0


cdef int parse_market(object parameters, Market* market) except -1:
    """Fill a struct from MarketParameters; more tiers than a market may have become none."""
    memset(market, 0, sizeof(Market))
    parse_symbol(parameters.symbol, market.symbol)
    market.market_id = parameters.market_id
    market.asset_id = parameters.asset_id
    market.fund_id = parameters.fund_id
    market.tick_exponent = parameters.tick_exponent
    market.lot_exponent = parameters.lot_exponent
    market.price_step_ticks = parameters.price_step_ticks
    market.size_step_lots = parameters.size_step_lots
    market.max_price_ticks = parameters.max_price_ticks
    market.max_position_lots = parameters.max_position_lots
    market.liquidation_fee_ppm = parameters.liquidation_fee_ppm
    market.liquidation_timeout_millis = parameters.liquidation_timeout_millis
    market.liquidation_slice_lots = parameters.liquidation_slice_lots
    market.liquidation_cooldown_millis = parameters.liquidation_cooldown_millis
    market.dust_notional_atoms = parameters.dust_notional_atoms
    market.loss_policy = parameters.loss_policy
    if len(parameters.tiers) > MAX_TIERS:
        return 0
    for tier in parameters.tiers:
        market.tiers[market.tier_count].floor_atoms = tier.floor_atoms
        market.tiers[market.tier_count].initial_rate_ppm = tier.initial_rate_ppm
        market.tiers[market.tier_count].maintenance_rate_ppm = tier.maintenance_rate_ppm
        market.tier_count += 1
    return 0
