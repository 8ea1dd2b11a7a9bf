"""A person with several accounts and a friend, against innocent holders and a fund.

He sends what the order check accepts, several orders at once too, trades with his friend at any
price, dumps legs on him, fills liquidation orders at their limits or leaves them, pays in, and
takes out what he may. Marks move as they like, now and then by a gap; the venue changes its steps.
With limits on, as a venue begins, its matching engine also tells fills later than they were made:
in an order's second term, or when it has ended. He knows of his own at once, and cannot choose when
they are told. What the rules allowed him then tells `judge`.
"""

from collections.abc import Callable
from random import Random

from riskengine.core.enums import LossPolicy
from tests.attack.limits import (
    HOUR_MILLIS,
    INVENTORY_OF_MAJOR_PPM,
    INVENTORY_PPM,
    LEVELS,
    SECOND_TERM_MILLIS,
    SHARE_OF_MAJOR_PPM,
    SHARE_PPM,
)
from tests.attack.venue import Market, Open, Order, Venue

HOLDERS = (1, 2, 3, 4)
POOR_ATOMS = 500
BYSTANDER = 5
"""Holds no position ever."""
PERSON = (11, 12, 13)
FRIEND = 14
GROUP = (*PERSON, FRIEND)

JUNK, MAJOR = 1, 2
INITIAL_PPM = {JUNK: 100_000, MAJOR: 10_000}
MAINTENANCE_PPM = {JUNK: 50_000, MAJOR: 5_000}
SHARES_PPM = {JUNK: SHARE_PPM, MAJOR: SHARE_OF_MAJOR_PPM}
INVENTORIES_PPM = {JUNK: INVENTORY_PPM, MAJOR: INVENTORY_OF_MAJOR_PPM}
STEPS = (1, 1, 3, 10)
WORK_UNITS = (0, 1, 5)
"""Of a command; its work is done before the next move, in as many pieces as it takes."""

SHARES = (0.002, 0.01, 0.03, 0.05, 0.1, 0.2, 0.3, 0.6)
"""How far a mark may move at once, of itself; each as often as it stands here."""


