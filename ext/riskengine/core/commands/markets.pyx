"""Making a market and changing its parameters (GD-4 to GD-6)."""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcmp, memcpy, memset

from riskengine.core.base.codes cimport (
    FIELD_ASSET_ID,
    FIELD_BOOK_ATTEMPTS,
    FIELD_DISCOUNT_PPM,
    FIELD_DUST_NOTIONAL_ATOMS,
    FIELD_FUND_ID,
    FIELD_FUND_SHARE_PPM,
    FIELD_INVENTORY_PPM,
    FIELD_LIQUIDATION_COOLDOWN_MILLIS,
    FIELD_LIQUIDATION_FEE_PPM,
    FIELD_LIQUIDATION_SLICE_LOTS,
    FIELD_LIQUIDATION_TIMEOUT_MILLIS,
    FIELD_LOSS_POLICY,
    FIELD_LOT_EXPONENT,
    FIELD_MARKET_ID,
    FIELD_MAX_POSITION_LOTS,
    FIELD_MAX_PRICE_TICKS,
    FIELD_ORDER_BAND_PPM,
    FIELD_PRICE_STEP_TICKS,
    FIELD_REPRICES_TRADES,
    FIELD_SIZE_STEP_LOTS,
    FIELD_TICK_EXPONENT,
    FIELD_TIERS,
    REJECT_REASON_CAPACITY,
    REJECT_REASON_FUND_SCOPE,
    REJECT_REASON_IMMUTABLE,
    REJECT_REASON_INVALID_TIERS,
    REJECT_REASON_OVERFLOW,
    REJECT_REASON_UNKNOWN_ENUM,
    REJECT_REASON_UNKNOWN_FUND,
)
from riskengine.core.base.fixedpoint cimport PPM, div_floor, int128_t
from riskengine.core.base.id_map cimport id_map_get, id_map_put
from riskengine.core.base.refusal cimport Refusal, refuse, refuse_in_detail, refuse_outside
from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport MarketTotals
from riskengine.core.books.fund_window cimport add_payouts
from riskengine.core.books.limits cimport (
    MAX_DELAY_MILLIS,
    MAX_FUND_NOTIONAL_PPM,
    MAX_ID,
    MAX_MARKETS,
    MAX_MULTIPLIER_EXPONENT,
    MAX_NOTIONAL_ATOMS,
    MAX_STEP,
    MAX_TIERS,
)
from riskengine.core.books.market cimport Market, MarketRules, RiskTier
from riskengine.core.commands.frame cimport Progress, accept_row, refuse_row
from riskengine.core.commands.guards cimport find_fund, refuse_asset, refuse_symbol
from riskengine.core.commands.judgement cimport review_market
from riskengine.core.commands.state cimport State
from riskengine.core.index.index cimport add_market
from riskengine.core.losses.policies cimport is_policy

cdef enum:
    MAX_FEE_PPM = 100000
    MAX_BOOK_ATTEMPTS = 3


cdef extern from *:
    """
    static const int64_t RISKENGINE_INT64_MAX = INT64_MAX;
    """
    const int64_t INT64_HIGHEST "RISKENGINE_INT64_MAX"


cdef int64_t multiplier(Books& books, const MarketRules* wanted) noexcept nogil:
    """Return 10^(tick + lot - asset exponent), the atoms of one tick on one lot (MG-1)."""
    cdef int64_t power = 1
    cdef int64_t _
    cdef int64_t lowest = books.assets[wanted.asset].exponent
    for _ in range(wanted.tick_exponent + wanted.lot_exponent - lowest):
        power *= 10
    return power


cdef bint refuse_second_fund(
    Books& books, const MarketRules* wanted, Refusal* refusal
) noexcept nogil:
    """Refuse another fund than that of the asset's first market; `wanted.asset` is set (GD-4)."""
    cdef const MarketRules* present
    cdef size_t i
    for i in range(books.markets.size()):
        present = &books.markets[i].rules
        if present.asset == wanted.asset:
            return present.fund_id != wanted.fund_id and refuse(
                refusal, REJECT_REASON_FUND_SCOPE, FIELD_FUND_ID, wanted.fund_id, present.fund_id
            )
    return False


