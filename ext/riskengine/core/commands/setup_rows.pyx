"""Commands of operators: assets, funds, markets, parameters (docs/SEMANTICS.md section 5)."""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from riskengine.core.base.codes cimport (
    FIELD_AMOUNT_ATOMS,
    FIELD_ASSET_ID,
    FIELD_EXPONENT,
    FIELD_FUND_ID,
    FIELD_LIQUIDATION_BUFFER_PPM,
    FIELD_MARGIN_CALL_PPM,
    FIELD_SYMBOL,
    FIELD_TAKE_OVER_PPM,
    REJECT_REASON_ALREADY_EXISTS,
    REJECT_REASON_CAPACITY,
    REJECT_REASON_INVALID_TEXT,
    REJECT_REASON_OVERFLOW,
    REJECT_REASON_UNKNOWN_ASSET,
    REJECT_REASON_UNKNOWN_FUND,
)
from riskengine.core.base.fixedpoint cimport PPM
from riskengine.core.base.id_map cimport id_map_get, id_map_put
from riskengine.core.base.refusal cimport Refusal, refuse, refuse_outside
from riskengine.core.books.booking cimport balance_fits
from riskengine.core.books.state cimport (
    FUND,
    FUND_ACCOUNT_BASE,
    MAX_ASSETS,
    MAX_BALANCE_ATOMS,
    MAX_FUNDS,
    MAX_FUND_ID,
    MAX_ID,
    Asset,
    Market,
    MarketTotals,
    Parameters,
    State,
    add_account,
    add_balance,
    touch,
)
from riskengine.core.commands.judgement cimport touch_all, touch_market
from riskengine.core.commands.market_guards cimport complete_market, refuse_market_change
from riskengine.core.index.triggers cimport heap_count


cdef bint apply_asset(State& state, const Asset* asset, Refusal* refusal) noexcept nogil:
    """Make the settlement asset."""
    if refuse_outside(refusal, FIELD_ASSET_ID, asset.asset_id, 1, MAX_ID):
        return False
    if not state.assets.empty() and state.assets[0].asset_id == asset.asset_id:
        refuse(refusal, REJECT_REASON_ALREADY_EXISTS, FIELD_ASSET_ID, asset.asset_id, 0)
        return False
    if state.assets.size() >= MAX_ASSETS:
        refuse(refusal, REJECT_REASON_CAPACITY, FIELD_ASSET_ID, asset.asset_id, MAX_ASSETS)
        return False
    if asset.symbol[0] == 0:
        refuse(refusal, REJECT_REASON_INVALID_TEXT, FIELD_SYMBOL, 0, 0)
        return False
    if refuse_outside(refusal, FIELD_EXPONENT, asset.exponent, -18, 0):
        return False
    state.assets.push_back(asset[0])
    return True


cdef bint apply_fund(
    State& state, int64_t fund_id, int64_t asset_id, Refusal* refusal
) noexcept nogil:
    """Make an empty insurance fund and its account."""
    if refuse_outside(refusal, FIELD_FUND_ID, fund_id, 1, MAX_FUND_ID):
        return False
    if id_map_get(state.account_index, FUND_ACCOUNT_BASE + fund_id) >= 0:
        refuse(refusal, REJECT_REASON_ALREADY_EXISTS, FIELD_FUND_ID, fund_id, 0)
        return False
    if state.fund_accounts.size() >= MAX_FUNDS:
        refuse(refusal, REJECT_REASON_CAPACITY, FIELD_FUND_ID, fund_id, MAX_FUNDS)
        return False
    if state.assets.empty() or state.assets[0].asset_id != asset_id:
        refuse(refusal, REJECT_REASON_UNKNOWN_ASSET, FIELD_ASSET_ID, asset_id, 0)
        return False
    state.fund_accounts.push_back(add_account(state, FUND_ACCOUNT_BASE + fund_id, FUND))
    return True


cdef bint apply_fund_deposit(
    State& state, int64_t fund_id, int64_t amount_atoms, Refusal* refusal
) noexcept nogil:
    """Pay into a fund."""
    cdef int32_t fund = -1
    if 1 <= fund_id <= MAX_FUND_ID:
        fund = id_map_get(state.account_index, FUND_ACCOUNT_BASE + fund_id)
    if fund < 0:
        refuse(refusal, REJECT_REASON_UNKNOWN_FUND, FIELD_FUND_ID, fund_id, 0)
        return False
    if refuse_outside(refusal, FIELD_AMOUNT_ATOMS, amount_atoms, 1, MAX_BALANCE_ATOMS):
        return False
    if not balance_fits(state, fund, amount_atoms):
        refuse(
            refusal, REJECT_REASON_OVERFLOW, FIELD_AMOUNT_ATOMS, amount_atoms, MAX_BALANCE_ATOMS
        )
        return False
    add_balance(state, fund, amount_atoms)
    state.assets[0].net_deposits_atoms += amount_atoms
    touch(state, fund)
    return True


cdef void replace_market(State& state, int32_t index, Market* wanted) noexcept nogil:
    """Change the parameters of a market and keep what it stands at."""
    cdef const Market* present = &state.markets[index]
    wanted.mark_price_ticks = present.mark_price_ticks
    wanted.unit_value_atoms = present.unit_value_atoms
    wanted.long_lots = present.long_lots
    wanted.short_lots = present.short_lots
    wanted.outside_lots = present.outside_lots
    wanted.outside_cost_atoms = present.outside_cost_atoms
    wanted.marked_sequence = present.marked_sequence
    state.markets[index] = wanted[0]


cdef bint apply_market(State& state, Market* wanted, Refusal* refusal) noexcept nogil:
    """Make a market or change its parameters, and have every account in it judged."""
    cdef int32_t index
    cdef MarketTotals totals
    if refuse_market_change(state, wanted, refusal):
        return False
    complete_market(state, wanted)
    index = id_map_get(state.market_index, wanted.market_id)
    if index >= 0:
        replace_market(state, index, wanted)
        touch_market(state, index)
        return True
    index = <int32_t>state.markets.size()
    memset(&totals, 0, sizeof(totals))
    state.markets.push_back(wanted[0])
    state.market_totals.push_back(totals)
    state.market_positions.resize(state.markets.size())
    state.trigger_heaps.resize(heap_count(state.markets.size()))
    state.referred_ticks.push_back(0)
    state.rankings.resize(2 * state.markets.size())
    id_map_put(state.market_index, wanted.market_id, index)
    return True


cdef bint apply_parameters(
    State& state, const Parameters* parameters, Refusal* refusal
) noexcept nogil:
    """Set the levels of the waterfall and have every account judged."""
    if (
        refuse_outside(
            refusal, FIELD_MARGIN_CALL_PPM, parameters.margin_call_ppm, PPM, 10 * <int64_t>PPM
        )
        or refuse_outside(
            refusal, FIELD_LIQUIDATION_BUFFER_PPM, parameters.liquidation_buffer_ppm, 0, PPM
        )
        or refuse_outside(refusal, FIELD_TAKE_OVER_PPM, parameters.take_over_ppm, 0, PPM)
    ):
        return False
    state.parameters = parameters[0]
    touch_all(state)
    return True