def make_market(
    rng: Random, market_id: int, ticks: int, *, reprices: bool, is_limited: bool
) -> Market:
    """Make a market whose discount is 0.4 of its maintenance rate, or less."""
    maintenance_ppm = MAINTENANCE_PPM[market_id]
    discount_ppm = rng.choice((0, maintenance_ppm // 10, maintenance_ppm * 2 // 5))
    return Market(
        market_id,
        ticks,
        maintenance_ppm,
        INITIAL_PPM[market_id],
        discount_ppm,
        policy=rng.choice((LossPolicy.QUEUE, LossPolicy.PRO_RATA)),
        reprices=reprices,
        fee_ppm=rng.choice((0, discount_ppm // 4)),
        book_attempts=rng.choice((1, 1, 3)),
        slice_lots=rng.choice((0, 0, 7)),
        dust_atoms=rng.choice((0, 0, 3 * ticks)),
        fund_share_ppm=SHARES_PPM[market_id] if is_limited else 0,
        inventory_ppm=INVENTORIES_PPM[market_id] if is_limited else 0,
    )


def make_venue(rng: Random, *, reprices: bool = True, is_limited: bool = False) -> Venue:
    """Make a venue of a junk market and a major one, with its people."""
    junk_ticks = rng.choice((50, 100, 400))
    venue = Venue(
        (
            make_market(rng, JUNK, junk_ticks, reprices=reprices, is_limited=is_limited),
            make_market(rng, MAJOR, 2_000, reprices=reprices, is_limited=is_limited),
        ),
        fund_atoms=rng.choice((0, 1_000, 50_000)),
    )
    venue.driver.risk(
        liquidation_buffer_ppm=rng.choice((0, 50_000, 300_000)),
        take_over_ppm=rng.choice((500_000, 666_667, 10**6)),
        **(LEVELS if is_limited else {}),
    )
    for account_id in HOLDERS:
        venue.deposit(account_id, rng.choice((2_000, 5_000, 10_000)))
    venue.deposit(BYSTANDER, 10_000)
    for account_id in GROUP:
        venue.deposit(account_id, rng.choice((200, 1_000, 10_000)))
    return venue


class Attacker:
    """Plays moves against a venue; each is one command or several.

    Every second venue, or the one that is asked for so, has the limits on.
    """

    def __init__(self, seed: int, *, reprices: bool = True, is_limited: bool | None = None) -> None:
        self.rng = Random(seed)
        self.is_limited = seed % 2 == 1 if is_limited is None else is_limited
        self.venue = make_venue(self.rng, reprices=reprices, is_limited=self.is_limited)
        self.venue.driver.finishes = True
        self.venue.driver.risk(work_units=WORK_UNITS[seed % len(WORK_UNITS)])

    def play(self, moves: int) -> None:
        """Play so many moves."""
        kinds: tuple[tuple[int, Callable[[], object]], ...] = (
            (5, self.open_with_holders),
            (4, self.trade_with_a_friend),
            (3, self.orders_at_once),
            (2, self.dump_a_leg),
            (8, self.move_marks),
            (4, self.fill_orders),
            (1, self.leave_orders),
            (1, self.take_out),
            (3, self.pay_in),
            (4, self.holders_trade),
            (1, self.change_a_step),
            (1, lambda: self.venue.wait(self.rng.choice((1, 2_000)))),
        )
        if self.is_limited:
            kinds += (
                (4, self.match_orders),
                (3, self.match_and_leave_orders),
                (3, self.tell_some_of_matched),
                (2, lambda: self.venue.wait(self.rng.choice((1, SECOND_TERM_MILLIS)))),
                (1, self.wait_an_hour),
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
        """Have innocent holders trade at the mark, so that they have something to lose too."""
        for _ in range(3):
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

    def dump_a_leg(self) -> None:
        """Give a whole leg to another of the group at any price, whatever the check says of it."""
        account_id = self.rng.choice(GROUP)
        view = self.venue.accounts()[account_id]
        if view.positions:
            leg = self.rng.choice(view.positions)
            price = self._price(leg.market_id)
            order = Order(account_id, leg.market_id, -leg.size_lots, price)
            self._book(order, self.rng.choice([each for each in GROUP if each != account_id]))

    def change_a_step(self) -> None:
        """Have the venue change the size step of a market, under the positions that it has."""
        market_id = self._market()
        market = next(each for each in self.venue.markets if each.market_id == market_id)
        self.venue.make(market._replace(size_step=self.rng.choice(STEPS)))

    def move_marks(self) -> None:
        """Move one mark or both, most often little, within a fourth and four times the first."""
        share = self.rng.choice(SHARES)
        moved = self.rng.choice(((JUNK,), (MAJOR,), (JUNK, MAJOR), (JUNK, MAJOR)))
        marks, prices = self.venue.marks, {}
        for market in self.venue.markets:
            if market.market_id in moved:
                price = round(marks[market.market_id] * (1 + self.rng.uniform(-share, share)))
                low, high = market.mark_ticks // 4, market.mark_ticks * 4
                prices[market.market_id] = min(max(low, price), high)
        self.venue.mark(prices)

    def fill_orders(self) -> None:
        """Fill some of what is open at its limit, or near the mark."""
        for order in self.venue.orders():
            left = order.left_lots - self.venue.matched_lots(order.liquidation_id)
            if left > 0 and self.rng.random() < 0.5:
                self.venue.fill(*self._fill_of(order, left))

    def match_orders(self) -> None:
        """Have the book fill some of what is open; the engine hears of it later."""
        for order in self.venue.orders():
            left = order.left_lots - self.venue.matched_lots(order.liquidation_id)
            if left > 0 and self.rng.random() < 0.5:
                fill = self._fill_of(order, left)
                if order.takes(fill[-1]):
                    self.venue.match(*fill)

    def match_and_leave_orders(self) -> None:
        """Have the book fill orders that are reported done before the engine hears of it."""
        self.match_orders()
        self.leave_orders()

    def tell_some_of_matched(self) -> None:
        """Tell the engine some of what was matched, in time or late."""
        for matched in list(self.venue.matched):
            if self.rng.random() < 0.5:
                self.venue.tell_matched(matched)

    def wait_an_hour(self) -> None:
        """Tell all that was matched, and let so much time pass that debts are due."""
        for matched in list(self.venue.matched):
            self.venue.tell_matched(matched)
        self.venue.wait(HOUR_MILLIS)

    def _fill_of(self, order: Open, left_lots: int) -> tuple[Open, int, int, int]:
        """Return an order, who takes lots of it, how many, and at which price."""
        by = self.rng.choice((FRIEND, *HOLDERS))
        mark = self.venue.marks[order.market_id]
        price = self.rng.choice((order.limit_ticks, mark)) if by == FRIEND else mark
        return order, by, self.rng.choice((left_lots, self.rng.randint(1, left_lots))), price

    def leave_orders(self) -> None:
        """Report orders done of which the rest was not filled."""
        for order in self.venue.orders():
            self.venue.report(order.liquidation_id)

    def take_out(self) -> None:
        """Take out of each account of the group what may be taken."""
        for account_id in GROUP:
            self.venue.takes_out_all(account_id)

    def pay_in(self) -> None:
        """Pay into an account of the group, or of a holder, that has little."""
        accounts = self.venue.accounts()
        poor = [each for each in (*GROUP, *HOLDERS) if accounts[each].equity_atoms < POOR_ATOMS]
        if poor:
            self.venue.deposit(self.rng.choice(poor), self.rng.choice((50, 500, 5_000)))

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
        step = self.venue.steps[market_id]
        steps = round(most * self.rng.choice((0.05, 0.3, 0.6, 0.9, 1, 1.1)) / step)
        return step * max(1, steps)

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
