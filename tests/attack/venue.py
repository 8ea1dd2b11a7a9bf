"""A small venue, and what each of its people wins and loses by each command.

Everybody's profit at the mark is told apart from what else a command does to his equity: what a
trade away from the mark gives one side it takes from the other, and what a liquidation, the fund or
a loss policy takes is beyond the mark. Money is an asset's atoms; multiplier 1, prices in ticks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from riskengine.core.enums import EventKind, LossPolicy, Side
from riskengine.core.types import AccountView, Event, FundView, MarketView, Outcome
from tests.core.driver import Driver

FUND = 2**62 + 1
"""The account of fund 1."""


class Order(NamedTuple):
    """An order of one account: lots above 0 are bought, below 0 sold, at a price in ticks."""

    account_id: int
    market_id: int
    lots: int
    price_ticks: int


class Open(NamedTuple):
    """A liquidation order that has not ended."""

    liquidation_id: int
    account_id: int
    market_id: int
    side: int
    left_lots: int
    limit_ticks: int

    def takes(self, price_ticks: int) -> bool:
        """Return whether a price is at the limit or better."""
        if self.side == Side.LONG:
            return price_ticks <= self.limit_ticks
        return price_ticks >= self.limit_ticks


class Agreed(NamedTuple):
    """A trade that is told later than it was agreed on: marks may have moved since."""

    market_id: int
    buyer: int
    seller: int
    lots: int
    price_ticks: int


@dataclass(slots=True)
class Effect:
    """What one command did to each account, in atoms."""

    what: str
    at_mark: Mapping[int, int]
    """Profit of the position held before it, by the change of the marks."""
    beyond: Mapping[int, int]
    """All else that it did to the equity, money paid in and out apart."""
    before: Mapping[int, AccountView]
    after: Mapping[int, AccountView]
    moved: Mapping[int, int]
    """By how much each mark moved, in ticks; of those that it moved."""
    events: Sequence[Event] = ()
    marks: Mapping[int, int] = field(default_factory=dict)
    """After it, in ticks."""
    fund: FundView | None = None
    """After it."""
    agreed: Agreed | None = None
    paid: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    """What the fund had paid in its window for each market that it paid for, before and after."""


class Matched(NamedTuple):
    """What the book has filled of a liquidation order, and the engine was not told yet."""

    order: Open
    by: int
    lots: int
    price_ticks: int


class Market(NamedTuple):
    """A market as the venue makes it; a step and no fee, unless said."""

    market_id: int
    mark_ticks: int
    maintenance_ppm: int
    initial_ppm: int
    discount_ppm: int
    policy: LossPolicy = LossPolicy.QUEUE
    reprices: bool = True
    fee_ppm: int = 0
    book_attempts: int = 1
    size_step: int = 1
    slice_lots: int = 0
    dust_atoms: int = 0
    fund_share_ppm: int = 0
    inventory_ppm: int = 0


@dataclass(slots=True)
class Venue:
    """Plays commands, each judged by what it did; `effects` are all so far."""

    markets: Sequence[Market]
    fund_atoms: int
    timeout_millis: int = 1_000
    driver: Driver = field(default_factory=Driver)
    effects: list[Effect] = field(default_factory=list)
    paid_in: dict[int, int] = field(default_factory=dict)
    withdrawn: dict[int, int] = field(default_factory=dict)
    matched: list[Matched] = field(default_factory=list)

    def __post_init__(self) -> None:
        for market in self.markets:
            self.make(market)
        self.driver.marks({market.market_id: market.mark_ticks for market in self.markets})
        if self.fund_atoms:
            self.driver.fund_deposit(self.fund_atoms)

    def make(self, market: Market) -> None:
        """Make a market, or change it."""
        self.driver.market(
            market.market_id,
            tiers=((0, market.initial_ppm, market.maintenance_ppm),),
            liquidation_timeout_millis=self.timeout_millis,
            loss_policy=market.policy,
            reprices_trades=market.reprices,
            liquidation_fee_ppm=market.fee_ppm,
            discount_ppm=market.discount_ppm,
            book_attempts=market.book_attempts,
            size_step_lots=market.size_step,
            liquidation_slice_lots=market.slice_lots,
            liquidation_cooldown_millis=self.timeout_millis if market.slice_lots else 0,
            dust_notional_atoms=market.dust_atoms,
            fund_share_ppm=market.fund_share_ppm,
            inventory_ppm=market.inventory_ppm,
        )

    @property
    def marks(self) -> dict[int, int]:
        """Return the mark of each market in ticks."""
        return {view.parameters.market_id: view.mark_price_ticks for view in self._markets()}

    @property
    def steps(self) -> dict[int, int]:
        """Return the size step of each market."""
        return {
            view.parameters.market_id: view.parameters.size_step_lots for view in self._markets()
        }

    def accounts(self) -> dict[int, AccountView]:
        """Return all accounts, the fund's too."""
        views = map(self.driver.engine.account, (*self.paid_in, FUND))
        return {view.account_id: view for view in views if view is not None}

    def deposit(self, account_id: int, atoms: int) -> None:
        """Pay in."""
        self.driver.deposit(account_id, atoms)
        self.paid_in[account_id] = self.paid_in.get(account_id, 0) + atoms

    def withdraw(self, account_id: int, atoms: int) -> bool:
        """Take out; return whether that was done."""
        done = self.driver.try_to("withdrawals", (account_id,), (1,), (atoms,)).sequence > 0
        if done:
            self.withdrawn[account_id] = self.withdrawn.get(account_id, 0) + atoms
        return done

    def takes_out_all(self, account_id: int) -> int:
        """Take out what may be taken out; return how much that was."""
        view = self.driver.engine.account(account_id)
        atoms = 0 if view is None else view.withdrawable_atoms
        return atoms if atoms > 0 and self.withdraw(account_id, atoms) else 0

    def accepts(self, order: Order) -> bool:
        """Return whether an order is accepted now."""
        side = Side.LONG if order.lots > 0 else Side.SHORT
        check = self.driver.engine.check_order(
            order.account_id, order.market_id, side, abs(order.lots), order.price_ticks, False
        )
        return check.rejection is None

    def trade(self, buyer: int, seller: int, market_id: int, lots: int, price_ticks: int) -> Effect:
        """Book a trade, whatever the orders' checks would say."""
        row = (market_id, buyer, seller, price_ticks, lots)
        return self._played("trade", "trades", *((value,) for value in (*row, 0, 0, 0)))

    def fill(self, order: Open, by: int, lots: int, price_ticks: int) -> Effect:
        """Have an account take lots of a liquidation order."""
        buys = order.side == Side.LONG
        buyer, seller = (order.account_id, by) if buys else (by, order.account_id)
        row = (order.market_id, buyer, seller, price_ticks, lots, 0, 0, order.liquidation_id)
        return self._played("fill", "trades", *((value,) for value in row))

    def match(self, order: Open, by: int, lots: int, price_ticks: int) -> None:
        """Have an account take lots of a liquidation order in the book; the engine hears later."""
        self.matched.append(Matched(order, by, lots, price_ticks))

    def matched_lots(self, liquidation_id: int) -> int:
        """Return how much of an order the book has filled that the engine was not told of."""
        return sum(
            each.lots for each in self.matched if each.order.liquidation_id == liquidation_id
        )

    def tell_matched(self, matched: Matched) -> None:
        """Tell the engine what was matched: in time, late, or as a trade for what does not fit."""
        self.matched.remove(matched)
        order, by, lots, price = matched
        buys = order.side == Side.LONG
        buyer, seller = (order.account_id, by) if buys else (by, order.account_id)
        is_open = any(each.liquidation_id == order.liquidation_id for each in self.orders())
        named = min(lots, self._unfilled(order.liquidation_id))
        for what, part, number in (
            ("fill" if is_open else "late fill", named, order.liquidation_id),
            ("trade", lots - named, 0),
        ):
            if part:
                agreed = Agreed(order.market_id, buyer, seller, part, price)
                row = (order.market_id, buyer, seller, price, part, 0, 0, number)
                self._played(what, "trades", *((value,) for value in row), agreed=agreed)

    def _unfilled(self, liquidation_id: int) -> int:
        """Return what is unfilled of an order that is open or kept; 0 of any other."""
        ended = self.driver.engine.dump()["ended_orders"]
        unfilled = {each["liquidation_id"]: each["unfilled_lots"] for each in ended}
        unfilled |= {each.liquidation_id: each.left_lots for each in self.orders()}
        return int(unfilled.get(liquidation_id, 0))

    def report(self, liquidation_id: int) -> Effect:
        """Have the venue report an order done."""
        return self._played("report", "liquidation_reports", (liquidation_id,))

    def mark(self, prices: Mapping[int, int]) -> Effect:
        """Set marks."""
        return self._played("mark", "mark_prices", tuple(prices), tuple(prices.values()))

    def wait(self, millis: int) -> Effect:
        """Let time pass, and fire what is due."""
        self.driver.wait(millis)
        return self._played("tick", "tick")

    def orders(self) -> list[Open]:
        """Return the liquidation orders that are open."""
        return [
            Open(
                view.liquidation_id,
                view.account_id,
                view.market_id,
                view.side,
                view.size_lots - view.filled_lots,
                view.limit_price_ticks,
            )
            for view in self.driver.engine.open_liquidations(0, 1_000)
        ]

    def _markets(self) -> list[MarketView]:
        return self.driver.engine.markets()

    def _played(
        self, what: str, name: str, *arguments: object, agreed: Agreed | None = None
    ) -> Effect:
        before, marks, paid = self.accounts(), self.marks, self._paid()
        self.driver.time_nanos += 1
        outcome: Outcome = self.driver.try_to(name, *arguments)
        after, marked = self.accounts(), self.marks
        at_mark = {
            account_id: sum(
                leg.size_lots * (marked[leg.market_id] - marks[leg.market_id])
                for leg in view.positions
            )
            for account_id, view in before.items()
        }
        beyond = {
            account_id: view.equity_atoms - before[account_id].equity_atoms - at_mark[account_id]
            for account_id, view in after.items()
            if account_id in before
        }
        moved = {each: marked[each] - ticks for each, ticks in marks.items()}
        moved = {market_id: ticks for market_id, ticks in moved.items() if ticks}
        effect = Effect(what, at_mark, beyond, before, after, moved, outcome.events, marked)
        effect.fund, effect.agreed = self.driver.fund(), agreed if outcome.sequence else None
        if any(event.kind == EventKind.INSURANCE_PAYOUT for event in outcome.events):
            now = self._paid()
            effect.paid = {each: (paid[each], now[each]) for each in now if now[each] > paid[each]}
        self.effects.append(effect)
        return effect

    def _paid(self) -> dict[int, int]:
        """Return what the fund paid by market in its window; nothing where that is not limited."""
        if not self.driver.engine.parameters.fund_drawdown_ppm:
            return {market.market_id: 0 for market in self.markets}
        return {
            market["parameters"]["market_id"]: sum(atoms for _, atoms in market["paid"])
            for market in self.driver.engine.dump()["markets"]
        }
