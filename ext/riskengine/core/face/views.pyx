"""The state as Python values, for questions."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.algorithm cimport partial_sort
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport magnitude
from riskengine.core.base.id_map cimport id_map_get
from riskengine.core.books.state cimport (
    FUND,
    FUND_ACCOUNT_BASE,
    Account,
    Market,
    Position,
    State,
    is_open,
)
from riskengine.core.margin.assess cimport (
    Risk,
    assess,
    gross_notional,
    initial_ceil,
    initial_margin,
    lots_value,
    maintenance_ceil,
    tier_of,
    withdrawable,
)
from riskengine.core.margin.quotes cimport bankruptcy_price, liquidation_price
from riskengine.core.types import (
    AccountView,
    AssetView,
    FundView,
    MarketParameters,
    MarketView,
    PositionView,
    RiskParameters,
    RiskTier,
)


cdef object position_view(State& state, int32_t index):
    cdef const Position* position = &state.positions[index]
    cdef const Market* market = &state.markets[position.market]
    cdef int64_t value = lots_value(market, position.size_lots)
    cdef int64_t notional = magnitude(value)
    return PositionView(
        market.market_id,
        position.size_lots,
        position.cost_atoms,
        market.mark_price_ticks,
        value - position.cost_atoms,
        notional,
        maintenance_ceil(market, notional),
        initial_ceil(market, notional),
        tier_of(market, notional),
        liquidation_price(state, index),
        bankruptcy_price(state, index),
    )


cdef tuple position_views(State& state, int32_t account):
    cdef list views = []
    cdef int32_t index = state.accounts[account].first_position
    while index >= 0:
        views.append(position_view(state, index))
        index = state.positions[index].next_position
    return tuple(sorted(views))


cdef object account_view(State& state, int32_t index, bint with_positions):
    """Return an AccountView; without positions they are left empty."""
    cdef const Account* account = &state.accounts[index]
    cdef Risk risk = assess(state, index)
    return AccountView(
        account.account_id,
        state.assets[0].asset_id,
        account.state,
        account.kind == FUND,
        account.balance_atoms,
        risk.equity_atoms - account.balance_atoms,
        risk.equity_atoms,
        risk.maintenance_atoms,
        initial_margin(state, index),
        withdrawable(state, index),
        gross_notional(state, index),
        position_views(state, index) if with_positions else (),
    )


cdef list account_page(
    State& state, int64_t after_account_id, int64_t limit, int32_t wanted_state
):
    """Return traders above an id, in order of id; 0 as a state means any."""
    cdef vector[int64_t] ids
    cdef size_t i, count
    for i in range(state.accounts.size()):
        if (
            is_open(state, <int32_t>i)
            and state.accounts[i].kind != FUND
            and state.accounts[i].account_id > after_account_id
            and (wanted_state == 0 or state.accounts[i].state == wanted_state)
        ):
            ids.push_back(state.accounts[i].account_id)
    count = min(ids.size(), <size_t>limit)
    partial_sort(ids.begin(), ids.begin() + <ptrdiff_t>count, ids.end())
    return [
        account_view(state, id_map_get(state.account_index, ids[i]), False) for i in range(count)
    ]


cdef object parameters_of(const Market* market):
    cdef int i
    return MarketParameters(
        market.market_id,
        (<bytes>market.symbol).decode(),
        market.asset_id,
        market.fund_id,
        market.tick_exponent,
        market.lot_exponent,
        market.price_step_ticks,
        market.size_step_lots,
        market.max_price_ticks,
        market.max_position_lots,
        tuple(
            [
                RiskTier(
                    market.tiers[i].floor_atoms,
                    market.tiers[i].initial_rate_ppm,
                    market.tiers[i].maintenance_rate_ppm,
                )
                for i in range(market.tier_count)
            ]
        ),
        market.liquidation_fee_ppm,
        market.liquidation_timeout_millis,
        market.liquidation_slice_lots,
        market.liquidation_cooldown_millis,
        market.dust_notional_atoms,
        market.loss_policy,
    )


cdef object market_view(State& state, int32_t index):
    """Return a MarketView; the open interest in atoms is the long side at mark."""
    cdef const Market* market = &state.markets[index]
    return MarketView(
        parameters_of(market),
        market.mark_price_ticks,
        market.long_lots,
        market.short_lots,
        market.long_lots - market.short_lots,
        <object>market.long_lots * market.unit_value_atoms,
    )


cdef object fund_view(State& state, int32_t fund):
    """Return a FundView."""
    cdef Risk risk = assess(state, fund)
    return FundView(
        state.accounts[fund].account_id - FUND_ACCOUNT_BASE,
        state.assets[0].asset_id,
        state.accounts[fund].account_id,
        state.accounts[fund].balance_atoms,
        risk.equity_atoms,
        risk.maintenance_atoms,
        gross_notional(state, fund),
    )


cdef object asset_view(State& state):
    """Return the AssetView of the settlement asset."""
    return AssetView(
        state.assets[0].asset_id,
        (<bytes>state.assets[0].symbol).decode(),
        state.assets[0].exponent,
    )


cdef object parameters_view(State& state):
    """Return the RiskParameters in force."""
    return RiskParameters(
        state.parameters.margin_call_ppm,
        state.parameters.liquidation_buffer_ppm,
        state.parameters.take_over_ppm,
    )


cdef object bad_debt(State& state):
    """Return the sum of negative balances that no fund could pay yet, unbounded."""
    cdef size_t i
    total = 0
    for i in range(state.bankrupt_accounts.size()):
        total -= state.accounts[state.bankrupt_accounts[i]].balance_atoms
    return total
