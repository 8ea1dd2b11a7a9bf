"""A random venue in which many accounts live near a threshold; the same for the same seed."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from riskengine.core.enums import EventKind, Side
from riskengine.core.types import MarketParameters, Outcome, RiskParameters, RiskTier
from tests.simulation.index.pair import Pair

MAX_NOTIONAL_ATOMS = 2**54
RATES_PPM = (1, 500, 4_000, 5_000, 10_000, 50_000, 200_000, 500_000, 1_000_000)
CALLS_PPM = (1_000_000, 1_000_001, 1_250_000, 2_000_000, 10_000_000)
SECOND_NANOS = 1_000_000_000


class Order(NamedTuple):
    """An open liquidation order."""

    account_id: int
    market_id: int
    side: int
    size_lots: int


class World:
    """Makes calls on a pair; `step` makes one."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.pair = Pair()
        self.orders: dict[int, Order] = {}
        self.kinds: set[int] = set()
        self.accounts = list(range(1, self.rng.choice((4, 12, 40)) + 1))
        self.markets: dict[int, MarketParameters] = {}
        self.marks: dict[int, int] = {}
        self.makers: list[tuple[int, Callable[[], None]]] = [
            (24, self.trade),
            (20, self.creep),
            (10, self.move),
            (14, self.aim),
            (5, self.crash),
            (6, self.fill),
            (5, self.report),
            (4, self.wait),
            (5, self.deposit),
            (3, self.withdraw),
            (2, self.fund),
            (3, self.update),
            (1, self.change_market),
            (1, self.change_parameters),
        ]
        self.open()

    def step(self) -> None:
        """Make one call."""
        _, make = self.rng.choices(self.makers, [weight for weight, _ in self.makers])[0]
        make()

    def call(self, name: str, *arguments: object) -> Outcome:
        """Apply a call and take note of orders that it opened or ended."""
        outcome = self.pair.apply(name, *arguments)
        for event in outcome.events:
            self.kinds.add(event.kind)
            if event.kind == EventKind.LIQUIDATION_ORDER:
                self.orders[event.liquidation_id] = Order(
                    event.account_id, event.market_id, event.side, event.size_lots
                )
            elif event.kind == EventKind.LIQUIDATION_ORDER_ENDED:
                del self.orders[event.liquidation_id]
        return outcome

    def open(self) -> None:
        """Open the venue."""
        self.call("create_asset", 1, "USD", -6)
        self.call("create_fund", 1, 1)
        for market_id in range(1, self.rng.choice((1, 2, 5)) + 1):
            self.markets[market_id] = self.new_market(market_id)
            assert self.call("set_market", self.markets[market_id]).sequence
        self.change_parameters()
        self.call("mark_prices", list(self.marks), list(self.marks.values()))
        for account_id in self.accounts:
            self.call("deposits", [account_id], [1], [self.money()])
        self.fund()

    def new_market(self, market_id: int) -> MarketParameters:
        """Return a market at a price of a few ticks, of many, or near the bounds."""
        price = self.rng.choice((3, 40, 100_000, 50_000_000, MAX_NOTIONAL_ATOMS // 4_000))
        max_price = price * 4
        multiplier_exponent = self.rng.choice((0, 1)) if price < MAX_NOTIONAL_ATOMS // 4_000 else 0
        room = MAX_NOTIONAL_ATOMS // (max_price * 10**multiplier_exponent)
        self.marks[market_id] = price
        return MarketParameters(
            market_id=market_id,
            symbol=f"M{market_id}",
            asset_id=1,
            fund_id=1,
            tick_exponent=-6,
            lot_exponent=multiplier_exponent,
            price_step_ticks=1,
            size_step_lots=1,
            max_price_ticks=max_price,
            max_position_lots=max(1, min(room, 10**12)),
            tiers=self.tiers(),
            liquidation_fee_ppm=self.rng.choice((0, 1_000, 50_000)),
            liquidation_timeout_millis=1_000,
            liquidation_slice_lots=self.rng.choice((0, 0, 5)),
            liquidation_cooldown_millis=self.rng.choice((0, 2_000)),
            dust_notional_atoms=0,
            loss_policy=self.rng.choice((1, 2)),
        )

    def tiers(self) -> tuple[RiskTier, ...]:
        """Return one to four tiers of rising rates."""
        count = self.rng.randint(1, 4)
        rates = sorted(self.rng.choices(RATES_PPM, k=count))
        floors = [0, *sorted(self.rng.sample(range(1, 40), count - 1))]
        unit = 10 ** self.rng.randint(3, 9)
        return tuple(
            RiskTier(floor * unit, min(1_000_000, 2 * rate), rate)
            for floor, rate in zip(floors, rates, strict=True)
        )

    def money(self) -> int:
        """Return an amount of some order of magnitude."""
        return int(self.rng.randint(1, 9) * 10 ** self.rng.randint(5, 12))

    def market(self) -> int:
        """Return some market."""
        return self.rng.choice(list(self.markets))

    def lots(self, market_id: int) -> int:
        """Return a size that is worth some money, as one can hold it."""
        parameters = self.markets[market_id]
        value = int(self.marks[market_id] * 10**parameters.lot_exponent)
        return max(1, min(parameters.max_position_lots // 8, self.money() // value))

    def near(self, market_id: int, spread_ppm: int) -> int:
        """Return a price near the mark, a tick away at the least."""
        mark = self.marks[market_id]
        reach = max(1, mark * spread_ppm // 1_000_000)
        price = mark + self.rng.randint(-reach, reach)
        return max(1, min(self.markets[market_id].max_price_ticks, price))

    def trade(self) -> None:
        """Trade some rows between random accounts, the fund's among them at times."""
        rows = self.rng.randint(1, 4)
        holders = [*self.accounts, 2**62 + 1] if self.rng.random() < 0.1 else self.accounts
        pairs = [self.rng.sample(holders, 2) for _ in range(rows)]
        markets = [self.market() for _ in range(rows)]
        self.call(
            "trades",
            markets,
            [buyer for buyer, _ in pairs],
            [seller for _, seller in pairs],
            [self.near(market_id, 2_000) for market_id in markets],
            [self.lots(market_id) for market_id in markets],
            [],
            [],
            [],
        )

    def mark(self, prices: dict[int, int]) -> None:
        """Set marks, as one instant."""
        for market_id, price in prices.items():
            self.marks[market_id] = max(1, min(self.markets[market_id].max_price_ticks, price))
        self.call("mark_prices", list(prices), [self.marks[market_id] for market_id in prices])

    def creep(self) -> None:
        """Move one mark by a few ticks."""
        market_id = self.market()
        self.mark({market_id: self.marks[market_id] + self.rng.choice((-3, -2, -1, 1, 2, 3))})

    def move(self) -> None:
        """Move some marks a little, the same way or not."""
        chosen = self.rng.sample(list(self.markets), self.rng.randint(1, len(self.markets)))
        self.mark({market_id: self.near(market_id, 10_000) for market_id in chosen})

    def crash(self) -> None:
        """Move all marks far."""
        share = self.rng.uniform(0.5, 1.6)
        self.mark({market_id: int(mark * share) for market_id, mark in self.marks.items()})

    def aim(self) -> None:
        """Mark to one tick on the safe side of a liquidation price, then to it, then back."""
        view = self.pair.scan.account(self.rng.choice(self.accounts))
        assert view is not None
        if not view.positions:
            return
        position = self.rng.choice(view.positions)
        price = position.liquidation_price_ticks
        if price == 0:
            return
        safe = 1 if position.size_lots > 0 else -1
        before = self.marks[position.market_id]
        for wanted in (price + safe, price, self.rng.choice((before, price + safe))):
            self.mark({position.market_id: wanted})

    def fill(self) -> None:
        """Fill an open order in part, whole, or beyond."""
        if not self.orders:
            return
        liquidation_id, order = self.rng.choice(list(self.orders.items()))
        other = self.rng.choice([one for one in self.accounts if one != order.account_id])
        size = max(1, order.size_lots * self.rng.choice((1, 3, 4, 5)) // 4)
        sides = (order.account_id, other) if order.side == Side.LONG else (other, order.account_id)
        price = self.near(order.market_id, 5_000)
        self.call(
            "trades", [order.market_id], *([one] for one in (*sides, price, size)), [], [],
            [liquidation_id],
        )  # fmt: skip

    def report(self) -> None:
        """Report an open order done."""
        if self.orders:
            self.call("liquidation_reports", [self.rng.choice(list(self.orders))])

    def wait(self) -> None:
        """Let time pass, and timers run."""
        self.pair.time_nanos += self.rng.choice((1, SECOND_NANOS // 2, 3 * SECOND_NANOS))
        self.call("tick")

    def deposit(self) -> None:
        """Pay in."""
        self.call("deposits", [self.rng.choice(self.accounts)], [1], [self.money()])

    def withdraw(self) -> None:
        """Take out all that can be, or some amount."""
        account_id = self.rng.choice(self.accounts)
        view = self.pair.scan.account(account_id)
        assert view is not None
        self.call("withdraw", account_id, 1, self.rng.choice((view.withdrawable_atoms, 10**6)))

    def fund(self) -> None:
        """Pay into the fund."""
        self.call("fund_deposit", 1, self.money())

    def update(self) -> None:
        """Update a position from outside."""
        market_id = self.market()
        size = self.lots(market_id) * self.rng.choice((-1, 1))
        account_id = self.rng.choice(self.accounts)
        mode = self.rng.choice((1, 2))
        price = self.near(market_id, 2_000)
        self.call("position_updates", mode, [account_id], [market_id], [size], [price])

    def change_market(self) -> None:
        """Give a market other tiers."""
        market_id = self.market()
        self.markets[market_id] = self.markets[market_id]._replace(tiers=self.tiers())
        self.call("set_market", self.markets[market_id])

    def change_parameters(self) -> None:
        """Set other levels of the waterfall."""
        self.call(
            "set_risk_parameters",
            RiskParameters(
                self.rng.choice(CALLS_PPM),
                self.rng.choice((0, 50_000)),
                self.rng.choice((0, 666_667, 1_000_000)),
            ),
        )
