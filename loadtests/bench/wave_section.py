"""Section `wave`: one mark that takes many accounts below zero against many holders.

Then what lasts longer, in pieces: many more accounts, one in many markets of many holders, a debt
that is spread over many, and new levels by which all are judged (`long_work`).

300 longs and 5,000 shorts, each long against a run of shorts. A pooled need closes them in at most
as many instructions as there are accounts on both sides, less one; need by need it was the product.
The wave is played from the same state for each policy, and the result is the median.
"""

from pathlib import Path
from time import perf_counter_ns

import numpy as np

from loadtests.bench.loading import START_NANOS, require_applied
from loadtests.bench.long_work import (
    choice_pieces,
    parameters_pieces,
    spread_pieces,
    wave_pieces,
)
from loadtests.bench.profiles import Profile
from loadtests.bench.timing import median_of, no_collector
from riskengine.core.engine import Engine
from riskengine.core.enums import EventKind, LossPolicy
from riskengine.core.types import MarketParameters, RiskTier
from riskengine.units import NANOS_PER_MILLI

Results = dict[str, float]

BANKRUPT, HOLDERS = 300, 5_000
LOTS = 1_000
BEFORE, AFTER = 100, 60
REPETITIONS = 5
LONG_REPETITIONS = 3

MARKET = MarketParameters(
    market_id=1,
    symbol="WAVE-PERP",
    asset_id=1,
    fund_id=1,
    tick_exponent=0,
    lot_exponent=0,
    price_step_ticks=1,
    size_step_lots=1,
    max_price_ticks=1_000,
    max_position_lots=10**9,
    tiers=(RiskTier(0, 100_000, 50_000),),
    liquidation_fee_ppm=5_000,
    liquidation_timeout_millis=1_000,
    liquidation_slice_lots=0,
    liquidation_cooldown_millis=0,
    dust_notional_atoms=0,
    loss_policy=LossPolicy.QUEUE,
    discount_ppm=20_000,
)


def run(profile: Profile, _work: Path) -> Results:
    """Return the medians of the wave's mark by policy, the slower as the section's result."""
    results: Results = {}
    for policy in (LossPolicy.QUEUE, LossPolicy.PRO_RATA):
        engine = opened(policy)
        waves = [wave(engine.fork()) for _ in range(REPETITIONS)]
        name = policy.name.removeprefix("LOSS_POLICY_").lower()
        results[f"adl_wave_ms_{BANKRUPT}x{HOLDERS}_{name}"] = median_of(ms for ms, _ in waves)
        results[f"adl_wave_pairs_{BANKRUPT}x{HOLDERS}_{name}"] = float(waves[0][1])
    results[f"adl_wave_ms_{BANKRUPT}x{HOLDERS}"] = max(
        value for key, value in results.items() if key.startswith("adl_wave_ms")
    )
    results |= wave_pieces(MARKET, profile.wave_accounts, LONG_REPETITIONS)
    results |= choice_pieces(MARKET, profile.choice_holders, LONG_REPETITIONS)
    results |= spread_pieces(MARKET, profile.spread_payers, LONG_REPETITIONS)
    return results | parameters_pieces(profile)


def opened(policy: LossPolicy) -> Engine:
    """Return a venue where all longs stand just above their maintenance."""
    engine = Engine()
    engine.create_asset(START_NANOS, 1, "USD", 0)
    engine.create_fund(START_NANOS, 1, 1)
    engine.set_market(START_NANOS, MARKET._replace(loss_policy=policy))
    engine.mark_prices(START_NANOS, np.array([1]), np.array([BEFORE]))
    accounts = np.arange(1, BANKRUPT + HOLDERS + 1)
    shorts = accounts[BANKRUPT:]
    longs = 1 + np.arange(HOLDERS) * BANKRUPT // HOLDERS
    held = np.bincount(longs, minlength=len(accounts) + 1)[1:] * LOTS
    deposits = np.where(held > 0, held * BEFORE // 10, LOTS * BEFORE)
    none = np.array([], dtype=np.int64)
    require_applied(engine.deposits(START_NANOS, accounts, np.ones_like(accounts), deposits, none))
    require_applied(
        engine.trades(
            START_NANOS,
            np.ones_like(shorts),
            longs,
            shorts,
            np.full_like(shorts, BEFORE),
            np.full_like(shorts, LOTS),
            none,
            none,
            none,
        )
    )
    return engine


def wave(engine: Engine) -> tuple[float, int]:
    """Set the mark; return the milliseconds of the call, and how many pairs were closed."""
    with no_collector():
        begin = perf_counter_ns()
        outcome = engine.mark_prices(START_NANOS + 1, np.array([1]), np.array([AFTER]))
        nanos = perf_counter_ns() - begin
    pairs = sum(event.kind == EventKind.AUTO_DELEVERAGE for event in outcome.events)
    assert HOLDERS <= pairs < BANKRUPT + HOLDERS, pairs
    return nanos / NANOS_PER_MILLI, pairs
