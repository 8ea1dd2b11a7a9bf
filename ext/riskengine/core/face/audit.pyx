"""Conservation of money, invariants and counters (docs/SEMANTICS.md section 2)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport LIQUIDATION_OUTCOME_UNSPECIFIED
from riskengine.core.base.fixedpoint cimport int128_t
from riskengine.core.base.id_map cimport id_map_get
from riskengine.core.books.state cimport (
    FUND,
    MAX_POSITIONS_PER_ACCOUNT,
    Account,
    Market,
    MarketTotals,
    Position,
    State,
    is_open,
)
from riskengine.core.margin.assess cimport lots_value
from riskengine.core.types import (
    ClosedCounter,
    Conservation,
    EngineCounters,
    MarketCounters,
)

cdef enum:
    CLOSED_KINDS = 6


cdef object conservation_view(State& state):
    """Return both sides of the conservation of money, at the present marks."""
    cdef int128_t balances = 0
    cdef int128_t funds = 0
    cdef int128_t unsettled = 0
    cdef int128_t missing
    cdef size_t i
    cdef const Position* position
    cdef const Market* market
    for i in range(state.accounts.size()):
        if state.accounts[i].kind == FUND:
            funds += state.accounts[i].balance_atoms
        else:
            balances += state.accounts[i].balance_atoms
    for i in range(state.positions.size()):
        position = &state.positions[i]
        if position.size_lots != 0:
            market = &state.markets[position.market]
            unsettled += lots_value(market, position.size_lots) - position.cost_atoms
    for i in range(state.markets.size()):
        market = &state.markets[i]
        unsettled += (
            <int128_t>market.outside_lots * market.unit_value_atoms - market.outside_cost_atoms
        )
    missing = state.assets[0].net_deposits_atoms - (
        balances + unsettled + funds + state.assets[0].fees_atoms
    )
    return Conservation(
        state.assets[0].asset_id,
        state.assets[0].net_deposits_atoms,
        balances,
        unsettled,
        funds,
        state.assets[0].fees_atoms,
        missing,
    )


cdef list closed_views(int64_t market_id, const MarketTotals* totals):
    cdef int i
    return [
        ClosedCounter(
            market_id,
            i % 2 + 1,
            i // 2,
            totals.closed[i].count,
            totals.closed[i].lots,
            totals.closed[i].notional_atoms,
        )
        for i in range(CLOSED_KINDS)
    ]


cdef object counters_view(State& state):
    """Return the totals since the log began."""
    cdef size_t i
    cdef const MarketTotals* totals
    cdef list closed = []
    cdef list markets = []
    for i in range(state.markets.size()):
        totals = &state.market_totals[i]
        closed.extend(closed_views(state.markets[i].market_id, totals))
        markets.append(
            MarketCounters(
                state.markets[i].market_id,
                totals.liquidation_orders,
                totals.allocations,
                totals.deleveraged_accounts,
                totals.haircut_atoms,
                totals.liquidation_fees_atoms,
                totals.traded_lots,
                totals.trades,
            )
        )
    return EngineCounters(
        state.totals.margin_calls,
        state.totals.liquidations_started,
        state.totals.liquidations_ended,
        state.totals.insurance_payouts,
        state.totals.insurance_payout_atoms,
        state.totals.bad_debts,
        state.totals.position_mismatches,
        state.totals.fired_triggers,
        state.totals.recomputed_accounts,
        state.totals.assessed_counterparties,
        tuple([state.totals.accounts_by_state[i] for i in range(5)]),
        closed,
        markets,
    )


cdef int assert_market(State& state, int32_t market) except -1:
    cdef int64_t longs = 0
    cdef int64_t shorts = 0
    cdef int64_t size
    cdef size_t slot
    cdef const Position* position
    for slot in range(state.market_positions[market].size()):
        position = &state.positions[state.market_positions[market][slot]]
        size = position.size_lots
        assert position.market == market, "I1: a position is listed in its market"
        assert position.market_slot == <int32_t>slot, "I2: a position knows its slot"
        assert size != 0, "I3: a listed position is not empty"
        if size > 0:
            longs += size
        else:
            shorts -= size
    assert longs == state.markets[market].long_lots, "I4: long total is the sum of longs"
    assert shorts == state.markets[market].short_lots, "I4: short total is the sum of shorts"
    assert longs - shorts + state.markets[market].outside_lots == 0, "I5: sizes sum to zero"
    return 0


cdef int assert_account(State& state, int32_t index) except -1:
    cdef const Account* account = &state.accounts[index]
    cdef int32_t count = 0
    cdef int32_t open_orders = 0
    cdef int32_t at = account.first_position
    while at >= 0:
        assert state.positions[at].account == index, "I6: a position is listed on its account"
        count += 1
        at = state.positions[at].next_position
    assert count == account.position_count <= MAX_POSITIONS_PER_ACCOUNT, "I7: position count"
    assert account.touched == 0, "I8: nobody is left unjudged"
    at = account.first_order
    while at >= 0:
        open_orders += state.orders[at].outcome == LIQUIDATION_OUTCOME_UNSPECIFIED
        at = state.orders[at].next_order
    assert open_orders == account.open_orders, "I9: open orders of the attempt"
    return open_orders


cdef int assert_free_account(State& state, int32_t index) except -1:
    cdef const Account* account = &state.accounts[index]
    assert account.balance_atoms == 0, "I15: a free slot holds no money"
    assert account.first_position < 0 and account.position_count == 0, "I15: nor positions"
    assert account.first_order < 0 and account.open_orders == 0, "I15: nor orders"
    assert account.retry_nanos == 0 and not account.shortfall, "I15: nor a liquidation"
    return 0


cdef int assert_accounts(State& state) except -1:
    cdef size_t i
    cdef const Account* account
    cdef int64_t open_orders = 0
    cdef size_t freed = 0
    cdef int64_t[5] by_state = [0, 0, 0, 0, 0]
    for i in range(state.accounts.size()):
        account = &state.accounts[i]
        if not is_open(state, <int32_t>i):
            freed += 1
            assert_free_account(state, <int32_t>i)
            continue
        open_orders += assert_account(state, <int32_t>i)
        assert id_map_get(state.account_index, account.account_id) == <int32_t>i, (
            "I16: an id leads to its account"
        )
        by_state[account.state] += account.kind != FUND
    assert open_orders == state.open_orders, "I9: open orders in all"
    assert freed == state.free_accounts.size(), "I10: no slot is lost"
    for i in range(5):
        assert by_state[i] == state.totals.accounts_by_state[i], "I17: accounts by state"
    return 0


cdef int assert_invariants(State& state) except -1:
    """Raise AssertionError that names the first invariant that is broken."""
    cdef size_t i
    cdef size_t listed = 0
    for i in range(state.markets.size()):
        assert_market(state, <int32_t>i)
        listed += state.market_positions[i].size()
    assert_accounts(state)
    assert listed + state.free_positions.size() == state.positions.size(), "I10: no slot is lost"
    if not state.assets.empty():
        missing = conservation_view(state).missing_atoms
        assert missing == 0, f"I11: {missing} atoms are missing"
    return 0
