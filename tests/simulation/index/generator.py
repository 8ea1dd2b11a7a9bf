"""Random commands for a pair, many of them aimed at the tick at which something must happen."""

from collections.abc import Callable

import numpy as np

from riskengine.core.enums import EventKind, PositionUpdateMode, Side
from riskengine.core.types import MarketParameters
from tests.simulation.commands import Command
from tests.simulation.index import debts, thresholds, worlds
from tests.simulation.index.aims import Aims, Row
from tests.simulation.index.pair import Pair, name_of
from tests.simulation.index.worlds import change_market, make_risk, make_tiers
from tests.simulation.oracle.names import NANOS_PER_MILLI, PPM
from tests.simulation.oracle.world import RiskParameters

FUND_PAYS = {EventKind.INSURANCE_PAYOUT, EventKind.TAKE_OVER}


class Generator(Aims):
    """Makes one command after the other; the caller applies each to `pair` before the next."""

    def __init__(self, seed: int, pair: Pair, shape: str = "", asset_count: int = 1) -> None:
        super().__init__(seed, pair, shape, asset_count)
        self.numbers = np.random.default_rng(seed)
        self.is_at_edges = self.world.shape == "edges"
        if self.world.shape == "widest":
            self.spread()
        weights: list[tuple[float, Callable[[], None]]] = [
            (16, self.trades),
            (6, self.hedges),
            (2, self.spread),
            (8 if self.is_at_edges else 0, self.grow_hedge),
            (20, self.tiny_marks),
            (10, self.moves),
            (8, self.moves_together),
            (12 if self.is_at_edges else 1, self.jump),
            (14, self.aim_at_one),
            (10, self.aim_at_all),
            (8, self.aim_behind_order),
            (10, self.fill),
            (3, self.report),
            (6, self.wait),
            (12, self.deposits),
            (4, self.withdraw),
            (2, self.leave),
            (2, self.fund_deposit),
            (3, self.delta),
            (2, self.absolute),
            (0.8, self.change_market),
            (0.5, self.change_risk),
            (0 if asset_count == 1 else 20, self.aim_in_every_asset),
        ]
        self.makers = [maker for _, maker in weights]
        self.weights = [weight for weight, _ in weights]

    def next(self) -> Command:
        self.note_hit()
        if not self.queue and any(e.kind in FUND_PAYS for e in self.pair.events):
            self.aim_at_fund()
        while not self.queue:
            self.rng.choices(self.makers, self.weights)[0]()
        command = self.queue.popleft()
        if command.name == "mark_prices":
            self.marks.update(zip(*command.arguments, strict=True))
        self.now = command.time_nanos
        return command

    def price_near(self, market: MarketParameters, part: int = 100) -> int:
        mark = self.marks[market.market_id]
        spread = mark // part
        price = mark + self.rng.randint(-spread, spread)
        if price % 31 == 0:
            price = price * (20, 80, 120, 300)[price // 31 % 4] // 100
        return max(1, min(price, market.max_price_ticks))

    def size_for(self, equity_atoms: int, market: MarketParameters) -> int:
        """Return a size at a leverage between a half and the most that the first tier bears."""
        rate = max(market.tiers[0].maintenance_rate_ppm, self.rng.choice((5_000, 40_000)))
        leverage = 0.2 * (3.0 * PPM / rate) ** self.rng.random()
        if self.rng.random() < 0.1:
            leverage = self.rng.choice((0.8, 0.95, 1.0, 1.02)) * PPM / rate
        if self.is_at_edges and self.rng.random() < 0.15:
            return market.max_position_lots
        value = self.marks[market.market_id] * thresholds.multiplier(market)
        lots = int(leverage * equity_atoms) // value
        return max(1, min(lots, market.max_position_lots))

    def trades(self) -> None:
        """Trade at random among accounts drawn at once; the first row is sized by its buyer."""
        count = self.rng.choice((1, 1, 2, 8, 30))
        ids = self.numbers.integers(0, len(self.world.account_ids), (2, count)).tolist()
        rows: list[Row] = []
        for buyer, seller in zip(*ids, strict=True):
            market, unit = self.market(), self.world.unit_atoms
            buyer_id, seller_id = self.world.account_ids[buyer], self.world.account_ids[seller]
            equity = unit if len(rows) == 1 else unit // self.rng.choice((2, 5, 20))
            if not rows:
                equity = self.view(buyer_id, market.asset_id).equity_atoms
            size = self.size_for(max(1, equity), market)
            fee = self.rng.choice((0, 0, unit // 10_000, -1))
            if self.rng.random() < 0.03:
                seller_id = self.fund_account_id(market.asset_id)
            price = self.price_near(market)
            rows.append((market.market_id, buyer_id, seller_id, price, size, fee, 0, 0))
        self.push_rows("trades", rows)

    def hedges(self) -> None:
        """Have one account buy in some markets and sell the same value in others."""
        account_id, asset_id = self.rng.choice(self.world.account_ids), self.asset_id()
        markets = [one for one in self.markets.values() if one.asset_id == asset_id]
        legs = self.rng.choice((2, 2, 4, len(markets)))
        equity = max(1, self.view(account_id, asset_id).equity_atoms)
        equity = equity * self.rng.choice((1, 5, 20)) // legs
        rows = []
        for leg in range(legs):
            market, other_id = self.rng.choice(markets), self.account_id(asset_id)
            value = self.marks[market.market_id] * thresholds.multiplier(market)
            size = max(1, min(equity // value, market.max_position_lots))
            sides = (account_id, other_id) if leg % 2 else (other_id, account_id)
            rows.append((market.market_id, *sides, self.price_near(market, 1_000), size, 0, 0, 0))
        self.push_rows("trades", rows)

    def grow_hedge(self) -> None:
        """Have a flat account hedge, go on to a market maybe without a relative price, pay in."""
        asset_id = self.asset_id()
        view = self.view(self.rng.choice(self.world.account_ids), asset_id)
        markets = [one for one in self.markets.values() if one.asset_id == asset_id]
        chosen = self.rng.sample(markets, min(3, len(markets)))
        values = [self.marks[m.market_id] * thresholds.multiplier(m) for m in chosen]
        most = min(v * m.max_position_lots for v, m in zip(values[:2], chosen[:2], strict=True))
        equity = max(1, view.equity_atoms) * self.rng.choice((1, 1, 3))
        whole = max(*values[:2], min(most, equity))
        sides = self.rng.choice(((1, -1, 1), (1, -1, -1), (-1, 1, 1)))
        rows = [(view.account_id, position.market_id, 0, 1) for position in view.positions]
        for place, (side, value, market) in enumerate(zip(sides, values, chosen, strict=False)):
            size = max(1, whole // value // (50 if place == 2 else 1))
            rows.append(
                (view.account_id, market.market_id, side * size, self.marks[market.market_id])
            )
        for row in rows:
            self.push_rows("position_updates", [row], int(PositionUpdateMode.ABSOLUTE))
        self.push_rows("deposits", [(view.account_id, asset_id, 1)])

    def spread(self) -> None:
        """Have one account go the same way in every market, as far as it may in each."""
        buyer_id, seller_id = self.rng.sample(self.world.account_ids, 2)
        equity = int(self.world.unit_atoms * self.rng.choice((0.5, 1, 3, 10)))
        rows = []
        for market in self.markets.values():
            price = self.marks[market.market_id]
            lots = equity // (price * thresholds.multiplier(market) * len(self.markets))
            size = max(1, min(lots, market.max_position_lots))
            rows.append((market.market_id, buyer_id, seller_id, price, size, 0, 0, 0))
        self.push_rows("trades", rows)

    def tiny_marks(self) -> None:
        self._mark_some(lambda mark: mark + self.rng.choice((-3, -2, -1, -1, 0, 1, 1, 2, 3)))

    def moves(self) -> None:
        spread = self.rng.choice((0.001, 0.005, 0.02))
        self._mark_some(lambda mark: round(mark * self.rng.gauss(1, spread)))

    def moves_together(self) -> None:
        """Let all markets go the same way by much the same part, a few times over."""
        part = self.rng.gauss(0, self.rng.choice((0.002, 0.01, 0.05)))
        own = self.rng.choice((0, 0.0005, 0.005))
        for turn in range(1, 1 + self.rng.choice((1, 3, 8))):
            rows = []
            for market_id, market in self.markets.items():
                moved = self.marks[market_id] * (1 + part) ** turn * self.rng.gauss(1, own)
                rows.append((market_id, max(1, min(round(moved), market.max_price_ticks))))
            self.push_rows("mark_prices", rows)

    def jump(self) -> None:
        if self.rng.random() < 0.3:
            self._mark_some(lambda _: self.rng.choice((1, 2, 2**62)))
        self._mark_some(lambda mark: round(mark * self.rng.uniform(0.5, 1.8)))
        self.push_rows("mark_prices", self.world.marks.items())

    def _mark_some(self, moved: Callable[[int], int]) -> None:
        ids = list(self.markets)
        ids = self.rng.sample(ids, self.rng.choice((1, 1, min(2, len(ids)), len(ids))))
        rows = []
        for market_id in ids:
            highest = self.markets[market_id].max_price_ticks
            rows.append((market_id, max(1, min(moved(self.marks[market_id]), highest))))
        self.push_rows("mark_prices", rows)

    def fill(self) -> None:
        orders = [*self.pair.orders.values(), *self.pair.ended]
        if not orders:
            return
        order = self.rng.choice(orders)
        sides = (order.account_id, self.account_id(order.asset_id))
        if order.side == Side.SHORT:
            sides = sides[::-1]
        left = order.size_lots - self.pair.filled_lots[order.liquidation_id]
        size = self.rng.choice((1.0, 1.0, 0.5, 0.1, 2.0)) * left
        lots = max(1, min(int(size), self.markets[order.market_id].max_position_lots))
        price = self.rng.choice((order.price_ticks, self.marks[order.market_id]))
        worse = price // 8 if order.side == Side.SHORT else -(price // 8)
        price -= self.rng.choice((0, 0, 0, 0, -worse, -worse, worse))
        late = self.rng.random() < 0.05
        named = self.rng.randint(1, order.liquidation_id) if late else order.liquidation_id
        self.push_rows("trades", [(order.market_id, *sides, max(1, price), lots, 0, 0, named)])

    def report(self) -> None:
        ids = list(self.pair.orders)
        if ids:
            rows = [(i,) for i in self.rng.sample(ids, self.rng.randint(1, min(3, len(ids))))]
            self.push_rows("liquidation_reports", rows)

    def wait(self) -> None:
        """Go to the next timer, one nanosecond before it or well beyond it."""
        due = self.pair.index.next_timer_nanos
        if due:
            beyond = self.rng.choice((0, 0, -1, 2_000 * NANOS_PER_MILLI))
            self.queue.append(Command("tick", max(self.now, due + beyond), ()))

    def deposits(self) -> None:
        rows = []
        for _ in range(self.rng.choice((1, 1, 4, 12))):
            amount = self.world.unit_atoms // self.rng.choice((1, 1, 3, 40))
            amount = self.rng.choice((amount, 1)) if self.rng.random() < 0.2 else amount
            account_id = self.rng.choice(self.world.account_ids)
            rows.append((account_id, self.asset_id(), max(1, amount)))
        self.push_rows("deposits", rows)

    def withdraw(self) -> None:
        view = self.view(self.rng.choice(self.world.account_ids), self.asset_id())
        most = view.withdrawable_atoms
        amount = self.rng.choice((most, most + 1, most // 2, most // 10))
        self.push_rows("withdrawals", [(*name_of(view)[:2], max(1, amount))])

    def leave(self) -> None:
        """Have accounts flattened, paid out, closed and opened again, each in another's slot."""
        ids = self.rng.sample(self.world.account_ids, self.rng.choice((1, 2, 4)))
        asset_id = self.asset_id()
        for view in [self.view(account_id, asset_id) for account_id in ids]:
            rows = [(view.account_id, position.market_id, 0, 1) for position in view.positions]
            if rows:
                self.push_rows("position_updates", rows, int(PositionUpdateMode.ABSOLUTE))
            if view.balance_atoms > 0:
                row = (view.account_id, asset_id, view.balance_atoms)
                self.push_rows("withdrawals", [row])
            self.push("close_account", view.account_id, asset_id)
        self.rng.shuffle(ids)
        self.push_rows(
            "deposits", [(account_id, asset_id, self.world.unit_atoms) for account_id in ids]
        )

    def fund_deposit(self) -> None:
        self.push(*debts.payment(self.rng, self.pair.index, self.world))

    def delta(self) -> None:
        market = self.market()
        size = self.rng.choice((-1, 1)) * self.size_for(self.world.unit_atoms, market)
        row = (self.account_id(market.asset_id), market.market_id, size, self.price_near(market))
        self.push_rows("position_updates", [row], int(PositionUpdateMode.DELTA))

    def absolute(self) -> None:
        market = self.market()
        size = self.rng.choice((-1, 0, 1)) * self.size_for(self.world.unit_atoms // 4, market)
        row = (self.account_id(market.asset_id), market.market_id, size, self.price_near(market))
        self.push_rows("position_updates", [row], int(PositionUpdateMode.ABSOLUTE))

    def change_market(self) -> None:
        market = self.market()
        changed = market._replace(
            tiers=make_tiers(self.rng, self.world.shape, self.world.unit_atoms),
            max_price_ticks=worlds.raised_price(self.rng, market, self.world.assets),
        )
        self.markets[market.market_id] = changed
        self.queue.append(change_market(changed, self.now))

    def change_risk(self) -> None:
        self.risk = make_risk(self.rng, self.world.shape)
        self.push("set_risk_parameters", RiskParameters(*self.risk))