cdef bint refuse_identity(Books& books, MarketRules* wanted, Refusal* refusal) noexcept nogil:
    """Refuse what a market may not be called or settle in; else set its asset and fund (GD-4)."""
    if refuse_outside(refusal, FIELD_MARKET_ID, wanted.market_id, 1, MAX_ID):
        return True
    if refuse_symbol(wanted.symbol, refusal) or refuse_asset(
        books, wanted.asset_id, &wanted.asset, refusal
    ):
        return True
    wanted.fund_account = find_fund(books, wanted.fund_id)
    if (
        wanted.fund_account < 0
        or books.accounts[wanted.fund_account].asset != wanted.asset
    ):
        return refuse(refusal, REJECT_REASON_UNKNOWN_FUND, FIELD_FUND_ID, wanted.fund_id, 0)
    return refuse_second_fund(books, wanted, refusal) or (
        id_map_get(books.directory.market_index, wanted.market_id) < 0
        and books.markets.size() >= MAX_MARKETS
        and refuse(
            refusal, REJECT_REASON_CAPACITY, FIELD_MARKET_ID, wanted.market_id, MAX_MARKETS
        )
    )


cdef bint refuse_units(Books& books, const MarketRules* wanted, Refusal* refusal) noexcept nogil:
    """Refuse exponents, steps or bounds that do not go together; `wanted.asset` is set already.

    Rules GD-4, BD-3.
    """
    cdef int64_t lowest = books.assets[wanted.asset].exponent - wanted.tick_exponent
    if (
        refuse_outside(
            refusal,
            FIELD_LOT_EXPONENT,
            wanted.lot_exponent,
            lowest,
            lowest + MAX_MULTIPLIER_EXPONENT,
        )
        or refuse_outside(
            refusal, FIELD_PRICE_STEP_TICKS, wanted.price_step_ticks, 1, MAX_STEP
        )
        or refuse_outside(refusal, FIELD_SIZE_STEP_LOTS, wanted.size_step_lots, 1, MAX_STEP)
        or refuse_outside(
            refusal, FIELD_MAX_PRICE_TICKS, wanted.max_price_ticks, 1, INT64_HIGHEST
        )
        or refuse_outside(
            refusal, FIELD_PRICE_STEP_TICKS, wanted.price_step_ticks, 1, wanted.max_price_ticks
        )
        or refuse_outside(
            refusal, FIELD_MAX_POSITION_LOTS, wanted.max_position_lots, 1, INT64_HIGHEST
        )
    ):
        return True
    # multiplier > 0: a power of 10, since the exponents are within their bounds.
    return (
        <int128_t>wanted.max_price_ticks * wanted.max_position_lots
        > div_floor(MAX_NOTIONAL_ATOMS, multiplier(books, wanted))
        and refuse(
            refusal,
            REJECT_REASON_OVERFLOW,
            FIELD_MAX_POSITION_LOTS,
            wanted.max_position_lots,
            MAX_NOTIONAL_ATOMS,
        )
    )


cdef bint is_tier_sound(const RiskTier* tier) noexcept nogil:
    """Return whether a tier's numbers are within their bounds (GD-5)."""
    return (
        1 <= tier.maintenance_rate_ppm <= tier.initial_rate_ppm <= PPM
        and tier.floor_atoms <= MAX_NOTIONAL_ATOMS
    )


cdef bint is_tier_after(const RiskTier* tier, const RiskTier* before) noexcept nogil:
    """Return whether a tier may follow another: it rises in floor and does not fall in rates.

    Rule GD-5.
    """
    return (
        tier.floor_atoms > before.floor_atoms
        and tier.initial_rate_ppm >= before.initial_rate_ppm
        and tier.maintenance_rate_ppm >= before.maintenance_rate_ppm
    )


cdef bint refuse_tier(Refusal* refusal, int32_t number) noexcept nogil:
    """Refuse the tiers, the first of which to be at fault has that number, from 1 on."""
    return refuse_in_detail(refusal, REJECT_REASON_INVALID_TIERS, FIELD_TIERS, 0, 0, number)


cdef bint refuse_tiers(const MarketRules* wanted, Refusal* refusal) noexcept nogil:
    """Refuse tiers of which one is missing, one too many, or not what may follow another (GD-5)."""
    cdef int32_t i
    if wanted.tier_count > MAX_TIERS:
        return refuse_tier(refusal, MAX_TIERS + 1)
    if wanted.tier_count == 0 or wanted.tiers[0].floor_atoms != 0:
        return refuse_tier(refusal, 1)
    for i in range(wanted.tier_count):
        if not is_tier_sound(&wanted.tiers[i]):
            return refuse_tier(refusal, i + 1)
        if i > 0 and not is_tier_after(&wanted.tiers[i], &wanted.tiers[i - 1]):
            return refuse_tier(refusal, i + 1)
    return False


