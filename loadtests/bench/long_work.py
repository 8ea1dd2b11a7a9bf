"""Commands that set off much work, and how long their longest piece takes.

For so long nothing else is answered: a command has 20,000 units (WK-1), and the rest of its work
comes in Continues. The calls are the core's, events included; what the service does is apart.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from loadtests.bench.desk import NO_COLUMN
from loadtests.bench.loading import START_NANOS, build_engine, require_applied, spans
from loadtests.bench.pieces import Pieces, timed_pieces
from loadtests.bench.population import Column, make_population
from loadtests.bench.profiles import Profile, label
from loadtests.bench.timing import median_of, no_collector
from riskengine.core.engine import Engine
from riskengine.core.enums import EventKind, LossPolicy
from riskengine.core.types import MarketParameters
from riskengine.units import NANOS_PER_MILLI

Results = dict[str, float]

LOAD_ROWS = 50_000
LOTS = 10
CHOICE_MARKETS = 24
BEFORE, AFTER, RISEN = 100, 60, 110
SPREAD_MILLIS = 1_000
DEBTOR_ATOMS = 10
RICH_ATOMS = 10**15
CALL_LEVELS_PPM = (1_250_000, 5_000_000, 1_250_000)
"""Changed one after the other: some are called by the second, and what that costs is in it."""

CALL_CLEAR_PPM = 5_100_000


def wave_pieces(market: MarketParameters, accounts: int, repetitions: int) -> Results:
    """Return the longest piece of a mark that takes so many accounts below zero.

    Each is long against one that is short; nobody has more to pay with than the mark gave him.
    """
    results: Results = {}
    for policy in (LossPolicy.QUEUE, LossPolicy.PRO_RATA):
        engine = _paired(market._replace(loss_policy=policy), accounts)
        waves = [_fall(engine.fork(), accounts) for _ in range(repetitions)]
        results |= _of_policy("wave", policy, waves)
    return _with_longest("wave", results)


def _of_policy(name: str, policy: LossPolicy, runs: Sequence[Pieces]) -> Results:
    """Return the medians of the runs under a policy."""
    ending = policy.name.removeprefix("LOSS_POLICY_").lower()
    return {
        f"{name}_piece_ms_max_{ending}": median_of(one.longest_ms for one in runs),
        f"{name}_pieces_{ending}": float(len(runs[0].nanos)),
        f"{name}_ms_{ending}": median_of(sum(one.nanos) / NANOS_PER_MILLI for one in runs),
    }


def _with_longest(name: str, results: Results) -> Results:
    """Return the results with that of the slower policy as the section's."""
    longest = [value for key, value in results.items() if key.startswith(f"{name}_piece_ms_max")]
    return {**results, f"{name}_piece_ms_max": max(longest)}


def _paired(market: MarketParameters, pairs: int) -> Engine:
    """Return a venue of so many longs with a tenth of their value, each against one short."""
    engine = _opened(market)
    accounts = np.arange(1, 2 * pairs + 1)
    amounts = np.full_like(accounts, LOTS * BEFORE)
    amounts[:pairs] //= 10
    _pay_in(engine, accounts, amounts)
    _trade(engine, accounts[:pairs], accounts[pairs:], BEFORE)
    return engine


def _fall(engine: Engine, accounts: int) -> Pieces:
    ids, prices = np.array([1]), np.array([AFTER])
    with no_collector():
        pieces = timed_pieces(engine, partial(engine.mark_prices, START_NANOS + 1, ids, prices))
    pairs = sum(event.kind == EventKind.AUTO_DELEVERAGE for event in pieces.events)
    assert accounts <= pairs < 2 * accounts, pairs
    return pieces


def choice_pieces(market: MarketParameters, holders: int, repetitions: int) -> Results:
    """Return the longest piece of closing one account in markets of so many holders each.

    All of them have a position in each market: under PRO_RATA all are looked at for each.
    """
    results: Results = {}
    for policy in (LossPolicy.QUEUE, LossPolicy.PRO_RATA):
        engine = _crowded(market._replace(loss_policy=policy), holders)
        runs = [_fall_everywhere(engine.fork()) for _ in range(repetitions)]
        results |= _of_policy("choice", policy, runs)
    return _with_longest("choice", results)


def _crowded(market: MarketParameters, holders: int) -> Engine:
    """Return a venue of one who has a tenth of what it is long in all markets, and of holders."""
    engine = _opened(market)
    for market_id in range(2, CHOICE_MARKETS + 1):
        engine.set_market(START_NANOS, market._replace(market_id=market_id))
        engine.mark_prices(START_NANOS, np.array([market_id]), np.array([BEFORE]))
    accounts = np.arange(1, holders + 3)
    amounts = np.full_like(accounts, CHOICE_MARKETS * LOTS * BEFORE)
    amounts[0] //= 10
    amounts[1] = RICH_ATOMS
    _pay_in(engine, accounts, amounts)
    buyers = np.full_like(accounts[2:], 2)
    buyers[0] = 1
    for market_id in range(1, CHOICE_MARKETS + 1):
        _trade(engine, buyers, accounts[2:], BEFORE, market_id)
    return engine


