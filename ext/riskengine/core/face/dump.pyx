"""The whole state as plain values, for inspection."""

from libc.stdint cimport int32_t

from riskengine.core.books.state cimport ACCOUNT_RETRY, LiquidationOrder, State, is_open
from riskengine.core.face.audit cimport conservation_view
from riskengine.core.face.views cimport account_view, asset_view, market_view, parameters_view


cdef dict order_values(State& state, int32_t index):
    cdef const LiquidationOrder* order = &state.orders[index]
    return {
        "liquidation_id": order.liquidation_id,
        "market_id": state.markets[order.market].market_id,
        "side": order.side,
        "size_lots": order.size_lots,
        "filled_lots": order.filled_lots,
        "outcome": order.outcome,
        "sliced": order.sliced,
    }


cdef dict account_values(State& state, int32_t index):
    cdef int32_t order = state.accounts[index].first_order
    cdef int32_t fund = state.accounts[index].debt_fund_account
    cdef list orders = []
    view = account_view(state, index, True)
    while order >= 0:
        orders.append(order_values(state, order))
        order = state.orders[order].next_order
    return view._asdict() | {
        "positions": [position._asdict() for position in view.positions],
        "retry_nanos": state.accounts[index].retry_nanos,
        "shortfall": state.accounts[index].shortfall,
        "debt_fund_account_id": 0 if fund < 0 else state.accounts[fund].account_id,
        "orders": orders,
    }


cdef dict market_values(State& state, int32_t index):
    view = market_view(state, index)
    parameters = view.parameters
    return view._asdict() | {
        "parameters": parameters._asdict()
        | {"tiers": [tier._asdict() for tier in parameters.tiers]},
        "outside_lots": state.markets[index].outside_lots,
        "outside_cost_atoms": state.markets[index].outside_cost_atoms,
    }


cdef list timer_values(State& state):
    values = [
        {
            "time_nanos": state.timers[i].time_nanos,
            "made": state.timers[i].made,
            "kind": "retry" if state.timers[i].kind == ACCOUNT_RETRY else "deadline",
            "subject": state.timers[i].subject,
        }
        for i in range(state.timers.size())
    ]
    return sorted(values, key=lambda timer: timer["made"])


cdef dict dump_state(State& state):
    """Return the state in canonical order: by id, timers by number."""
    accounts = [
        account_values(state, <int32_t>i)
        for i in range(state.accounts.size())
        if is_open(state, <int32_t>i)
    ]
    markets = [market_values(state, <int32_t>i) for i in range(state.markets.size())]
    return {
        "sequence": state.sequence,
        "time_nanos": state.time_nanos,
        "instruction_sequence": state.instruction_sequence,
        "last_liquidation_id": state.last_liquidation_id,
        "parameters": parameters_view(state)._asdict(),
        "assets": [asset_view(state)._asdict()] if state.assets.size() else [],
        "conservation": [conservation_view(state)._asdict()] if state.assets.size() else [],
        "markets": sorted(markets, key=lambda market: market["parameters"]["market_id"]),
        "accounts": sorted(accounts, key=lambda account: account["account_id"]),
        "bankrupt_account_ids": [
            state.accounts[state.bankrupt_accounts[i]].account_id
            for i in range(state.bankrupt_accounts.size())
        ],
        "timers": timer_values(state),
    }
