"""What a state stream told, put together again; and what the dump says that it must tell."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from riskengine.api.v1.state_pb2 import (
    ReservationColumns,
    StateHead,
    StateRows,
    StreamStateResponse,
)
from riskengine.core.engine import Engine
from riskengine.core.enums import AccountState
from riskengine.machine.frozen_state import FrozenState

Name = tuple[int, int, int]
Legs = dict[int, tuple[int, int]]

MAX_ROWS = 4_096 + 128
MAX_BYTES = 1_000_000


class ToldAccount(NamedTuple):
    """State, balance, debt market, net deposits, and by market id size and cost."""

    state: int
    balance_atoms: int
    debt_market_id: int
    net_deposits_atoms: int
    positions: Legs


class ToldOrder(NamedTuple):
    """An open liquidation order; the name is that of its account."""

    name: Name
    market_id: int
    side: int
    size_lots: int
    filled_lots: int
    limit_price_ticks: int
    sliced: bool
    attempt: int
    cancelling: bool
    deadline_nanos: int


class Told(NamedTuple):
    """Accounts by name, open liquidation orders by id, reservations by account and number."""

    accounts: dict[Name, ToldAccount]
    orders: dict[int, ToldOrder]
    reservations: dict[tuple[Name, int], int]


def collected(messages: Iterable[StreamStateResponse]) -> Told:
    """Put rows together; each account must be told once, in order, and no message be too large."""
    told = Told({}, {}, {})
    for message in messages:
        assert message.WhichOneof("part") == "rows"
        assert message.ByteSize() <= MAX_BYTES
        _collect(message.rows, told)
    assert list(told.accounts) == sorted(told.accounts)
    assert list(told.reservations) == sorted(told.reservations)
    return told


def _collect(rows: StateRows, told: Told) -> None:
    accounts, legs, orders = rows.accounts, rows.positions, rows.liquidations
    assert len(accounts.account_id) <= MAX_ROWS
    assert len(legs.account_row) <= MAX_ROWS
    names = list(
        zip(accounts.account_id, accounts.asset_id, accounts.isolated_market_id, strict=True)
    )
    assert not told.accounts.keys() & set(names)
    balances = zip(accounts.balance_atoms, accounts.net_deposits_atoms, strict=True)
    values = zip(names, accounts.state, balances, accounts.debt_market_id, strict=True)
    told.accounts.update(
        (name, ToldAccount(state, balance, debt_market_id, net, {}))
        for name, state, (balance, net), debt_market_id in values
    )
    for row, market_id, *leg in zip(
        legs.account_row, legs.market_id, legs.size_lots, legs.cost_atoms, strict=True
    ):
        positions = told.accounts[names[row]].positions
        assert market_id not in positions
        positions[market_id] = (leg[0], leg[1])
    for name in names:
        positions = told.accounts[name].positions
        assert list(positions) == sorted(positions)
    order_names = zip(orders.account_id, orders.asset_id, orders.isolated_market_id, strict=True)
    for liquidation_id, name, *order in zip(
        orders.liquidation_id,
        order_names,
        orders.market_id,
        orders.side,
        orders.size_lots,
        orders.filled_lots,
        orders.limit_price_ticks,
        orders.sliced,
        orders.attempt,
        orders.cancelling,
        orders.deadline_nanos,
        strict=True,
    ):
        assert liquidation_id not in told.orders
        told.orders[liquidation_id] = ToldOrder(name, *order)
    _collect_reservations(rows.reservations, told)


def _collect_reservations(rows: ReservationColumns, told: Told) -> None:
    assert len(rows.account_id) <= MAX_ROWS
    names = zip(rows.account_id, rows.asset_id, rows.isolated_market_id, strict=True)
    for name, number, amount in zip(names, rows.reservation_id, rows.amount_atoms, strict=True):
        assert (name, number) not in told.reservations
        told.reservations[name, number] = amount


def read(engine: Engine, **asked: Iterable[int]) -> Told:
    """Return the rows of an engine's state as they are told."""
    frozen = FrozenState(engine, **asked)
    try:
        return collected(map(StreamStateResponse.FromString, frozen.rows()))
    finally:
        frozen.close()


def of_dump(engine: Engine) -> Told:
    """Return what a state must tell, from its dump."""
    dump = engine.dump()
    deadlines = {
        timer["subject"]: timer["time_nanos"]
        for timer in dump["timers"]
        if timer["kind"] == "deadline"
    }
    told = Told({}, {}, {})
    for account in dump["accounts"]:
        name = (account["account_id"], account["asset_id"], account["isolated_market_id"])
        legs = {p["market_id"]: (p["size_lots"], p["cost_atoms"]) for p in account["positions"]}
        debt_market_id = 0 if account["is_fund"] else account["debt_market_id"]
        stated = (
            account["state"],
            account["balance_atoms"],
            debt_market_id,
            account["net_deposits_atoms"],
        )
        told.accounts[name] = ToldAccount(*stated, legs)
        if account["state"] == AccountState.LIQUIDATING:
            told.orders.update(_open_orders(name, account["orders"], deadlines))
        for one in account["reservations"]:
            told.reservations[name, one["reservation_id"]] = one["amount_atoms"]
    return told


def _open_orders(
    name: Name, orders: list[dict[str, Any]], deadlines: dict[int, int]
) -> Iterable[tuple[int, ToldOrder]]:
    for order in orders:
        if not order["outcome"]:
            number = order["liquidation_id"]
            fields = {field: order[field] for field in ToldOrder._fields[1:-1]}
            yield number, ToldOrder(name, **fields, deadline_nanos=deadlines[number])


def narrowed(told: Told, market_ids: Iterable[int], account_ids: Iterable[int]) -> Told:
    """Return what is left of it when only some markets and parties are asked for."""
    markets, parties = set(market_ids), set(account_ids)
    orders = {
        number: order
        for number, order in told.orders.items()
        if (not markets or order.market_id in markets) and (not parties or order.name[0] in parties)
    }
    accounts = {}
    of_orders = {order.name for order in orders.values()}
    for name, account in told.accounts.items():
        legs = {m: leg for m, leg in account.positions.items() if not markets or m in markets}
        is_wanted = not markets or legs or name in of_orders
        if is_wanted and (not parties or name[0] in parties):
            accounts[name] = account._replace(positions=legs)
    reservations = {
        key: amount
        for key, amount in told.reservations.items()
        if not markets and (not parties or key[0][0] in parties)
    }
    return Told(accounts, orders, reservations)


def split(messages: Iterable[StreamStateResponse]) -> tuple[StateHead, Told]:
    """Return head and rows of a whole stream."""
    first, *rest = messages
    assert first.WhichOneof("part") == "head"
    return first.head, collected(rest)
