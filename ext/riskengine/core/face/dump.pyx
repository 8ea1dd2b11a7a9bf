"""The whole state as plain values, for inspection."""

from libc.stdint cimport int32_t

from riskengine.core.books.books cimport (
    CROSS,
    Books,
    Debtor,
    EndedOrder,
    LiquidationOrder,
    is_open,
    name_of,
)
from riskengine.core.books.desk cimport Desk
from riskengine.core.books.fund_window cimport has_window, window_of
from riskengine.core.face.audit cimport conservation_views
from riskengine.core.face.fund_views cimport fund_window, market_payouts
from riskengine.core.face.views cimport (
    account_view,
    asset_views,
    market_view,
    parameters_view,
    retention_view,
)
from riskengine.core.losses.gate cimport Gates


cdef tuple TIMER_KINDS = ("deadline", "retry", "debt due")


cdef dict order_values(Books& books, int32_t index):
    """Return a liquidation order, with ids in place of indices."""
    cdef const LiquidationOrder* order = &books.orders[index]
    return {
        "liquidation_id": order.liquidation_id,
        "market_id": books.markets[order.market].rules.market_id,
        "side": order.side,
        "size_lots": order.size_lots,
        "filled_lots": order.filled_lots,
        "limit_price_ticks": order.limit_price_ticks,
        "deadline_nanos": order.deadline_nanos,
        "outcome": order.outcome,
        "sliced": order.sliced,
        "attempt": order.attempt,
        "cancelling": order.cancelling,
    }


cdef dict reservation_values(Books& books):
    """Return the reservations of each account that has any, by its index; each by number."""
    cdef size_t i
    cdef dict values = {}
    for i in range(books.reservations.size()):
        if books.reservations[i].reservation_id != 0:
            values.setdefault(books.reservations[i].account, []).append(
                {
                    "reservation_id": books.reservations[i].reservation_id,
                    "amount_atoms": books.reservations[i].amount_atoms,
                }
            )
    for listed in values.values():
        listed.sort(key=lambda reservation: reservation["reservation_id"])
    return values


cdef dict account_values(Desk& desk, int32_t index, Gates& gates, dict reservations):
    """Return an AccountView as a dictionary, with what the hash has besides; newest order first."""
    cdef Books* books = &desk.books
    cdef int32_t attempt = books.accounts[index].attempt
    cdef int32_t order = -1 if attempt < 0 else books.attempts[attempt].first_order
    cdef int32_t market = books.accounts[index].debt_market
    cdef list orders = []
    cdef dict window = {}
    view = account_view(desk, index, True, gates)
    if has_window(books[0], index):
        window = {
            "is_stopped": window_of(books[0], index).is_stopped,
            "stop_peak_atoms": window_of(books[0], index).stop_peak_atoms,
            "noted": [tuple(slot) for slot in fund_window(books[0], index).slots],
        }
    while order >= 0:
        orders.append(order_values(books[0], order))
        order = books.orders[order].next_order
    return view._asdict() | {
        "positions": [position._asdict() for position in view.positions],
        "reservations": reservations.get(index, []),
        "retry_nanos": 0 if attempt < 0 else books.attempts[attempt].retry_nanos,
        "asked": 0 if attempt < 0 else books.attempts[attempt].asked,
        "debt_market_id": 0 if market < 0 else books.markets[market].rules.market_id,
        "orders": orders,
        "window": window,
    }


cdef dict market_values(Books& books, int32_t index):
    """Return a MarketView as a dictionary, with the outside leg."""
    view = market_view(books, index)
    parameters = view.parameters
    return view._asdict() | {
        "parameters": parameters._asdict()
        | {"tiers": [tier._asdict() for tier in parameters.tiers]},
        "outside_lots": books.markets[index].now.outside_lots,
        "outside_cost_atoms": books.markets[index].now.outside_cost_atoms,
        "awaits_mark": books.markets[index].now.awaits_mark,
        "paid": [tuple(slot) for slot in market_payouts(books, index).slots],
    }


cdef list timer_values(Books& books):
    """Return all timers in order of making."""
    values = [
        {
            "time_nanos": books.timers[i].time_nanos,
            "made": books.timers[i].made,
            "kind": TIMER_KINDS[books.timers[i].kind],
            "subject": books.timers[i].subject,
            "asset_id": (
                0 if books.timers[i].asset < 0 else books.assets[books.timers[i].asset].asset_id
            ),
            "isolated_market_id": (
                0
                if books.timers[i].isolated_market == CROSS
                else books.markets[books.timers[i].isolated_market].rules.market_id
            ),
        }
        for i in range(books.timers.size())
    ]
    return sorted(values, key=lambda timer: timer["made"])


cdef dict debtor_values(Books& books, const Debtor* debtor):
    """Return a debtor, its account by name."""
    return name_of(books, debtor.account) | {
        "since_nanos": debtor.since_nanos,
        "due_nanos": debtor.due_nanos,
    }


cdef dict ended_values(Books& books, const EndedOrder* ended):
    """Return an ended order that is kept for late fills, with ids in place of indices."""
    return {
        "liquidation_id": ended.liquidation_id,
        "account_id": ended.account_id,
        "asset_id": books.assets[ended.asset].asset_id,
        "isolated_market_id": (
            0
            if ended.isolated_market == CROSS
            else books.markets[ended.isolated_market].rules.market_id
        ),
        "market_id": books.markets[ended.market].rules.market_id,
        "side": ended.side,
        "limit_price_ticks": ended.limit_price_ticks,
        "unfilled_lots": ended.unfilled_lots,
        "moved_lots": ended.moved_lots,
        "next_liquidation_id": ended.next_liquidation_id,
        "end_nanos": ended.end_nanos,
    }


cdef tuple name_in(dict account):
    """Return the name in an account's values, by which they are ordered."""
    return account["account_id"], account["asset_id"], account["isolated_market_id"]


cdef dict dump_state(Desk& desk):
    """Return the state in canonical order: by name or id, debtors and timers as they came to be.

    All that the hash has is in it; what is derived may be besides.
    """
    cdef Books* books = &desk.books
    cdef Gates gates
    cdef dict reservations = reservation_values(books[0])
    accounts = [
        account_values(desk, <int32_t>i, gates, reservations)
        for i in range(books.accounts.size())
        if is_open(books[0], <int32_t>i)
    ]
    markets = [market_values(books[0], <int32_t>i) for i in range(books.markets.size())]
    return {
        "sequence": books.sequence,
        "time_nanos": books.time_nanos,
        "instruction_sequence": books.instruction_sequence,
        "last_liquidation_id": books.last_liquidation_id,
        "timers_made": books.timers_made,
        "venue_mode": books.venue_mode,
        "noted_slot": books.noted_slot,
        "parameters": parameters_view(books[0])._asdict(),
        "retention": retention_view(books[0])._asdict(),
        "assets": [asset._asdict() for asset in asset_views(books[0])],
        "conservation": [check._asdict() for check in conservation_views(desk)],
        "markets": sorted(markets, key=lambda market: market["parameters"]["market_id"]),
        "accounts": sorted(accounts, key=name_in),
        "debtors": [
            debtor_values(books[0], &books.debtors[i]) for i in range(books.debtors.size())
        ],
        "timers": timer_values(books[0]),
        "ended_orders": [
            ended_values(books[0], &books.ended_orders[i]) for i in range(books.ended_orders.size())
        ],
    }