cdef bint refuse_liquidation_rules(const MarketRules* wanted, Refusal* refusal) noexcept nogil:
    """Refuse a fee, delay, slice, dust or switch out of bounds, and a policy that there is not.

    Rule GD-4.
    """
    if (
        refuse_outside(
            refusal, FIELD_LIQUIDATION_FEE_PPM, wanted.liquidation_fee_ppm, 0, MAX_FEE_PPM
        )
        or refuse_outside(
            refusal,
            FIELD_LIQUIDATION_TIMEOUT_MILLIS,
            wanted.liquidation_timeout_millis,
            1,
            MAX_DELAY_MILLIS,
        )
        or refuse_outside(
            refusal,
            FIELD_LIQUIDATION_SLICE_LOTS,
            wanted.liquidation_slice_lots,
            0,
            INT64_HIGHEST,
        )
        or refuse_outside(
            refusal,
            FIELD_LIQUIDATION_COOLDOWN_MILLIS,
            wanted.liquidation_cooldown_millis,
            0,
            MAX_DELAY_MILLIS,
        )
        or refuse_outside(
            refusal, FIELD_DUST_NOTIONAL_ATOMS, wanted.dust_notional_atoms, 0, MAX_NOTIONAL_ATOMS
        )
    ):
        return True
    if not is_policy(wanted.loss_policy):
        return refuse(
            refusal, REJECT_REASON_UNKNOWN_ENUM, FIELD_LOSS_POLICY, wanted.loss_policy, 0
        )
    return refuse_outside(refusal, FIELD_REPRICES_TRADES, wanted.reprices_trades, 0, 1)


cdef bint refuse_order_rules(const MarketRules* wanted, Refusal* refusal) noexcept nogil:
    """Refuse a band that would let no order through the mark, or more than all prices (GD-4)."""
    return refuse_outside(refusal, FIELD_ORDER_BAND_PPM, wanted.order_band_ppm, 1, PPM)


cdef bint refuse_closing_rules(const MarketRules* wanted, Refusal* refusal) noexcept nogil:
    """Refuse a discount below the fee or of more than closes free, and orders one too many.

    A discount is less than half of the lowest maintenance rate, which is that of the first tier:
    so a close frees more than its discount, or its fee, costs. Rules GD-4, WF-9.
    """
    return refuse_outside(
        refusal,
        FIELD_DISCOUNT_PPM,
        wanted.discount_ppm,
        wanted.liquidation_fee_ppm,
        (wanted.tiers[0].maintenance_rate_ppm - 1) >> 1,
    ) or refuse_outside(
        refusal, FIELD_BOOK_ATTEMPTS, wanted.book_attempts, 0, MAX_BOOK_ATTEMPTS
    )


cdef bint refuse_fund_parts(const MarketRules* wanted, Refusal* refusal) noexcept nogil:
    """Refuse parts of the fund outside their bounds; 0 is no limit (GD-4, FD-8, FD-10)."""
    return refuse_outside(
        refusal, FIELD_FUND_SHARE_PPM, wanted.fund_share_ppm, 0, PPM
    ) or refuse_outside(
        refusal, FIELD_INVENTORY_PPM, wanted.inventory_ppm, 0, MAX_FUND_NOTIONAL_PPM
    )


cdef bint refuse_fixed(
    Refusal* refusal, int32_t field, int64_t wanted, int64_t present
) noexcept nogil:
    """Refuse to change what stays as it was made; the limit named is the present value (GD-6)."""
    return wanted != present and refuse(
        refusal, REJECT_REASON_IMMUTABLE, field, wanted, present
    )


cdef bint refuse_lowered(
    Refusal* refusal, int32_t field, int64_t wanted, int64_t present
) noexcept nogil:
    """Refuse to lower what may only rise, for marks may be as high already (GD-6)."""
    return wanted < present and refuse(
        refusal, REJECT_REASON_IMMUTABLE, field, wanted, present
    )


