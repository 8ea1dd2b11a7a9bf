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
from riskengine.core.books.books cimport FUND, Asset, Books, Parameters
from riskengine.core.books.desk cimport Desk, MarketTotals, add_account, add_balance, touch
from riskengine.core.books.limits cimport (
    FUND_ACCOUNT_BASE,
    MAX_ASSETS,
    MAX_BALANCE_ATOMS,
    MAX_FUNDS,
    MAX_FUND_ID,
    MAX_ID,
)
from riskengine.core.books.market cimport Market
from riskengine.core.commands.judgement cimport touch_all, touch_market
from riskengine.core.commands.market_guards cimport complete_market, refuse_market_change
from riskengine.core.commands.state cimport State
from riskengine.core.index.index cimport add_market


cdef bint apply_asset(Books& books, const Asset* asset, Refusal* refusal) noexcept nogil:
    """Make the settlement asset."""
    if refuse_outside(refusal, FIELD_ASSET_ID, asset.asset_id, 1, MAX_ID):
        return False
    if not books.assets.empty() and books.assets[0].asset_id == asset.asset_id:
        refuse(refusal, REJECT_REASON_ALREADY_EXISTS, FIELD_ASSET_ID, asset.asset_id, 0)
        return False
    if books.assets.size() >= MAX_ASSETS:
        refuse(refusal, REJECT_REASON_CAPACITY, FIELD_ASSET_ID, asset.asset_id, MAX_ASSETS)
        return False
    if asset.symbol[0] == 0:
        refuse(refusal, REJECT_REASON_INVALID_TEXT, FIELD_SYMBOL, 0, 0)
        return False
    if refuse_outside(refusal, FIELD_EXPONENT, asset.exponent, -18, 0):
        return False
    books.assets.push_back(asset[0])
    return True


cdef bint apply_fund(
    Desk& desk, int64_t fund_id, int64_t asset_id, Refusal* refusal
) noexcept nogil:
    """Make an empty insurance fund and its account."""
    if refuse_outside(refusal, FIELD_FUND_ID, fund_id, 1, MAX_FUND_ID):
        return False
    if id_map_get(desk.books.directory.account_index, FUND_ACCOUNT_BASE + fund_id) >= 0:
        refuse(refusal, REJECT_REASON_ALREADY_EXISTS, FIELD_FUND_ID, fund_id, 0)
        return False
    if desk.books.fund_accounts.size() >= MAX_FUNDS:
        refuse(refusal, REJECT_REASON_CAPACITY, FIELD_FUND_ID, fund_id, MAX_FUNDS)
        return False
    if desk.books.assets.empty() or desk.books.assets[0].asset_id != asset_id:
        refuse(refusal, REJECT_REASON_UNKNOWN_ASSET, FIELD_ASSET_ID, asset_id, 0)
        return False
    desk.books.fund_accounts.push_back(add_account(desk, FUND_ACCOUNT_BASE + fund_id, FUND))
    return True


cdef bint apply_fund_deposit(
    Desk& desk, int64_t fund_id, int64_t amount_atoms, Refusal* refusal
) noexcept nogil:
    """Pay into a fund."""
    cdef int32_t fund = -1
    if 1 <= fund_id <= MAX_FUND_ID:
        fund = id_map_get(desk.books.directory.account_index, FUND_ACCOUNT_BASE + fund_id)
    if fund < 0:
        refuse(refusal, REJECT_REASON_UNKNOWN_FUND, FIELD_FUND_ID, fund_id, 0)
        return False
    if refuse_outside(refusal, FIELD_AMOUNT_ATOMS, amount_atoms, 1, MAX_BALANCE_ATOMS):
        return False
    if not balance_fits(desk.books, fund, amount_atoms):
        refuse(
            refusal, REJECT_REASON_OVERFLOW, FIELD_AMOUNT_ATOMS, amount_atoms, MAX_BALANCE_ATOMS
        )
        return False
    add_balance(desk, fund, amount_atoms)
    desk.books.assets[0].net_deposits_atoms += amount_atoms
    touch(desk, fund)
    return True


cdef bint apply_market(State& state, MarketRules* wanted, Refusal* refusal) noexcept nogil:
    """Make a market or change its parameters, and have every account in it judged."""
    cdef int32_t index
    cdef Market market
    cdef MarketTotals totals
    if refuse_market_change(state.desk.books, wanted, refusal):
        return False
    complete_market(state.desk.books, wanted)
    index = id_map_get(state.desk.books.directory.market_index, wanted.market_id)
    if index >= 0:
        state.desk.books.markets[index].rules = wanted[0]
        touch_market(state.desk, index)
        return True
    index = <int32_t>state.desk.books.markets.size()
    memset(&totals, 0, sizeof(totals))
    memset(&market, 0, sizeof(market))
    market.rules = wanted[0]
    state.desk.books.markets.push_back(market)
    state.desk.totals.markets.push_back(totals)
    state.desk.books.directory.market_legs.resize(state.desk.books.markets.size())
    add_market(state.index, state.desk.books.markets.size())
    state.queue.rankings.resize(2 * state.desk.books.markets.size())
    id_map_put(state.desk.books.directory.market_index, wanted.market_id, index)
    return True


cdef bint apply_parameters(
    Desk& desk, const Parameters* parameters, Refusal* refusal
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
    desk.books.parameters = parameters[0]
    touch_all(desk)
    return True
