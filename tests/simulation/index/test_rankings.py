"""Whom ADL picks with rankings that live on, against a ranking of everybody each time."""

from collections import Counter
from random import Random

import pytest

from riskengine.core.enums import EventKind, LossPolicy
from riskengine.core.types import MarketParameters, RiskParameters, RiskTier
from tests.simulation.commands import Command
from tests.simulation.index.pair import Pair, run
from tests.simulation.index.worlds import ASSET, START_NANOS, World

MARKETS = 3
MARK_TICKS = 20_000
UNIT_ATOMS = 10_000_000
STEP_NANOS = 2_000_000_000
RATES = RiskTier(0, 20_000, 10_000)


def market(market_id: int, rng: Random) -> MarketParameters:
    return MarketParameters(
        market_id=market_id,
        symbol=f"M{market_id}-PERP",
        asset_id=ASSET,
        fund_id=7,
        tick_exponent=-2,
        lot_exponent=-4,
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


def crowd(rng: Random, accounts: int) -> World:
    """Return a venue with a poor fund, where nearly every liquidation ends in ADL."""
    return World(
        shape="crowd",
        unit_atoms=UNIT_ATOMS,
        account_ids=tuple(range(1, accounts + 1)),
        fund_ids=(7,),
        markets=tuple(market(market_id, rng) for market_id in range(1, MARKETS + 1)),
        marks=dict.fromkeys(range(1, MARKETS + 1), MARK_TICKS),
        funds_ppm=(rng.choice((0, 100_000)),),
    )


class Crash:
    """Trades among all, then marks that fall and rebound, with orders that nobody fills."""

    def __init__(self, seed: int, accounts: int) -> None:
        self.rng = Random(seed)
        self.world = crowd(self.rng, accounts)
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
            market_id = self.rng.randint(1, MARKETS)
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
        return Command("deposits", self.now, (ids, (ASSET,) * 3, (UNIT_ATOMS // 3,) * 3))

    def fall(self) -> Command:
        """Move all marks: mostly down, by up to a tenth now and then."""
        part = self.rng.choice((500, 500, 100, 10))
        for market_id, mark in self.marks.items():
            moved = mark + self.rng.randint(-2 * mark // part, mark // part)
            self.marks[market_id] = min(max(moved, MARK_TICKS // 20), 5 * MARK_TICKS)
        return Command("mark_prices", self.now, (tuple(self.marks), tuple(self.marks.values())))

    def single(self) -> Command:
        market_id = self.rng.randint(1, MARKETS)
        mark = self.marks[market_id]
        self.marks[market_id] = mark + self.rng.randint(-mark // 200, mark // 200)
        return Command("mark_prices", self.now, ((market_id,), (self.marks[market_id],)))


def play(seed: int, accounts: int, commands: int, audit_every: int) -> Pair:
    pair = Pair(audit_every=audit_every)
    return run(f"ranking-seed-{seed}", pair, Crash(seed, accounts).next, commands)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_few_are_assessed_and_the_same_are_picked(seed: int) -> None:
    pair = play(seed, 250, 400, 1)
    few = pair.index.counters().assessed_counterparties
    all_of_them = pair.scan.counters().assessed_counterparties
    assert pair.kinds[EventKind.AUTO_DELEVERAGE] > 100
    assert 0 < few < all_of_them // 2


def test_a_few_holders_are_ranked_as_well_as_many() -> None:
    kinds = sum(
        (play(seed, accounts, 150, 1).kinds for seed, accounts in enumerate((3, 4, 5, 9, 17, 40))),
        start=Counter[int](),
    )
    assert kinds[EventKind.AUTO_DELEVERAGE] > 0
