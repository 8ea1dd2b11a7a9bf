"""The engine's state of one instant, as far as a scrape needs it."""

from typing import NamedTuple

from riskengine.core.counters import EngineCounters
from riskengine.core.engine import Engine
from riskengine.core.enums import VenueMode
from riskengine.core.types import (
    AssetView,
    FundView,
    GateView,
    MarketView,
    RiskParameters,
)


class EngineSnapshot(NamedTuple):
    """Hold what was read from the engine between two commands."""

    venue_mode: int
    sequence: int
    instruction_sequence: int
    time_nanos: int
    account_count: int
    position_count: int
    open_liquidation_count: int
    bad_debts_atoms: list[int]  # by asset
    gates: list[GateView]  # by asset; none while the venue is loaded
    parameters: RiskParameters
    counters: EngineCounters
    assets: list[AssetView]
    markets: list[MarketView]
    funds: list[FundView]


def take_snapshot(engine: Engine) -> EngineSnapshot:
    """Read the engine, on the thread that applies commands; never O(accounts).

    It looks at markets, funds, and the accounts in liquidation or bankrupt. The check of
    conservation is left out, as it reads every position, and the gates of a venue that is loaded.
    """
    return EngineSnapshot(
        venue_mode=engine.venue_mode,
        sequence=engine.sequence,
        instruction_sequence=engine.instruction_sequence,
        time_nanos=engine.time_nanos,
        account_count=engine.account_count,
        position_count=engine.position_count,
        open_liquidation_count=engine.open_liquidation_count,
        bad_debts_atoms=engine.bad_debts_atoms,
        gates=engine.gates() if engine.venue_mode == VenueMode.LIVE else [],
        parameters=engine.parameters,
        counters=engine.counters(),
        assets=engine.assets(),
        markets=engine.markets(),
        funds=engine.funds(),
    )