def _fall_everywhere(engine: Engine) -> Pieces:
    ids = np.arange(1, CHOICE_MARKETS + 1)
    prices = np.full_like(ids, AFTER)
    with no_collector():
        pieces = timed_pieces(engine, partial(engine.mark_prices, START_NANOS + 1, ids, prices))
    closed = sum(event.kind == EventKind.LOSS_ALLOCATION for event in pieces.events)
    assert closed == CHOICE_MARKETS, closed
    return pieces


def spread_pieces(market: MarketParameters, payers: int, repetitions: int) -> Results:
    """Return the longest piece of a debt's spreading over so many accounts that have gained."""
    engine = _opened(market)
    levels = engine.parameters._replace(spread_after_millis=SPREAD_MILLIS)
    require_applied(engine.set_risk_parameters(START_NANOS, levels))
    rich, debtor = payers + 1, payers + 2
    accounts = np.arange(1, payers + 3)
    amounts = np.full_like(accounts, LOTS * BEFORE)
    amounts[payers:] = RICH_ATOMS, DEBTOR_ATOMS
    _pay_in(engine, accounts, amounts)
    _trade(engine, accounts[:payers], np.full(payers, rich), BEFORE)
    require_applied(engine.mark_prices(START_NANOS, np.array([1]), np.array([RISEN])))
    # A fee that the debtor cannot pay, of as much as a tenth of all gains.
    debt = payers * LOTS * (RISEN - BEFORE) // 10
    _owe(engine, rich, debtor, debt)
    runs = [_spread(engine.fork(), payers) for _ in range(repetitions)]
    return {
        "spread_piece_ms_max": median_of(one.longest_ms for one in runs),
        "spread_pieces": float(len(runs[0].nanos)),
        "spread_ms": median_of(sum(one.nanos) / NANOS_PER_MILLI for one in runs),
    }


def _owe(engine: Engine, rich: int, debtor: int, debt: int) -> None:
    for buyer, seller, fee in ((debtor, rich, 0), (rich, debtor, DEBTOR_ATOMS + debt)):
        row = (1, buyer, seller, RISEN, 1, 0, fee)
        columns = [*(np.array([value]) for value in row), NO_COLUMN]
        require_applied(engine.trades(START_NANOS, *columns))
    assert engine.bad_debt_atoms == debt, engine.bad_debt_atoms


def _spread(engine: Engine, payers: int) -> Pieces:
    due = START_NANOS + SPREAD_MILLIS * NANOS_PER_MILLI
    with no_collector():
        pieces = timed_pieces(engine, partial(engine.tick, due))
    paid = sum(event.kind == EventKind.LOSS_SPREAD for event in pieces.events)
    assert (paid, engine.bad_debt_atoms) == (payers, 0), paid
    return pieces


def parameters_pieces(profile: Profile) -> Results:
    """Return the longest piece of new levels by which the largest population is judged."""
    population = make_population(profile.largest, profile.markets, profile.seed)
    engine = build_engine(population)
    levels = engine.parameters._replace(margin_call_clear_ppm=CALL_CLEAR_PPM)
    runs, called = [], 0
    for call_ppm in CALL_LEVELS_PPM:
        changed = levels._replace(margin_call_ppm=call_ppm)
        command = partial(engine.set_risk_parameters, engine.time_nanos, changed)
        with no_collector():
            runs.append(timed_pieces(engine, command))
        called += sum(event.kind == EventKind.MARGIN_CALL for event in runs[-1].events)
    assert called > 0
    name = label(profile.largest)
    return {
        f"parameters_piece_ms_max_{name}": max(one.longest_ms for one in runs),
        f"parameters_pieces_{name}": float(max(len(one.nanos) for one in runs)),
        f"parameters_ms_{name}": median_of(sum(one.nanos) / NANOS_PER_MILLI for one in runs),
    }


def _opened(market: MarketParameters) -> Engine:
    engine = Engine()
    engine.create_asset(START_NANOS, 1, "USD", 0)
    engine.create_fund(START_NANOS, 1, 1)
    engine.set_market(START_NANOS, market)
    engine.mark_prices(START_NANOS, np.array([1]), np.array([BEFORE]))
    return engine


def _pay_in(engine: Engine, accounts: Column, amounts: Column) -> None:
    for rows in spans(len(accounts), LOAD_ROWS):
        assets = np.ones_like(accounts[rows])
        require_applied(engine.deposits(START_NANOS, accounts[rows], assets, amounts[rows]))


def _trade(
    engine: Engine, buyers: Column, sellers: Column, price_ticks: int, market_id: int = 1
) -> None:
    for rows in spans(len(buyers), LOAD_ROWS):
        ones = np.ones_like(buyers[rows])
        columns = (ones * market_id, buyers[rows], sellers[rows], ones * price_ticks, ones * LOTS)
        require_applied(engine.trades(START_NANOS, *columns, NO_COLUMN, NO_COLUMN, NO_COLUMN))
