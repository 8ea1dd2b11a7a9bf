"""A random walk over a venue that is loaded before it is live."""

from collections.abc import Callable

from tests.simulation import invalid
from tests.simulation.commands import Command
from tests.simulation.oracle.engine import Oracle
from tests.simulation.oracle.names import (
    FUND_ACCOUNT_BASE,
    MAX_BALANCE_ATOMS,
    MAX_COST_ATOMS,
    NANOS_PER_MILLI,
    Side,
    VenueMode,
)
from tests.simulation.oracle.world import Account, Market
from tests.simulation.walk import Row, Walk


class LoadingWalk(Walk):
    """Loads for some commands, with rows that are wrong among them, then goes on as any walk.

    Positions come in twos that stand against each other, mostly.
    """

    def __init__(self, seed: int, oracle: Oracle, asset_count: int = 1, loads: int = 60) -> None:
        super().__init__(seed, oracle, asset_count)
        self.loads_left = loads
        self.last_issued = self.rng.choice((0, 40, 2**24 + 9, 2**61))
        self.loaders: list[tuple[int, Callable[[], Command | None]]] = [
            (20, self.load_accounts),
            (30, self.load_positions),
            (8, self.load_liquidations),
            (4, self.load_reservations),
            (2, self.load_funds),
            (6, self.marks),
            (3, self.fund_deposit),
            (2, self.change_market),
            (1, self.change_risk),
            (2, self.deposits),
            (1, self.trades),
            (1, self.deltas),
            (1, self.tick),
            (1, self.withdraw),
            (1, self.leave),
            (2, self.again),
            (1, self.begin),
        ]

    def next(self) -> Command:
        if self.opened < len(self.opening):
            return self.open_venue()
        if self.oracle.world.mode == VenueMode.LIVE:
            return self._begin_or_go_on()
        if self.loads_left <= 0:
            return self.go_live()
        self.loads_left -= 1
        weights = [weight for weight, _ in self.loaders]
        while True:
            command = self.rng.choices(self.loaders, weights)[0][1]()
            if command is not None:
                return self._perhaps_spoilt(command)

    def _begin_or_go_on(self) -> Command:
        if self.loads_left > 0:
            return self._perhaps_spoilt(self.begin())
        if self.rng.random() < 0.03:
            makers = (self.load_accounts, self.load_positions, self.go_live, self.begin)
            return self.rng.choice(makers)()
        return super().next()

    def _perhaps_spoilt(self, command: Command) -> Command:
        return invalid.spoil(self.rng, command) if self.rng.random() < 0.12 else command

    def begin(self) -> Command:
        return Command("begin_loading", self.now(), (self.last_issued,))

    def go_live(self) -> Command:
        return Command("go_live", self.now(), (self.rng.random() < 0.5,))

    def load_accounts(self) -> Command:
        rng = self.rng
        rows = []
        for _ in range(rng.choice((1, 2, 6))):
            asset_id = rng.choice(self.theme.assets).asset_id
            balance = rng.randint(-self.theme.unit_atoms // 30, 2 * self.theme.unit_atoms)
            if self.theme.scale == "huge" and rng.random() < 0.05:
                balance = rng.choice((1, -1)) * (MAX_BALANCE_ATOMS - rng.randint(0, 1))
            net = rng.choice((balance, balance + rng.randint(-500, self.theme.unit_atoms)))
            market_id = rng.choice((0, 0, *self.oracle.world.markets))
            rows.append((self._new_id(asset_id), asset_id, balance, net, market_id))
        account, asset, balances, nets, markets = zip(*rows, strict=True)
        if rng.random() < 0.3:
            nets = ()
        if rng.random() < 0.5:
            markets = ()
        return Command("load_accounts", self.now(), (account, asset, balances, nets, markets))

    def load_funds(self) -> Command:
        """Load what a fund had; most have something already."""
        fund_id, asset_id = self.rng.choice(self.theme.funds)
        balance = self.rng.randint(-self.theme.unit_atoms // 10, self.theme.unit_atoms)
        row = (FUND_ACCOUNT_BASE + fund_id, asset_id, balance, balance + 7, 0)
        return Command("load_accounts", self.now(), tuple((value,) for value in row))

    def load_positions(self) -> Command:
        rows = []
        for _ in range(self.rng.choice((1, 1, 3))):
            rows += self._two_sides()
        columns = tuple(zip(*rows, strict=True)) if rows else ((), (), (), ())
        return Command("load_positions", self.now(), columns)

    def _two_sides(self) -> list[Row]:
        """Return a position and the one against it, now and then one alone."""
        rng, market = self.rng, self.market()
        holders = self.oracle.world.of_asset(market.parameters.asset_id)
        if len(holders) < 2:
            return []
        size = self.size_for(rng.choice(holders), market)
        size = min(size + rng.choice((0, 0, 1)), market.parameters.max_position_lots)
        sides = zip(rng.sample(holders, 2), rng.sample((size, -size), 2), strict=True)
        rows = [self._position(market, holder, lots) for holder, lots in sides]
        return rows[: 1 if rng.random() < 0.1 else 2]

    def _position(self, market: Market, holder: Account, lots: int) -> Row:
        cost = lots * self.price_near(market) * market.multiplier + self.rng.randint(-3, 3)
        cost = max(-MAX_COST_ATOMS, min(cost, MAX_COST_ATOMS))
        return holder.account_id, market.parameters.market_id, lots, cost

    def load_reservations(self) -> Command | None:
        rng, traders = self.rng, self.traders()
        if not traders:
            return None
        rows = []
        for held in rng.choices(traders, k=rng.choice((1, 1, 3))):
            amount = rng.choice((1, self.theme.unit_atoms, MAX_BALANCE_ATOMS, 0))
            rows.append((*held.name[:2], rng.randint(1, 3), amount))
        return Command("load_reservations", self.now(), tuple(zip(*rows, strict=True)))

    def load_liquidations(self) -> Command | None:
        rng, world = self.rng, self.oracle.world
        holders = [held for held in self.traders() if held.positions]
        if not holders or not self.last_issued:
            return None
        rows = []
        for held in rng.sample(holders, min(len(holders), rng.choice((1, 2)))):
            market_id, position = rng.choice(sorted(held.positions.items()))
            side, size, filled = self._order_of(position.size_lots)
            if rng.random() < 0.05:
                market_id = self.market().parameters.market_id
            market = world.markets[market_id]
            liquidation_id = self.last_issued - rng.randint(0, 30)
            term = market.parameters.liquidation_timeout_millis
            millis = rng.choice((-1, 0, 1, term // 2, term, term, term + 1))
            deadline = world.time_nanos + millis * NANOS_PER_MILLI
            named = (liquidation_id, held.account_id, market_id, side)
            bounds = (self.price_near(market), deadline)
            rows.append((*named, size, filled, *bounds, rng.choice((0, 0, 1))))
        columns = tuple(zip(*rows, strict=True))
        if rng.random() < 0.3:
            columns = (*columns[:-1], ())
        return Command("load_liquidations", self.now(), columns)

    def _order_of(self, position_lots: int) -> tuple[int, int, int]:
        """Return side, size and filled of an order for a position, now and then a wrong one."""
        rng = self.rng
        closing, other = Side.SHORT, Side.LONG
        if position_lots < 0:
            closing, other = other, closing
        side = other if rng.random() < 0.05 else closing
        lots = abs(position_lots)
        unfilled = lots + 1 if rng.random() < 0.1 else rng.randint(1, lots)
        filled = rng.choice((0, 0, rng.randint(0, lots)))
        size = unfilled + filled
        return int(side), size, size if rng.random() < 0.05 else filled
