"""A population into an engine, through the commands that a venue would use."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from loadtests.bench.population import ATOMS, MULTIPLIER, TIERS, Column, Population
from riskengine.core.engine import Engine
from riskengine.core.enums import LossPolicy, PositionUpdateMode
from riskengine.core.types import MarketParameters, Outcome

ASSET_ID, FUND_ID = 1, 1
ASSET_EXPONENT, TICK_EXPONENT, LOT_EXPONENT = -6, -2, -3
MAX_PRICE_TICKS, MAX_POSITION_LOTS = 10**7, 10**8
assert 10 ** (TICK_EXPONENT + LOT_EXPONENT - ASSET_EXPONENT) == MULTIPLIER

TIMEOUT_MILLIS = 3_600_000
"""Longer than any benchmark's log time, so that no attempt ends by itself."""

DUST_ATOMS = 20_000 * ATOMS
"""What is left of a position below this goes with it: venues close small positions whole."""

FUND_ATOMS = 50_000_000_000 * ATOMS
"""Enough that nobody is deleveraged, except in the crash, which has a fund of its own."""
MAKER_IDS = range(1, 65)
MAKER_ATOMS = 10_000_000_000 * ATOMS
"""Market makers take the other side of what is liquidated, and are never in need."""

LOAD_ROWS = 50_000
START_NANOS = 1_000_000_000


def market_parameters(index: int) -> MarketParameters:
    """Return the parameters of the market at an index; its id is one more."""
    return MarketParameters(
        market_id=index + 1,
        symbol=f"M{index + 1}-PERP",
        asset_id=ASSET_ID,
        fund_id=FUND_ID,
        tick_exponent=TICK_EXPONENT,
        lot_exponent=LOT_EXPONENT,
        price_step_ticks=1,
        size_step_lots=1,
        max_price_ticks=MAX_PRICE_TICKS,
        max_position_lots=MAX_POSITION_LOTS,
        tiers=TIERS,
        liquidation_fee_ppm=500,
        liquidation_timeout_millis=TIMEOUT_MILLIS,
        liquidation_slice_lots=0,
        liquidation_cooldown_millis=0,
        dust_notional_atoms=DUST_ATOMS,
        loss_policy=LossPolicy.QUEUE,
        order_band_ppm=50_000,
        discount_ppm=2_000,
    )


def spans(rows: int, size: int) -> Iterator[slice]:
    """Split rows into batches."""
    for begin in range(0, rows, size):
        yield slice(begin, min(begin + size, rows))


@dataclass(frozen=True, slots=True)
class OpeningColumns:
    """What opens a population, as the commands take it; the market makers' deposits come first."""

    marks_ticks: Column
    deposit_account_ids: Column
    deposit_amounts_atoms: Column
    position_account_ids: Column
    position_market_ids: Column
    position_lots: Column
    position_price_ticks: Column


def opening_columns(population: Population) -> OpeningColumns:
    """Return a population as commands take it."""
    makers = np.array(MAKER_IDS, dtype=np.int64)
    amounts = np.full(len(makers), MAKER_ATOMS, dtype=np.int64)
    return OpeningColumns(
        population.marks_ticks,
        np.concatenate((makers, population.account_ids)),
        np.concatenate((amounts, population.deposits_atoms)),
        population.account_ids[population.position_accounts],
        population.position_markets + 1,
        population.position_lots,
        population.marks_ticks[population.position_markets],
    )


def require_applied(outcome: Outcome) -> None:
    """Raise RuntimeError unless every row was applied."""
    if outcome.rejected_rows:
        raise RuntimeError(f"the core refused {outcome.rejected_rows}: {outcome.rejections[0]}")


def open_venue(engine: Engine, marks_ticks: Column, fund_atoms: int = FUND_ATOMS) -> None:
    """Make the asset, the fund and the markets, and set the first marks."""
    time = START_NANOS
    require_applied(engine.create_asset(time, ASSET_ID, "USD", ASSET_EXPONENT))
    require_applied(engine.create_fund(time, FUND_ID, ASSET_ID))
    require_applied(engine.fund_deposit(time, FUND_ID, fund_atoms))
    for index in range(len(marks_ticks)):
        require_applied(engine.set_market(time, market_parameters(index)))
    market_ids = np.arange(1, len(marks_ticks) + 1, dtype=np.int64)
    require_applied(engine.mark_prices(time, market_ids, marks_ticks))


def load(engine: Engine, columns: OpeningColumns) -> None:
    """Pay in every account, then open every position."""
    ids, amounts = columns.deposit_account_ids, columns.deposit_amounts_atoms
    for rows in spans(len(ids), LOAD_ROWS):
        assets = np.full(rows.stop - rows.start, ASSET_ID, dtype=np.int64)
        require_applied(engine.deposits(START_NANOS, ids[rows], assets, amounts[rows]))
    for rows in spans(len(columns.position_lots), LOAD_ROWS):
        outcome = engine.position_updates(
            START_NANOS,
            PositionUpdateMode.DELTA,
            columns.position_account_ids[rows],
            columns.position_market_ids[rows],
            columns.position_lots[rows],
            columns.position_price_ticks[rows],
        )
        require_applied(outcome)


def build_engine(
    population: Population, *, full_scan: bool = False, fund_atoms: int = FUND_ATOMS
) -> Engine:
    """Return an engine that holds the population; `full_scan`: without its index."""
    engine = Engine(full_scan=full_scan)
    open_venue(engine, population.marks_ticks, fund_atoms)
    load(engine, opening_columns(population))
    return engine
