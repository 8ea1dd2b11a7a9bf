"""The small venues of the faults, unless a fault says otherwise.

Multiplier 1, initial 10 %, maintenance 5 %, a discount of 2 %, no fee, mark 100, timeout 1 s, an
empty fund and a step of 1. Account 9 is rich and takes the other side.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from riskengine.core.enums import EventKind, Side
from riskengine.core.types import Event, OrderCheck
from tests.core.driver import FUND_ACCOUNT, Driver

RICH = 9
FUND = FUND_ACCOUNT + 1
DISCOUNT_PPM = 20_000
TIER = (0, 100_000, 50_000)
"""Floor in atoms, initial and maintenance rate."""


def add_market(
    driver: Driver, market_id: int = 1, tier: Sequence[int] = TIER, **changes: Any
) -> None:
    """Make a market of one tier; its discount is 0.4 of the maintenance rate unless given."""
    discount_ppm = changes.pop("discount_ppm", tier[2] * 2 // 5)
    driver.market(market_id, tiers=(tier,), discount_ppm=discount_ppm, **changes)


def venue(fund_atoms: int = 0, mark_ticks: int = 100, **market: Any) -> Driver:
    """Make the venue of one market, with the rich account."""
    driver = Driver()
    add_market(driver, **market)
    driver.mark(mark_ticks)
    driver.deposit(RICH, 10**9)
    if fund_atoms:
        driver.fund_deposit(fund_atoms)
    return driver


def two_markets(first: Sequence[int] = TIER, second: Sequence[int] = TIER) -> Driver:
    """Make the venue of two markets at mark 100, each of a tier."""
    driver = Driver()
    add_market(driver, 1, first)
    add_market(driver, 2, second)
    driver.marks({1: 100, 2: 100})
    driver.deposit(RICH, 10**9)
    return driver


def holder(lots: int, deposit_atoms: int, fund_atoms: int = 0, **market: Any) -> Driver:
    """Have account 1 long so many lots from 100."""
    driver = venue(fund_atoms, **market)
    driver.deposit(1, deposit_atoms)
    driver.trade(1, RICH, lots, 100)
    return driver


def check(
    driver: Driver, side: Side, lots: int, price_ticks: int, account_id: int = 1
) -> OrderCheck:
    """Ask whether an account may send an order."""
    return driver.engine.check_order(account_id, 1, side, lots, price_ticks, False)


def of_kind(events: Iterable[Event], kind: EventKind) -> list[Event]:
    """Return the events of a kind, in order."""
    return [event for event in events if event.kind == kind]


def money(driver: Driver, *account_ids: int) -> list[int]:
    """Return the equity of each account."""
    return [driver.account(account_id).equity_atoms for account_id in account_ids]


def loss_of_gate(driver: Driver) -> int:
    """Return what nobody has borne, of the one asset."""
    (gate,) = driver.engine.gates()
    return gate.unallocated_loss_atoms
