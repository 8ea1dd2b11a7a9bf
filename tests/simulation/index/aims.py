"""A queue of commands, and marks that go to the tick at which something must happen to somebody."""

from collections import deque
from collections.abc import Iterable, Sequence
from random import Random

from riskengine.core.enums import AccountState
from riskengine.core.types import AccountView, MarketParameters
from tests.simulation.commands import Command
from tests.simulation.index import thresholds
from tests.simulation.index.pair import Pair, name_of
from tests.simulation.index.thresholds import Prices
from tests.simulation.index.worlds import make_risk, make_world
from tests.simulation.oracle.names import NANOS_PER_MILLI, PPM
from tests.simulation.oracle.world import AccountName
from tests.simulation.themes import START_NANOS

Row = Sequence[int]


class Aims:
    """Draws accounts and markets of a world, queues commands, and counts the aims that hit."""

    def __init__(self, seed: int, pair: Pair, shape: str, asset_count: int) -> None:
        self.rng = Random(seed)
        self.pair = pair
        self.world = make_world(self.rng, shape, asset_count)
        self.risk = make_risk(self.rng, self.world.shape)
        self.markets = {market.market_id: market for market in self.world.markets}
        self.marks = dict(self.world.marks)
        self.now = START_NANOS
        self.queue: deque[Command] = deque(self.world.opening(self.risk))
        self.aim: tuple[AccountName, Command] | None = None
        self.is_behind_order = False
        self.hits = 0
        self.hits_behind_orders = 0

    def note_hit(self) -> None:
        """Count the aimed marks upon which something happened to their account."""
        if self.aim and self.pair.history[-1] is self.aim[1]:
            hit = any(name_of(event) == self.aim[0] for event in self.pair.events)
            self.hits += hit
            self.hits_behind_orders += hit and self.is_behind_order

    def push(self, name: str, *arguments: object) -> None:
        """Queue a command at the present time, or now and then a little later."""
        now = self.queue[-1].time_nanos if self.queue else self.now
        now += self.rng.choice((0, 0, 0, 1, NANOS_PER_MILLI, 50 * NANOS_PER_MILLI))
        self.queue.append(Command(name, now, arguments))

    def push_rows(self, name: str, rows: Iterable[Row], *first: object) -> None:
        self.push(name, *first, *zip(*rows, strict=True))

    def account_id(self, asset_id: int) -> int:
        if self.rng.random() < 0.04:
            return self.fund_account_id(asset_id)
        return self.rng.choice(self.world.account_ids)

    def fund_account_id(self, asset_id: int) -> int:
        """Return the account of a fund of the asset, now and then of another one."""
        names = [name for name in self.world.fund_names if name.asset_id == asset_id]
        return self.rng.choice(names if self.rng.random() < 0.9 else self.world.fund_names)[0]

    def holder(self, asset_id: int) -> AccountView:
        """Return an account, if it can be found at once one with positions."""
        view = self.pair.index.account(self.account_id(asset_id), asset_id)
        for _ in range(4):
            if view and view.positions:
                break
            view = self.pair.index.account(self.account_id(asset_id), asset_id)
        return view or self.view(self.world.account_ids[0], asset_id)

    def asset_id(self) -> int:
        return self.rng.choice(self.world.asset_ids)

    def market(self) -> MarketParameters:
        return self.markets[self.rng.randint(1, len(self.markets))]

    def view(self, account_id: int, asset_id: int) -> AccountView:
        view = self.pair.index.account(account_id, asset_id)
        assert view is not None
        return view

    def share_ppm(self, view: AccountView) -> int:
        is_normal = view.state == AccountState.NORMAL
        if view.is_fund or (not is_normal and self.rng.random() < 0.5) or self.rng.random() >= 0.8:
            return PPM
        return self.risk.margin_call_ppm if is_normal else self.risk.margin_call_clear_ppm

    def aim_at_one(self) -> None:
        """Move one mark to the last safe tick of an account, and then one further."""
        view = self.holder(self.asset_id())
        if not view.positions:
            return
        position = self.rng.choice(view.positions)
        step = self.rng.choice((-1, 1))
        if self.rng.random() < 0.7:
            step = -1 if position.size_lots > 0 else 1
        self._push_crossing(
            view,
            thresholds.crossing_of_one(view, position, self.markets, self.share_ppm(view), step),
        )

    def aim_at_all(self) -> None:
        """The same with all legs of an account at once: then no band has anything to spare."""
        view = self.holder(self.asset_id())
        if view.positions:
            self._push_crossing(view, self._crossing(view))

    def _crossing(self, view: AccountView) -> tuple[Prices, Prices] | None:
        direction = self.rng.choice((-1, -1, 1))
        return thresholds.crossing_of_all(view, self.markets, self.share_ppm(view), direction)

    def aim_in_every_asset(self) -> None:
        """Move an account of each asset over its threshold in one batch, mostly of one party."""
        account_id = self.rng.choice(self.world.account_ids)
        before: Prices = {}
        beyond: Prices = {}
        aimed = None
        for asset_id in self.world.asset_ids:
            is_own = self.rng.random() < 0.6
            view = self.view(account_id, asset_id) if is_own else self.holder(asset_id)
            found = self._crossing(view) if view.positions else None
            if found:
                aimed, before, beyond = view, before | found[0], beyond | found[1]
        if aimed:
            self._push_crossing(aimed, (before, beyond))

    def aim_at_fund(self) -> None:
        """Go to the threshold of a fund that has just paid, if it has an inventory."""
        for name in self.world.fund_names:
            view = self.view(*name[:2])
            self._push_crossing(view, thresholds.crossing_of_all(view, self.markets, PPM, -1))

    def aim_behind_order(self) -> None:
        """Go to where an account with an order out owes, is the fund's, or is healed."""
        if not self.pair.orders:
            return
        order = self.rng.choice(list(self.pair.orders.values()))
        view = self.view(order.account_id, order.asset_id)
        recovery_ppm = PPM + self.risk.liquidation_buffer_ppm
        share_ppm = self.rng.choice((0, self.risk.take_over_ppm, recovery_ppm))
        direction = 1 if share_ppm == recovery_ppm else -1
        found = None
        if view.positions:
            found = thresholds.crossing_of_all(view, self.markets, share_ppm, direction)
        self._push_crossing(view, found, is_behind_order=True)

    def _push_crossing(
        self,
        view: AccountView,
        found: tuple[Prices, Prices] | None,
        *,
        is_behind_order: bool = False,
    ) -> None:
        if found is None:
            return
        before = {market_id: self.marks[market_id] for market_id in found[0]}
        for prices in found:
            self.push_rows("mark_prices", prices.items())
        self.aim = (name_of(view), self.queue[-1])
        self.is_behind_order = is_behind_order
        if self.rng.random() < 0.5:
            self.push_rows("mark_prices", found[0].items())
        if self.rng.random() < 0.7:
            self.push_rows("mark_prices", before.items())
