"""A small venue, and what each of its people wins and loses by each command.

Everybody's profit at the mark is told apart from what else a command does to his equity: what a
trade away from the mark gives one side it takes from the other, and what a liquidation, the fund or
a loss policy takes is beyond the mark. Money is an asset's atoms; multiplier 1, prices in ticks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from riskengine.core.enums import LossPolicy, Side
from riskengine.core.types import AccountView, Event, MarketView, Outcome
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
        done = self.driver.try_to("withdraw", account_id, 1, atoms).sequence > 0
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

    def _played(self, what: str, name: str, *arguments: object) -> Effect:
        before, marks = self.accounts(), self.marks
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
        self.effects.append(Effect(what, at_mark, beyond, before, after, moved, outcome.events))
        return self.effects[-1]
