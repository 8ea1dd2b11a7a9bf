"""Whom ADL picks with rankings that live on, against a ranking of everybody each time."""

from collections import Counter
from random import Random

import pytest

from riskengine.core.enums import EventKind, LossPolicy
from riskengine.core.types import MarketParameters, RiskParameters, RiskTier
from tests.simulation.commands import Command
from tests.simulation.index.pair import Pair, run
from tests.simulation.index.worlds import World
from tests.simulation.themes import OTHERS, START_NANOS, USD, Asset, Fund

MARKETS = 3
MARK_TICKS = 20_000
UNIT_ATOMS = 10_000_000
STEP_NANOS = 2_000_000_000
RATES = RiskTier(0, 20_000, 10_000)


def market(market_id: int, asset: Asset, fund_id: int, rng: Random) -> MarketParameters:
    return MarketParameters(
        market_id=market_id,
        symbol=f"M{market_id}-PERP",
        asset_id=asset.asset_id,
        fund_id=fund_id,
        tick_exponent=-2,
        lot_exponent=asset.exponent + 2,
        price_step_ticks=1,
        size_step_lots=1,
        max_price_ticks=10 * MARK_TICKS,
        max_position_lots=10**7,
        tiers=(RATES,),
        liquidation_fee_ppm=0,
        liquidation_timeout_millis=1_000,
        liquidation_slice_lots=0,
        liquidation_cooldown_millis=0,
        dust_notional_atoms=rng.choice((0, UNIT_ATOMS // 2)),
        loss_policy=int(LossPolicy.QUEUE),
    )


def crowd(rng: Random, accounts: int, assets: tuple[Asset, ...]) -> World:
    """Return a venue with poor funds, where nearly every liquidation ends in ADL."""
    funds = tuple(Fund(fund_id, asset.asset_id) for fund_id, asset in enumerate(assets, 7))
    markets = tuple(
        market(MARKETS * number + one, asset, funds[number].fund_id, rng)
        for number, asset in enumerate(assets)
        for one in range(1, MARKETS + 1)
    )
    return World(
        shape="crowd",
        unit_atoms=UNIT_ATOMS,
        account_ids=tuple(range(1, accounts + 1)),
        assets=assets,
        funds=funds,
        markets=markets,
        marks=dict.fromkeys(range(1, len(markets) + 1), MARK_TICKS),
        funds_ppm=tuple(rng.choice((0, 100_000)) for _ in funds),
    )


class Crash:
    """Trades among all, then marks that fall and rebound, with orders that nobody fills."""

    def __init__(self, seed: int, accounts: int, assets: tuple[Asset, ...] = (USD,)) -> None:
        self.rng = Random(seed)
        self.world = crowd(self.rng, accounts, assets)
        self.marks = dict(self.world.marks)
        self.now = START_NANOS
        self.queue = self.world.opening(RiskParameters())
        self.queue += [self.trades(accounts) for _ in range(4)]

    def next(self) -> Command:
        if self.queue:
            return self.queue.pop(0)
        self.now += self.rng.choice((0, STEP_NANOS))
        maker = self.rng.choices((self.fall, self.single, self.trade_a_few, self.pay), (5, 3, 2, 1))
        return maker[0]()

    def trades(self, count: int) -> Command:
        rows = []
        for _ in range(count):
            buyer, seller = self.rng.sample(self.world.account_ids, 2)
            market_id = self.rng.randint(1, len(self.marks))
            mark = self.marks[market_id]
            leverage = 30 ** self.rng.random() / 3
            price = mark + self.rng.randint(-mark // 50, mark // 50)
            size = max(1, int(UNIT_ATOMS * leverage) // mark)
            rows.append((market_id, buyer, seller, price, size, 0, 0, 0))
        return Command("trades", self.now, tuple(zip(*rows, strict=True)))

    def trade_a_few(self) -> Command:
        return self.trades(self.rng.choice((1, 2, 10)))

    def pay(self) -> Command:
        ids = tuple(self.rng.sample(self.world.account_ids, 3))
        paid_in = tuple(self.rng.choice(self.world.asset_ids) for _ in ids)
        return Command("deposits", self.now, (ids, paid_in, (UNIT_ATOMS // 3,) * 3))

    def fall(self) -> Command:
        """Move all marks: mostly down, by up to a tenth now and then."""
        part = self.rng.choice((500, 500, 100, 10))
        for market_id, mark in self.marks.items():
            moved = mark + self.rng.randint(-2 * mark // part, mark // part)
            self.marks[market_id] = min(max(moved, MARK_TICKS // 20), 5 * MARK_TICKS)
        return Command("mark_prices", self.now, (tuple(self.marks), tuple(self.marks.values())))

    def single(self) -> Command:
        market_id = self.rng.randint(1, len(self.marks))
        mark = self.marks[market_id]
        self.marks[market_id] = mark + self.rng.randint(-mark // 200, mark // 200)
        return Command("mark_prices", self.now, ((market_id,), (self.marks[market_id],)))


def play(seed: int, accounts: int, commands: int, *assets: Asset) -> Pair:
    crash = Crash(seed, accounts, assets or (USD,))
    return run(f"ranking-seed-{seed}", Pair(audit_every=1), crash.next, commands)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_few_are_assessed_and_the_same_are_picked(seed: int) -> None:
    pair = play(seed, 250, 400)
    few = pair.index.counters().assessed_counterparties
    all_of_them = pair.scan.counters().assessed_counterparties
    assert pair.kinds[EventKind.AUTO_DELEVERAGE] > 100
    # The needs of a side are pooled: a fall is one choice, of so many that half a crowd is looked
    # at. How few one need asks for shows below.
    assert 0 < few < all_of_them


LONGS = 10
SHORTS = 290
FALLS = 45


def lone_falls(seed: int) -> Pair:
    """Have longs on 20 to 38 times their money fall one by one, against shorts that are rich.

    A mark falls by a thousandth, and by then the orders of before have ended unfilled. Shorts sold
    what all longs bought at prices of their own, by way of one account.
    """
    rng = Random(seed)
    world = crowd(rng, LONGS + SHORTS + 1, (USD,))
    hub, *others = world.account_ids
    longs, shorts = others[:LONGS], others[LONGS:]
    lots = UNIT_ATOMS // MARK_TICKS
    rows = [
        (1, long, hub, MARK_TICKS, (20 + 2 * number) * lots, 0, 0, 0)
        for number, long in enumerate(longs)
    ]
    for short in shorts:
        price = MARK_TICKS + rng.randint(-MARK_TICKS // 50, MARK_TICKS // 50)
        rows.append((1, hub, short, price, lots, 0, 0, 0))
    commands = world.opening(RiskParameters())
    commands.append(Command("trades", START_NANOS, tuple(zip(*rows, strict=True))))
    for fall in range(1, FALLS):
        mark = (1,), (MARK_TICKS - fall * MARK_TICKS // 1_000,)
        commands.append(Command("mark_prices", START_NANOS + fall * STEP_NANOS, mark))
    later = iter(commands)
    return run(f"falls-seed-{seed}", Pair(audit_every=1), lambda: next(later), len(commands))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_need_of_few_looks_at_few(seed: int) -> None:
    pair = lone_falls(seed)
    few = pair.index.counters().assessed_counterparties
    all_of_them = pair.scan.counters().assessed_counterparties
    assert pair.kinds[EventKind.LOSS_ALLOCATION] >= LONGS
    assert 0 < few < all_of_them // 2


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20, 23))
def test_rankings_of_two_assets_live_beside_one_another(seed: int) -> None:
    """The same holders stand in rankings of both, with another equity in each."""
    pair = play(seed, 150, 300, OTHERS[0], USD)
    assert pair.kinds[EventKind.AUTO_DELEVERAGE] > 100
    few = pair.index.counters().assessed_counterparties
    assert 0 < few < pair.scan.counters().assessed_counterparties


def test_a_few_holders_are_ranked_as_well_as_many() -> None:
    kinds = sum(
        (play(seed, accounts, 150).kinds for seed, accounts in enumerate((3, 4, 5, 9, 17, 40))),
        start=Counter[int](),
    )
    assert kinds[EventKind.AUTO_DELEVERAGE] > 0
