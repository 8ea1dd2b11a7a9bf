"""The state hash again, in Python and from the dump, which has all that is hashed."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

import pytest

from riskengine.core.engine import Engine
from riskengine.core.enums import AccountState
from tests.core.crash import crash, kept, rich

SYMBOL_BYTES = 24
WORD = 2**64
SLOT_NANOS = 300 * 10**9
TIMER_KINDS = ("deadline", "retry", "debt due")

Values = dict[str, Any]


def wide(value: int) -> Iterator[int]:
    yield value >> 64
    yield value


def text(symbol: str) -> Iterator[int]:
    yield from symbol.encode().ljust(SYMBOL_BYTES, b"\0")


def name(account: Values) -> Iterator[int]:
    yield from (account["account_id"], account["asset_id"], account["isolated_market_id"])


def books_words(dump: Values) -> Iterator[int]:
    yield from (dump["time_nanos"], dump["instruction_sequence"])
    yield from (dump["last_liquidation_id"], dump["timers_made"], dump["venue_mode"])
    yield dump["noted_slot"]
    yield from dump["parameters"].values()
    yield from dump["retention"].values()
    yield len(dump["assets"])
    for asset, sides in zip(dump["assets"], dump["conservation"], strict=True):
        yield from (asset["asset_id"], asset["exponent"])
        yield from wide(sides["net_deposits_atoms"])
        yield from wide(sides["fees_atoms"])
        yield from wide(sides["carried_in_atoms"])
        yield from wide(sides["reserved_atoms"])
        yield from text(asset["symbol"])
    yield len(dump["debtors"])
    for debtor in dump["debtors"]:
        yield from name(debtor)
        yield from (debtor["since_nanos"], debtor["due_nanos"])


def market_words(market: Values) -> Iterator[int]:
    rules = dict(market["parameters"])
    symbol, tiers = rules.pop("symbol"), rules.pop("tiers")
    yield rules.pop("market_id")
    yield from (market["mark_price_ticks"], market["outside_lots"])
    yield from wide(market["outside_cost_atoms"])
    yield market["awaits_mark"]
    yield from rules.values()
    yield len(tiers)
    for tier in tiers:
        yield from tier.values()
    yield from text(symbol)
    yield from slots(market["paid"])


def slots(noted: list[tuple[int, int]]) -> Iterator[int]:
    yield len(noted)
    for begin_nanos, atoms in noted:
        yield from (begin_nanos // SLOT_NANOS, atoms)


def account_words(account: Values) -> Iterator[int]:
    yield from name(account)
    yield from (account["balance_atoms"], account["net_deposits_atoms"])
    yield from (account["state"], account["is_fund"])
    yield from (account["debt_market_id"], len(account["positions"]))
    for position in account["positions"]:
        yield from (position["market_id"], position["size_lots"], position["cost_atoms"])
    if account["state"] == AccountState.LIQUIDATING:
        yield from (account["retry_nanos"], account["asked"])
        yield len(account["orders"])
        for order in account["orders"]:
            yield from (order["liquidation_id"], order["market_id"], order["size_lots"])
            yield from (order["filled_lots"], order["limit_price_ticks"], order["deadline_nanos"])
            yield from (order["side"], order["outcome"], order["sliced"])
            yield from (order["attempt"], order["cancelling"])
    if account["is_fund"]:
        yield from (account["window"]["is_stopped"], account["window"]["stop_peak_atoms"])
        yield from slots(account["window"]["noted"])


def words(dump: Values) -> Iterator[int]:
    yield from books_words(dump)
    yield len(dump["markets"])
    for market in dump["markets"]:
        yield from market_words(market)
    yield len(dump["accounts"])
    for account in dump["accounts"]:
        yield from account_words(account)
    yield len(dump["timers"])
    for timer in dump["timers"]:
        yield from (timer["time_nanos"], timer["made"], TIMER_KINDS.index(timer["kind"]))
        yield from (timer["subject"], timer["asset_id"], timer["isolated_market_id"])
    yield len(dump["ended_orders"])
    for ended in dump["ended_orders"]:
        yield from ended.values()
    yield sum(len(account["reservations"]) for account in dump["accounts"])
    for account in dump["accounts"]:
        for reservation in account["reservations"]:
            yield from (*name(account), *reservation.values())


@pytest.mark.rule("ST-11")
@pytest.mark.parametrize(
    "build",
    [Engine, lambda: crash().engine, lambda: rich().engine, lambda: kept().engine],
)
def test_the_hash_is_of_what_the_dump_shows(build: Any) -> None:
    engine: Engine = build()
    content = b"".join((word % WORD).to_bytes(8, "little") for word in words(engine.dump()))
    assert engine.state_hash() == blake2b(content, digest_size=16).hexdigest()
