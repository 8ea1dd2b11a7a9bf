"""An engine in units of money, coins and prices, for cases that are written in them.

Positions are opened by one-sided updates, so that nobody is a counterparty unless a case says so.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from riskengine.core.enums import EventKind, Side
from riskengine.core.types import Event, PositionView
from riskengine.units import PPM
from tests.core.driver import FUND_ACCOUNT, Driver
from tests.vectors.cases import dec

FUND = FUND_ACCOUNT + 1
WHOLE = PPM
"""A take-over level at which every liquidation closes all legs in whole."""
LEAST_LEVEL = PPM // 2
"""The lowest take-over level that there may be; a case that wants none gives 0 and means this."""
BOOK_ATTEMPTS = 3
"""The most orders for one close: the limit of the last one is the bankruptcy price."""
ALL_DUST = 2**54
"""A dust level at which every liquidation order closes its leg in whole."""

Tiers = Sequence[tuple[Any, Any, Any]]


def exact(value: Any, exponent: int) -> int:
    """Return the value as an integer of units of 10^exponent; it must be one."""
    scaled = dec(value).scaleb(-exponent)
    assert scaled == int(scaled), f"{value} is no multiple of 10^{exponent}"
    return int(scaled)


def nearest(value: Any, exponent: int) -> int:
    return int(dec(value).scaleb(-exponent).to_integral_value())


class Rig:
    def __init__(self, atom: int = -6, *, take_over_ppm: int = 666_667) -> None:
        self.atom = atom
        self.driver = Driver(asset_exponent=atom)
        level = max(LEAST_LEVEL, take_over_ppm)
        self.driver.finishes = True
        self.driver.risk(liquidation_buffer_ppm=0, take_over_ppm=level, work_units=1)
        self.units: dict[str, tuple[int, int, int]] = {}

    def market(
        self,
        name: str,
        maintenance: Any = 0,
        *,
        tick: int = 0,
        lot: int = 0,
        tiers: Tiers = (),
        **changes: Any,
    ) -> list[Event]:
        """Make or change a market; tiers are (floor in money, initial rate, maintenance rate)."""
        market_id, _, _ = self.units.setdefault(name, (len(self.units) + 1, tick, lot))
        rows = tiers or [(0, dec(maintenance), dec(maintenance))]
        if "liquidation_slice" in changes:
            changes["liquidation_slice_lots"] = exact(changes.pop("liquidation_slice"), lot)
        most = 2**54 // 10 ** (tick + lot - self.atom)
        highest = changes.pop("max_price_ticks", 10**8)
        return self.driver.market(
            market_id,
            tick_exponent=tick,
            lot_exponent=lot,
            tiers=[
                (exact(floor, self.atom), nearest(initial, -6), nearest(rate, -6))
                for floor, initial, rate in rows
            ],
            max_price_ticks=highest,
            max_position_lots=most // highest,
            **changes,
        )

    def id(self, name: str) -> int:
        return self.units[name][0]

    def ticks(self, name: str, price: Any) -> int:
        return exact(price, self.units[name][1])

    def lots(self, name: str, size: Any) -> int:
        return exact(size, self.units[name][2])

    def size(self, name: str, lots: int) -> Decimal:
        return Decimal(lots).scaleb(self.units[name][2])

    def price(self, name: str, ticks: int) -> Decimal:
        return Decimal(ticks).scaleb(self.units[name][1])

    def money(self, atoms: int) -> Decimal:
        return Decimal(atoms).scaleb(self.atom)

    def mark(self, prices: Mapping[str, Any]) -> list[Event]:
        return self.driver.marks(
            {self.id(name): self.ticks(name, price) for name, price in prices.items()}
        )

    def deposit(self, account_id: int, amount: Any) -> None:
        self.driver.deposit(account_id, exact(amount, self.atom))

    def fund_deposit(self, amount: Any, fund_id: int = 1) -> None:
        self.driver.fund_deposit(exact(amount, self.atom), fund_id)

    def hold(self, account_id: int, name: str, size: Any, entry: Any) -> list[Event]:
        """Open a position against the outside."""
        return self.driver.update(
            account_id, self.lots(name, size), self.ticks(name, entry), self.id(name)
        )

    def trade(
        self, buyer: int, seller: int, name: str, size: Any, price: Any, **more: Any
    ) -> list[Event]:
        lots, ticks = self.lots(name, size), self.ticks(name, price)
        return self.driver.trade(buyer, seller, lots, ticks, self.id(name), **more)

    def fill(self, order: Event, other: int, name: str, size: Any, price: Any) -> list[Event]:
        """Fill an order against another account.

        A price that is worse than its limit is no fill of it (GD-12): then the two trade beside it,
        and it is reported if that has not ended it.
        """
        sells = order.side == Side.SHORT
        sides = (other, order.account_id) if sells else (order.account_id, other)
        ticks, limit = self.ticks(name, price), order.price_ticks
        if ticks < limit if sells else ticks > limit:
            events = self.trade(*sides, name, size, price)
            ended = of_kind(events, EventKind.LIQUIDATION_ORDER_ENDED)
            return events + ([] if ended else self.driver.report(order.liquidation_id))
        return self.trade(*sides, name, size, price, fills=order.liquidation_id)

    def at_bankruptcy_price(self, order: Event) -> Event:
        """Report an order until the one whose limit is the bankruptcy price; return that one.

        Its market asks the book three times.
        """
        while order.attempt < BOOK_ATTEMPTS:
            (order,) = of_kind(
                self.driver.report(order.liquidation_id), EventKind.LIQUIDATION_ORDER
            )
        return order

    def hold_with_cash(
        self, account_id: int, cash: Any, positions: Mapping[str, Any], oracle: Mapping[str, Any]
    ) -> None:
        """Open positions so that balance less cost is `cash`: what dYdX calls the quote balance.

        They are entered far on the good side of the oracle price, which leaves a balance to pay in
        and nobody liquidated; marks stay there.
        """
        entries = {
            name: dec(oracle[name]) * (2 if dec(size) > 0 else Decimal("0.5"))
            for name, size in positions.items()
        }
        self.mark(entries)
        costs = sum(dec(size) * entries[name] for name, size in positions.items())
        self.deposit(account_id, dec(cash) + costs)
        for name, size in positions.items():
            self.hold(account_id, name, size, entries[name])

    def position(self, account_id: int, name: str) -> PositionView:
        return self.driver.position(account_id, self.id(name))

    def held(self, account_id: int, name: str) -> Decimal:
        return self.size(name, self.driver.lots(account_id, self.id(name)))

    def balance(self, account_id: int) -> Decimal:
        return self.money(self.driver.account(account_id).balance_atoms)

    def equity(self, account_id: int) -> Decimal:
        return self.money(self.driver.account(account_id).equity_atoms)

    def cash(self, account_id: int) -> Decimal:
        account = self.driver.account(account_id)
        cost = sum(position.cost_atoms for position in account.positions)
        return self.money(account.balance_atoms - cost)


def of_kind(events: list[Event], kind: EventKind) -> list[Event]:
    return [event for event in events if event.kind == kind]
