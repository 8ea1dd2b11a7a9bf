"""What the traders do by themselves: trade, rest orders, answer margin calls."""

from collections import defaultdict
from random import Random
from typing import NamedTuple

from riskengine.simulator.exchange import TAKER_FEE_PPM, Exchange
from riskengine.simulator.ledger import Ledger, Trade
from riskengine.simulator.markets import ATOMS
from riskengine.simulator.population import Population
from riskengine.units import PPM

TAKERS_PPM, RESTING_PPM = 1_000, 170
"""How many of the accounts send a market order in a step, and a limit order each time."""
MAX_RESTING = 400
TOP_UP_CHANCE = 0.3
LARGEST_ORDER_ATOMS = 30_000 * ATOMS


class Intent(NamedTuple):
    """An order that a trader wants to rest."""

    account_id: int
    market: int
    is_buy: bool
    price_ticks: int
    size_lots: int


class Traders:
    """The background flow. All choices come from one seeded generator, in a fixed order."""

    def __init__(self, population: Population, exchange: Exchange, seed: int) -> None:
        self._ledger: Ledger = exchange.ledger
        self._exchange = exchange
        self._rng = Random(f"traders {seed}")
        self._first_id = population.maker_ids.stop
        self._last_id = len(population.accounts)
        self._due: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        self._liquidating: set[int] = set()
        self._last_marks = list(exchange.marks)

    def liquidation_began(self, account_id: int) -> None:
        """Stop an account from trading and from paying in."""
        self._liquidating.add(account_id)

    def liquidation_ended(self, account_id: int) -> None:
        """Let an account trade again."""
        self._liquidating.discard(account_id)

    def margin_called(self, account_id: int, step: int) -> None:
        """Let some of those who are called plan a deposit a few steps later."""
        if self._rng.random() < TOP_UP_CHANCE:
            maintenance = self._ledger.margin_atoms(account_id, maintenance=True)
            amount = int(maintenance * self._rng.uniform(0.5, 2.5))
            if amount > 0:
                self._due[step + self._rng.randint(1, 12)].append((account_id, amount))

    def top_ups(self, step: int) -> list[tuple[int, int]]:
        """Return the deposits of this step: account, atoms. Who is liquidated by then pays none."""
        due = self._due.pop(step, [])
        return [(account, atoms) for account, atoms in due if account not in self._liquidating]

    def market_orders(self, activity_ppm: int) -> list[Trade]:
        """Return the trades of this step's impatient orders."""
        trades: list[Trade] = []
        falling = [
            new < old for new, old in zip(self._exchange.marks, self._last_marks, strict=True)
        ]
        self._last_marks = list(self._exchange.marks)
        traded: set[int] = set()
        for _ in range(self._how_many(TAKERS_PPM * activity_ppm / PPM)):
            intent = self._intent(falling)
            if intent is None or intent.account_id in traded:
                continue
            traded.add(intent.account_id)
            limit = self._exchange.slipped(intent.market, is_buy=intent.is_buy)
            trades += self._exchange.order(
                intent.account_id, intent.market, intent.size_lots, limit, is_buy=intent.is_buy
            )
        return trades

    def limit_orders(self) -> list[Intent]:
        """Return orders that are to rest away from the price, once checked."""
        intents = []
        for _ in range(self._how_many(RESTING_PPM)):
            intent = self._intent([False] * len(self._ledger.markets), bold=True)
            if intent is None:
                continue
            away = round(intent.price_ticks * self._rng.uniform(0.002, 0.02)) + 1
            price = intent.price_ticks + (-away if intent.is_buy else away)
            highest = self._ledger.markets[intent.market].max_price_ticks
            if 1 <= price <= highest:
                intents.append(intent._replace(price_ticks=price))
        return intents

    def rest(self, intent: Intent) -> None:
        """Put a checked order into its book, unless the book is full of them."""
        book = self._exchange.books[intent.market]
        if len(book.side(buys=intent.is_buy)) < MAX_RESTING:
            book.add(
                intent.account_id,
                is_buy=intent.is_buy,
                price_ticks=intent.price_ticks,
                size_lots=intent.size_lots,
            )

    def _how_many(self, share_ppm: float) -> int:
        """Return a share of the accounts; the fraction that is left over is a chance."""
        expected = (self._last_id - self._first_id + 1) * share_ppm / PPM
        return int(expected) + (self._rng.random() < expected % 1.0)

    def _intent(self, falling: list[bool], *, bold: bool = False) -> Intent | None:
        """Return what a trader drawn at random wants to do, None when it cannot.

        A bold one does not look at its margin: the engine's check is there to refuse it.
        """
        rng = self._rng
        account_id = rng.randint(self._first_id, self._last_id)
        market = rng.randrange(len(falling))
        is_buy = rng.random() < (0.38 if falling[market] else 0.55)
        share = 10.0 ** rng.uniform(-1.0, 2.0) if bold else rng.uniform(0.05, 0.4)
        if account_id in self._liquidating:
            return None
        spec, mark = self._ledger.markets[market], self._exchange.marks[market]
        equity = self._ledger.equity_atoms(account_id)
        notional = min(int(equity * share), LARGEST_ORDER_ATOMS)
        lots = spec.lots_of(notional, mark) if notional > 0 else 0
        if lots == 0:
            return None
        if not bold and not self._may(account_id, market, lots if is_buy else -lots, equity):
            return None
        return Intent(account_id, market, is_buy, mark, lots)

    def _may(self, account_id: int, market: int, lots: int, equity_atoms: int) -> bool:
        """Tell whether the account keeps twice its initial margin, or reduces."""
        held = self._ledger.position(account_id, market)
        if abs(held + lots) <= abs(held):
            return True
        value = abs(lots) * self._exchange.marks[market] * self._ledger.multipliers[market]
        after = self._ledger.margin_atoms(account_id) + value // 20
        return equity_atoms - value * TAKER_FEE_PPM // PPM >= 2 * after
