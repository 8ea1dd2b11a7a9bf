"""What the view shows, as plain values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from riskengine.simulator.tally import LONG, SHORT, Closed, Stage
from riskengine.simulator.venue import Venue
from riskengine.simulator.wording import deleverage_reason
from riskengine.units import PPM

SPARK_POINTS = 16


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What does not change during a run."""

    title: str
    accounts: int
    policy: str
    seed: int
    metrics_address: str
    is_kept: bool = False
    """True when a stopped run can be played on."""


@dataclass(frozen=True, slots=True)
class MarketScene:
    """One line of the markets."""

    name: str
    price: str
    change_ppm: int
    low_ppm: int
    history: tuple[int, ...]
    depth_ppm: int
    long_atoms: int
    """Longs closed by force so far, at mark."""
    short_atoms: int


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture."""

    facts: RunFacts
    clock: str
    step: int
    steps: int
    markets: tuple[MarketScene, ...]
    fund_start_atoms: int
    fund_atoms: int
    fund_low_atoms: int
    fund_inventory_atoms: int
    fund_is_stopped: bool
    fund_history_atoms: tuple[int, ...]
    closed: dict[tuple[Stage, int], Closed]
    margin_calls: int
    called_now: int
    top_ups: int
    liquidated: int
    bad_debt_atoms: int
    cancelled_orders: int
    adl_events: int
    adl_accounts: int
    haircut_atoms: int
    hedged_hit: int
    hedged_lost: int
    last_adl: tuple[str, ...]
    answer_millis: tuple[float, float]
    decision_millis: tuple[float, float]
    rows: int
    rows_a_second: float
    commands: int
    instructions: int
    notes: tuple[str, ...]


def clock_text(time_seconds: int) -> str:
    """Return the simulated time."""
    return f"{datetime.fromtimestamp(time_seconds, UTC):%d %b %Y %H:%M:%S}"


def thin(values: Sequence[int], points: int) -> tuple[int, ...]:
    """Return at most so many of the values, evenly spread, the last one included."""
    if len(values) <= points:
        return tuple(values)
    last = len(values) - 1
    return tuple(values[last * at // (points - 1)] for at in range(points))


def make_scene(
    venue: Venue,
    facts: RunFacts,
    history: list[list[int]],
    notes: tuple[str, ...],
    elapsed_seconds: float,
) -> Scene:
    """Return the present picture; `history` holds each market's marks so far."""
    tally, fund, telemetry = venue.tally, venue.fund, venue.link.telemetry
    last = tally.last_deleverage
    return Scene(
        facts=facts,
        clock=clock_text(venue.path.times_seconds[venue.at]),
        step=venue.at + 1,
        steps=len(venue.path),
        markets=tuple(_market(venue, market, history[market]) for market in range(len(history))),
        fund_start_atoms=fund.start_atoms,
        fund_atoms=fund.equity_atoms,
        fund_low_atoms=fund.low_atoms,
        fund_inventory_atoms=fund.inventory_atoms,
        fund_is_stopped=fund.is_stopped,
        fund_history_atoms=thin(fund.history_atoms, SPARK_POINTS),
        closed={
            (stage, side): tally.closed(stage, side) for stage in Stage for side in (LONG, SHORT)
        },
        margin_calls=tally.margin_calls,
        called_now=len(tally.called),
        top_ups=venue.top_ups,
        liquidated=len(tally.liquidated),
        bad_debt_atoms=sum(tally.bad_debts.values()),
        cancelled_orders=venue.cancelled_orders,
        adl_events=tally.deleverage_events,
        adl_accounts=len(tally.deleveraged),
        haircut_atoms=tally.haircut_atoms,
        hedged_hit=len(tally.hedged_hit),
        hedged_lost=len(tally.hedged_lost),
        last_adl=deleverage_reason(venue.ledger, tally.population, last) if last else (),
        answer_millis=quantiles(telemetry.answers.quantile_millis),
        decision_millis=quantiles(telemetry.decisions.quantile_millis),
        rows=telemetry.rows,
        rows_a_second=telemetry.rows / max(0.001, elapsed_seconds),
        commands=telemetry.sequence,
        instructions=tally.instructions,
        notes=notes,
    )


def quantiles(quantile_millis: Callable[[float], float]) -> tuple[float, float]:
    """Return the median and the 99th percentile."""
    return quantile_millis(0.5), quantile_millis(0.99)


def _market(venue: Venue, market: int, history: list[int]) -> MarketScene:
    spec, mark = venue.ledger.markets[market], history[-1]
    start, tally = history[0], venue.tally.markets[market]
    return MarketScene(
        name=spec.name,
        price=spec.price_text(mark),
        change_ppm=(mark - start) * PPM // start,
        low_ppm=(min(history) - start) * PPM // start,
        history=thin(history, SPARK_POINTS),
        depth_ppm=venue.exchange.liquidity[market].depth_share_ppm(),
        long_atoms=tally.notional_atoms(side=LONG),
        short_atoms=tally.notional_atoms(side=SHORT),
    )
