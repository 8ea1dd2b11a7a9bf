"""Venues in which accounts stand an atom apart, so that some are exactly at each threshold.

A lot at one tick is one atom. Thirty accounts hold the same position with deposits that rise by an
atom; at one mark their equity goes through the margin call, maintenance and take-over levels, and
their least closes through slice and dust. Counterparties stand an atom apart about what a loss
takes of them, and over the venues the fund's money rises by a few atoms about what it must hold.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

from riskengine.core.enums import LossPolicy, Side
from riskengine.core.types import MarketParameters, RiskParameters, RiskTier
from riskengine.units import NANOS_PER_MILLI
from tests.recorded.recorder import ORDER, RESTART
from tests.simulation.commands import Command

START_NANOS = 1_760_000_000_000_000_000
ASSET, FUND = 1, 1
HELD = tuple(range(1, 31))
MAKERS = tuple(range(101, 113))
RICH = 200
LOTS = 10
FUNDS = (*range(12), 60, 61, 62, 63, 64, 400)
SHAPES = ((0, 0), (180, 0), (0, 3), (270, 4))
"""Dust and slice."""

MARKET = MarketParameters(
    market_id=1,
    symbol="A",
    asset_id=ASSET,
    fund_id=FUND,
    tick_exponent=0,
    lot_exponent=0,
    price_step_ticks=1,
    size_step_lots=1,
    max_price_ticks=10**6,
    max_position_lots=10**6,
    tiers=(RiskTier(0, 100_000, 50_000), RiskTier(900, 200_000, 100_000)),
    liquidation_fee_ppm=10_000,
    liquidation_timeout_millis=1_000,
    liquidation_slice_lots=0,
    liquidation_cooldown_millis=500,
    dust_notional_atoms=0,
    loss_policy=int(LossPolicy.QUEUE),
    discount_ppm=10_000,
)
RISK = RiskParameters(1_200_000, 100_000, 500_000)

Calls = Iterator[tuple[Any, ...]]


def edges() -> list[Command]:
    """Return the commands of all venues, one after the other."""
    commands: list[Command] = []
    for policy, (turn, fund_atoms) in product(LOSSES, enumerate(FUNDS)):
        dust, slice_lots = SHAPES[turn % len(SHAPES)]
        market = MARKET._replace(
            dust_notional_atoms=dust, liquidation_slice_lots=slice_lots, loss_policy=policy
        )
        commands.append(Command(RESTART, START_NANOS, ()))
        for millis, name, *arguments in _venue(market, fund_atoms):
            time_nanos = START_NANOS + int(millis * NANOS_PER_MILLI)
            commands.append(Command(name, time_nanos, tuple(arguments)))
    return commands


LOSSES = (int(LossPolicy.QUEUE), int(LossPolicy.PRO_RATA))


def _venue(market: MarketParameters, fund_atoms: int) -> Calls:
    yield from _open(market, fund_atoms)
    for account_id in HELD:
        yield 0, ORDER, account_id, 1, int(Side.LONG), 4, 100, False
    yield 0, "trades", *_columns([(1, one, RICH, 100, LOTS) for one in HELD]), (), (), ()
    # Equity falls from 95 to 124 above maintenance to the same below it.
    for mark in (99, 96, 95, 94):
        yield 1, "mark_prices", (1,), (mark,)
    # An order's deadline is reached, not a nanosecond before.
    for millis in (1_000 + 0.999_999, 1_001, 1_501, 2_501):
        yield millis, "mark_prices", (1,), (94,)
    yield 2_502, "trades", *_columns([(1, RICH, one, 94, LOTS) for one in MAKERS]), (), (), ()
    yield 2_502, "trades", *_columns([(2, one, RICH, 100, LOTS) for one in MAKERS]), (), (), ()
    yield 2_503, "mark_prices", (1, 2), (84, 90)
    yield 2_504, "mark_prices", (1,), (86,)
    yield 9_000, "tick"
    yield 9_001, "fund_deposit", FUND, 7


def _open(market: MarketParameters, fund_atoms: int) -> Calls:
    yield 0, "create_asset", ASSET, "USD", 0
    yield 0, "create_fund", FUND, ASSET
    if fund_atoms:
        yield 0, "fund_deposit", FUND, fund_atoms
    yield 0, "set_market", market
    yield 0, "set_market", market._replace(market_id=2, symbol="B")
    yield 0, "set_risk_parameters", RISK
    yield 0, "mark_prices", (1, 2), (100, 100)
    deposits = [(one, ASSET, 94 + one) for one in HELD]
    deposits += [(one, ASSET, 125 + one - MAKERS[0]) for one in MAKERS]
    yield 0, "deposits", *_columns([*deposits, (RICH, ASSET, 10**6)])


def _columns(rows: list[tuple[int, ...]]) -> Iterator[tuple[int, ...]]:
    return zip(*rows, strict=True)
