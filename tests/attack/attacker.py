"""A person with several accounts and a friend, against innocent holders and a fund.

He sends what the order check accepts, several orders at once too, trades with his friend at any
price, fills liquidation orders or leaves them, and takes out what he may. Marks move as they like,
now and then by a gap. What the rules allow him is then told by kind (`breaches`): nothing of it may
happen under rules that cannot be turned against the venue or its users.
"""

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from riskengine.core.enums import EventKind, LossPolicy
from riskengine.core.types import Event
from tests.attack.venue import FUND, Effect, Market, Order, Venue

HOLDERS = (1, 2, 3, 4)
BYSTANDER = 5
"""Holds no position ever."""
PERSON = (11, 12, 13)
FRIEND = 14
GROUP = (*PERSON, FRIEND)

JUNK, MAJOR = 1, 2
INITIAL_PPM = {JUNK: 100_000, MAJOR: 10_000}
MOST_DISCOUNT_PPM = 20_000
"""What a close may cost a solvent account, of its value at the mark: 0.4 of the junk's rate."""


class Breach(NamedTuple):
    """What the rules allowed: its kind, how many atoms, and the number of the command."""

    kind: str
    atoms: int
    command: int


def make_venue(rng: Random, *, reprices: bool = True) -> Venue:
    """Make a venue of a junk market and a major one, with its people."""
    policy = rng.choice((LossPolicy.QUEUE, LossPolicy.PRO_RATA))
    junk_ticks = rng.choice((50, 100, 400))
    venue = Venue(
        (
            Market(JUNK, junk_ticks, 50_000, INITIAL_PPM[JUNK], policy, reprices),
            Market(MAJOR, 2_000, 5_000, INITIAL_PPM[MAJOR], policy, reprices),
        ),
        fund_atoms=rng.choice((0, 1_000, 50_000)),
    )
    for account_id in HOLDERS:
        venue.deposit(account_id, 100_000)
    venue.deposit(BYSTANDER, 10_000)
    for account_id in GROUP:
        venue.deposit(account_id, rng.choice((200, 1_000, 10_000)))
    return venue


class Attacker:
    """Plays moves against a venue; each is one command or several."""

    def __init__(self, seed: int, *, reprices: bool = True) -> None:
        self.rng = Random(seed)
        self.venue = make_venue(self.rng, reprices=reprices)

    def play(self, moves: int) -> None:
        """Play so many moves."""
        kinds = (
            (5, self.open_with_holders),
            (4, self.trade_with_a_friend),
            (3, self.orders_at_once),
            (6, self.move_marks),
            (4, self.fill_orders),
            (2, self.leave_orders),
            (2, self.take_out),
            (1, self.holders_trade),
            (1, lambda: self.venue.wait(self.rng.choice((1, 2_000)))),
        )
        weights = [weight for weight, _ in kinds]
        for _ in range(moves):
            self.rng.choices(kinds, weights)[0][1]()

    def open_with_holders(self) -> None:
        """Trade with an innocent holder, at the mark, when both orders are accepted."""
        self._trade_if_accepted(self.rng.choice(PERSON), self.rng.choice(HOLDERS), at_mark=True)

    def trade_with_a_friend(self) -> None:
        """Trade within the group at any price that both orders' checks accept."""
        one, other = self.rng.sample(GROUP, 2)
        self._trade_if_accepted(one, other, at_mark=False)

    def holders_trade(self) -> None:
        """Have two innocent holders trade at the mark."""
        one, other = self.rng.sample(HOLDERS, 2)
        self._trade_if_accepted(one, other, at_mark=True)

    def orders_at_once(self) -> None:
        """Send orders that are accepted one by one before any is filled; then all are."""
        account_id, market_id = self.rng.choice(PERSON), self._market()
        price = self._price(market_id)
        sign = self.rng.choice((1, -1))
        lots = self._lots(account_id, market_id)
        one = Order(account_id, market_id, sign * lots, price)
        against = FRIEND if price != self.venue.marks[market_id] else self.rng.choice(HOLDERS)
        other = Order(against, market_id, -sign * lots, price)
        if self.venue.accepts(one) and self.venue.accepts(other):
            for _ in range(self.rng.randint(2, 8)):
                self._book(one, against)

    def move_marks(self) -> None:
        """Move one mark or both, most often little."""
        share = self.rng.choice((0.002, 0.01, 0.05, 0.3))
        moved = self.rng.choice(((JUNK,), (MAJOR,), (JUNK, MAJOR)))
        marks = self.venue.marks
        self.venue.mark(
            {
                market_id: max(1, round(marks[market_id] * (1 + self.rng.uniform(-share, share))))
                for market_id in moved
            }
        )

    def fill_orders(self) -> None:
        """Fill some of what is open at its limit, or near the mark."""
        for order in self.venue.orders():
            if self.rng.random() < 0.5:
                by = self.rng.choice((FRIEND, *HOLDERS))
                mark = self.venue.marks[order.market_id]
                price = self.rng.choice((order.limit_ticks, mark)) if by == FRIEND else mark
                self.venue.fill(order, by, self.rng.randint(1, order.left_lots), price)

    def leave_orders(self) -> None:
        """Report orders done of which the rest was not filled."""
        for order in self.venue.orders():
            self.venue.report(order.liquidation_id)

    def take_out(self) -> None:
        """Take out of each account of the group what may be taken."""
        for account_id in GROUP:
            self.venue.takes_out_all(account_id)

    def _market(self) -> int:
        return self.rng.choice((JUNK, MAJOR))

    def _price(self, market_id: int) -> int:
        mark = self.venue.marks[market_id]
        return max(1, round(mark * self.rng.choice((1, 1, 0.01, 0.7, 0.9, 0.97, 1.03, 1.2, 3))))

    def _lots(self, account_id: int, market_id: int) -> int:
        """Return a share of what the account's money can carry; more than all now and then."""
        view = self.venue.accounts()[account_id]
        value = self.venue.marks[market_id] * INITIAL_PPM[market_id]
        most = max(0, view.equity_atoms) * 10**6 // value
        return max(1, round(most * self.rng.choice((0.05, 0.2, 0.5, 0.9, 1.1))))

    def _trade_if_accepted(self, one: int, other: int, *, at_mark: bool) -> None:
        market_id = self._market()
        price = self.venue.marks[market_id] if at_mark else self._price(market_id)
        lots = self._lots(one, market_id) * self.rng.choice((1, -1))
        order = Order(one, market_id, lots, price)
        if self.venue.accepts(order) and self.venue.accepts(
            order._replace(account_id=other, lots=-lots)
        ):
            self._book(order, other)

    def _book(self, order: Order, against: int) -> None:
        buyer, seller = order.account_id, against
        if order.lots < 0:
            buyer, seller = seller, buyer
        self.venue.trade(buyer, seller, order.market_id, abs(order.lots), order.price_ticks)