cdef bint refuse_rules(
    Books& books, const MarketRules* wanted, Refusal* refusal
) noexcept nogil:
    """Refuse units, tiers, and rules of liquidation or orders that no market may have (GD-4)."""
    return (
        refuse_units(books, wanted, refusal)
        or refuse_tiers(wanted, refusal)
        or refuse_liquidation_rules(wanted, refusal)
        or refuse_order_rules(wanted, refusal)
        or refuse_closing_rules(wanted, refusal)
        or refuse_fund_parts(wanted, refusal)
    )


cdef bint refuse_market_change(
    Books& books, MarketRules* wanted, Refusal* refusal
) noexcept nogil:
    """Refuse parameters that no market may have, or that this one may not change (GD-4, GD-6)."""
    cdef int32_t index
    cdef const MarketRules* present
    if refuse_identity(books, wanted, refusal) or refuse_rules(books, wanted, refusal):
        return True
    index = id_map_get(books.directory.market_index, wanted.market_id)
    if index < 0:
        return False
    present = &books.markets[index].rules
    return (
        refuse_fixed(refusal, FIELD_ASSET_ID, wanted.asset_id, present.asset_id)
        or refuse_fixed(
            refusal, FIELD_TICK_EXPONENT, wanted.tick_exponent, present.tick_exponent
        )
        or refuse_fixed(refusal, FIELD_LOT_EXPONENT, wanted.lot_exponent, present.lot_exponent)
        or refuse_lowered(
            refusal, FIELD_MAX_PRICE_TICKS, wanted.max_price_ticks, present.max_price_ticks
        )
        or refuse_fixed(
            refusal, FIELD_MAX_POSITION_LOTS, wanted.max_position_lots, present.max_position_lots
        )
    )


cdef void complete_market(Books& books, MarketRules* wanted) noexcept nogil:
    """Add what follows from the parameters: the multiplier, and the deductions of the tiers.

    Rules MG-1, MG-3.
    """
    cdef int32_t i
    cdef RiskTier* tier
    cdef const RiskTier* before
    wanted.multiplier_atoms = multiplier(books, wanted)
    for i in range(wanted.tier_count):
        tier = &wanted.tiers[i]
        tier.initial_deduction = 0
        tier.maintenance_deduction = 0
        if i > 0:
            before = &wanted.tiers[i - 1]
            tier.initial_deduction = before.initial_deduction + <int128_t>tier.floor_atoms * (
                tier.initial_rate_ppm - before.initial_rate_ppm
            )
            tier.maintenance_deduction = (
                before.maintenance_deduction
                + <int128_t>tier.floor_atoms
                * (tier.maintenance_rate_ppm - before.maintenance_rate_ppm)
            )


cdef bint is_complete(Books& books, const MarketRules* rules) noexcept nogil:
    """Return whether what follows from a market's parameters is what `complete_market` makes."""
    cdef MarketRules again
    memcpy(&again, rules, sizeof(MarketRules))
    complete_market(books, &again)
    return memcmp(&again, rules, sizeof(MarketRules)) == 0


cdef void make_market(State& state, const MarketRules* rules) noexcept nogil:
    """Add a market without mark and positions."""
    cdef int32_t index = <int32_t>state.desk.books.markets.size()
    cdef Market market
    cdef MarketTotals totals
    memset(&totals, 0, sizeof(totals))
    memset(&market, 0, sizeof(market))
    market.rules = rules[0]
    state.desk.books.markets.push_back(market)
    add_payouts(state.desk.books)
    state.desk.totals.markets.push_back(totals)
    state.desk.books.directory.market_legs.resize(state.desk.books.markets.size())
    add_market(state.index, state.desk.books.markets.size())
    state.queue.rankings.resize(2 * state.desk.books.markets.size())
    id_map_put(state.desk.books.directory.market_index, rules.market_id, index)


cdef void apply_market(State& state, Progress& progress, MarketRules* wanted) noexcept nogil:
    """Make a market, or change its parameters and have every account in it judged (GD-4)."""
    cdef Refusal refusal
    cdef int32_t index
    if refuse_market_change(state.desk.books, wanted, &refusal):
        refuse_row(progress, 0, &refusal)
        return
    complete_market(state.desk.books, wanted)
    index = id_map_get(state.desk.books.directory.market_index, wanted.market_id)
    if index < 0:
        make_market(state, wanted)
    else:
        state.desk.books.markets[index].rules = wanted[0]
        review_market(state.desk, index)
    accept_row(progress)