def breaches(attacker: Attacker) -> Iterator[Breach]:
    """Yield what the rules allowed in all commands so far, and what is left at the end."""
    venue = attacker.venue
    for number, effect in enumerate(venue.effects):
        for kind, atoms in _of_effect(effect):
            yield Breach(kind, atoms, number)
    count = len(venue.effects)
    left = sum(max(0, -view.equity_atoms) for view in venue.accounts().values())
    if left:
        yield Breach("losses that nobody has borne", left, count)
    if not venue.withdraw(BYSTANDER, venue.paid_in[BYSTANDER]):
        yield Breach("what was paid in cannot be taken out", venue.paid_in[BYSTANDER], count)


def _of_effect(effect: Effect) -> Iterator[tuple[str, int]]:
    moved = effect.what == "mark"
    closed = _closed_atoms(effect)
    for account_id, beyond in effect.beyond.items():
        gave = max(0, effect.at_mark[account_id]) if moved else 0
        discount = -(-closed[account_id] * MOST_DISCOUNT_PPM // 10**6)
        if account_id in HOLDERS and -beyond > gave + discount:
            kind = "his own close costs a holder" if discount else "a holder pays for others"
            yield f"{kind} too much in a {effect.what}", -beyond - gave - discount
        if account_id == FUND and beyond < 0 and not moved:
            yield f"the fund pays for a {effect.what}", -beyond
    for event in effect.events:
        if event.kind == EventKind.TRADE_REPRICED:
            yield from _of_repriced(event)


def _of_repriced(event: Event) -> Iterator[tuple[str, int]]:
    """Yield what a payment takes from the other side's mark, or gives beyond zero equity."""
    taken = event.size_lots * abs(event.price_ticks - event.mark_price_ticks)
    if event.amount_atoms > taken:
        yield "a trade is repriced beyond the mark", event.amount_atoms - taken
    if event.equity_atoms + event.amount_atoms > 0:
        yield "a trade is repriced for one who can pay", event.equity_atoms + event.amount_atoms


def _closed_atoms(effect: Effect) -> Counter[int]:
    """Return what of each account was closed by the fund or by others, at the mark."""
    closed: Counter[int] = Counter()
    for event in effect.events:
        if event.kind in (EventKind.TAKE_OVER, EventKind.AUTO_DELEVERAGE):
            closed[event.account_id] += event.size_lots * event.mark_price_ticks
    return closed


def gain_atoms(attacker: Attacker) -> int:
    """Return what the group has beyond what it paid in and what the marks gave it."""
    venue, accounts = attacker.venue, attacker.venue.accounts()
    has = sum(venue.withdrawn.get(each, 0) for each in GROUP)
    has += sum(max(0, accounts[each].equity_atoms) for each in GROUP if each in accounts)
    marks = sum(effect.at_mark.get(each, 0) for effect in venue.effects for each in GROUP)
    return has - sum(venue.paid_in.get(each, 0) for each in GROUP) - marks
