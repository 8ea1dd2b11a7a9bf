"""Random venues of integers, each with one command of gaps, and what became of the losses.

A venue has one to three markets, 4 to 14 accounts that are at maintenance or above, and a fund. All
positions have a counterparty. Multiplier 1; prices in ticks, money in atoms. With the limits with
which a venue begins the fund pays less, and an hour later what is owed is spread over gains.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from riskengine.core.enums import AccountState, EventKind, LossPolicy
from riskengine.core.types import AccountView, Event
from riskengine.units import PPM
from tests.core.driver import FUND_ACCOUNT, Driver

FUND = FUND_ACCOUNT + 1
RATES_PPM = (5_000, 10_000, 25_000, 50_000)
GAP_PPM = 300_000
"""A mark moves by at most this part of itself."""
ENTRY_PPM = 400_000
"""Positions were entered within this part of the mark."""
MOST_LOTS = 100
HOUR_MILLIS = 3_600_000
LIMITS = {
    "fund_market_notional_ppm": 1_000_000,
    "fund_notional_ppm": 3_000_000,
    "fund_drawdown_ppm": 300_000,
    "fund_resume_ppm": 250_000,
    "spread_after_millis": HOUR_MILLIS,
}
FUND_SHARE_PPM = 50_000
INVENTORY_PPM = 50_000


class Result(NamedTuple):
    """What one gap did, in atoms; `wrong` says what must not be."""

    bankrupt_count: int
    loss: int
    paid_by_fund: int
    paid_by_holders: int
    paid_by_gains: int
    left_as_debt: int
    most_of_one_holder: int
    wrong: tuple[str, ...]


@dataclass(slots=True)
class Account:
    """What one holds before the gap: lots and cost by market, and a balance."""

    balance: int = 0
    lots: Counter[int] = field(default_factory=Counter)
    cost: Counter[int] = field(default_factory=Counter)

    def equity(self, marks: dict[int, int]) -> int:
        """Return what it is worth at marks."""
        return self.balance + sum(
            lots * marks[market_id] - self.cost[market_id] for market_id, lots in self.lots.items()
        )

    def maintenance(self, marks: dict[int, int], rates_ppm: dict[int, int]) -> int:
        """Return what it must hold at marks."""
        return sum(
            -(-abs(lots) * marks[market_id] * rates_ppm[market_id] // PPM)
            for market_id, lots in self.lots.items()
        )


class Venue:
    """One venue of a seed; with the limits it is the same but for them."""

    def __init__(self, seed: int, *, is_limited: bool = False) -> None:
        self.rng = rng = Random(seed)
        self.is_limited = is_limited
        self.policy = rng.choice((LossPolicy.QUEUE, LossPolicy.PRO_RATA))
        self.marks = {each: rng.randint(50, 2_000) for each in range(1, rng.randint(1, 3) + 1)}
        self.rates_ppm = {each: rng.choice(RATES_PPM) for each in self.marks}
        self.fund_atoms = rng.choice((0, 0, 500, 10**6))
        self.work_units = (0, 1, 7)[seed % 3]
        self.accounts = {number: Account() for number in range(1, rng.randint(4, 14) + 1)}
        for _ in range(2 * len(self.accounts)):
            self._trade()
        self._drop_what_is_flat()
        for account in self.accounts.values():
            least = account.maintenance(self.marks, self.rates_ppm)
            gained = account.equity(self.marks)
            account.balance = least - gained + rng.randint(0, 3 * least + 10)

    def _trade(self) -> None:
        buyer, seller = self.rng.sample(sorted(self.accounts), 2)
        market_id = self.rng.choice(sorted(self.marks))
        lots = self.rng.randint(1, MOST_LOTS)
        part_ppm = PPM + self.rng.randint(-ENTRY_PPM, ENTRY_PPM)
        price = self.marks[market_id] * part_ppm // PPM
        for account_id, signed in ((buyer, lots), (seller, -lots)):
            self.accounts[account_id].lots[market_id] += signed
            self.accounts[account_id].cost[market_id] += signed * price

    def _drop_what_is_flat(self) -> None:
        for account in self.accounts.values():
            for market_id in [each for each, lots in account.lots.items() if not lots]:
                del account.lots[market_id], account.cost[market_id]

    def gap(self) -> dict[int, int]:
        """Return the next marks: each moves with a chance of a half."""
        moved = {}
        for market_id, ticks in self.marks.items():
            move_ppm = self.rng.choice((0, self.rng.randint(-GAP_PPM, GAP_PPM)))
            moved[market_id] = max(1, ticks * (PPM + move_ppm) // PPM)
        return moved

    def open(self) -> Driver:
        """Load the venue into an engine that nothing of it is judged by yet."""
        driver = Driver()
        driver.finishes = True
        driver.risk(work_units=self.work_units)
        for market_id, rate_ppm in self.rates_ppm.items():
            driver.market(
                market_id,
                tiers=((0, 2 * rate_ppm, rate_ppm),),
                discount_ppm=rate_ppm * 2 // 5,
                loss_policy=self.policy,
                fund_share_ppm=FUND_SHARE_PPM if self.is_limited else 0,
                inventory_ppm=INVENTORY_PPM if self.is_limited else 0,
            )
        if self.is_limited:
            driver.risk(**LIMITS)
        driver.marks(self.marks)
        if self.fund_atoms:
            driver.fund_deposit(self.fund_atoms)
        driver.begin_loading()
        for account_id, account in self.accounts.items():
            driver.load(account_id, account.balance)
            for market_id, lots in account.lots.items():
                driver.load_position(account_id, lots, account.cost[market_id], market_id)
        return driver


def play(seed: int, *, is_limited: bool = False) -> Result:
    """Play the gap of a venue; with limits also the hour after it."""
    venue = Venue(seed, is_limited=is_limited)
    driver = venue.open()
    driver.go_live()
    views = [driver.account(each) for each in venue.accounts]
    assert {view.state for view in views} <= {AccountState.NORMAL, AccountState.MARGIN_CALL}
    marks = venue.gap()
    lost = [-min(0, account.equity(marks)) for account in venue.accounts.values()]
    events = driver.marks(marks)
    paid = paid_of(events)
    wrong = [*wrong_of_holders(venue, marks, events), *wrong_of_views(views_of(driver), paid)]
    if is_limited:
        wrong += wrong_of_fund(driver, events)
    spread = after_an_hour(driver) if is_limited else []
    wrong += wrong_of_spread(views_of(driver), spread)
    debts = [max(0, -view.equity_atoms) for view in views_of(driver)]
    payouts = [each for each in (*events, *spread) if each.kind == EventKind.INSURANCE_PAYOUT]
    result = Result(
        sum(atoms > 0 for atoms in lost),
        sum(lost),
        sum(each.amount_atoms for each in payouts),
        paid.total(),
        sum(each.amount_atoms for each in spread if each.kind == EventKind.LOSS_SPREAD),
        sum(debts),
        max(paid.values(), default=0),
        (),
    )
    return result._replace(wrong=(*wrong, *wrong_of_sums(driver, result)))


def after_an_hour(driver: Driver) -> list[Event]:
    """Let the debts' hour pass, and return what was told then."""
    driver.wait(HOUR_MILLIS)
    is_due = 0 < driver.engine.next_timer_nanos <= driver.time_nanos
    return driver.tick() if is_due else []


def views_of(driver: Driver) -> list[AccountView]:
    """Return all accounts, the fund's too."""
    views = driver.engine.accounts(0, driver.engine.account_count, 0)
    # A list of accounts has no positions.
    return [driver.account(account_id) for account_id in (*(v.account_id for v in views), FUND)]


def paid_of(events: list[Event]) -> Counter[int]:
    """Return what each holder paid in all."""
    paid: Counter[int] = Counter()
    for event in events:
        if event.kind == EventKind.AUTO_DELEVERAGE:
            paid[event.counterparty_account_id] += event.loss_atoms
    return paid


def wrong_of_holders(venue: Venue, marks: dict[int, int], events: list[Event]) -> Iterator[str]:
    """Yield who paid more in a market than the gap gave the lots that were closed of him."""
    lots: Counter[tuple[int, int]] = Counter()
    paid: Counter[tuple[int, int]] = Counter()
    for event in events:
        if event.kind == EventKind.AUTO_DELEVERAGE:
            key = event.counterparty_account_id, event.market_id
            lots[key] += event.size_lots
            paid[key] += event.loss_atoms
    for (account_id, market_id), atoms in paid.items():
        gave = abs(marks[market_id] - venue.marks[market_id]) * lots[account_id, market_id]
        if atoms > gave:
            yield f"account {account_id} paid {atoms} of {gave} in market {market_id}"


def wrong_of_views(views: list[AccountView], paid: Counter[int]) -> Iterator[str]:
    """Yield who paid of his maintenance, and who has legs below zero."""
    for view in views:
        name = f"account {view.account_id}"
        if paid[view.account_id] and view.equity_atoms < view.maintenance_atoms:
            yield f"{name} paid of its maintenance: {view.equity_atoms}, {view.maintenance_atoms}"
        if view.equity_atoms < 0 and view.positions:
            yield f"{name} is below zero and has legs"


def wrong_of_sums(driver: Driver, result: Result) -> Iterator[str]:
    """Yield what is missing: atoms, a loss that is not told, or a debt that is not reported."""
    for sides in driver.engine.conservation():
        if sides.missing_atoms:
            yield f"{sides.missing_atoms} atoms are missing"
    for gate in driver.engine.gates():
        if gate.unallocated_loss_atoms != result.left_as_debt:
            yield f"a debt of {result.left_as_debt} is told as {gate.unallocated_loss_atoms}"
    borne = result.paid_by_fund + result.paid_by_holders + result.paid_by_gains
    if result.loss != borne + result.left_as_debt:
        yield f"what was lost is not what was paid and is owed: {result}"


def wrong_of_fund(driver: Driver, events: list[Event]) -> Iterator[str]:
    """Yield what a fund paid or holds beyond its limits, after the gap."""
    fund = driver.fund()
    has_paid = any(each.kind == EventKind.INSURANCE_PAYOUT for each in events)
    least = -(-fund.peak_equity_atoms * (PPM - LIMITS["fund_drawdown_ppm"]) // PPM)
    if has_paid and fund.equity_atoms < least:
        yield f"the fund paid down to {fund.equity_atoms}, and {least} are to stay"
    for market in driver.engine.dump()["markets"]:
        paid = sum(atoms for _, atoms in market["paid"])
        most = fund.peak_equity_atoms * FUND_SHARE_PPM // PPM
        if paid > most:
            yield f"the fund paid {paid} of {most} for market {market['parameters']['market_id']}"
    yield from wrong_of_inventory(driver, fund.equity_atoms)
    most = max(0, fund.equity_atoms) * LIMITS["fund_notional_ppm"] // PPM
    if fund.inventory_notional_atoms > most:
        yield f"the fund holds {fund.inventory_notional_atoms}, and {most} are its most"


def wrong_of_inventory(driver: Driver, equity_atoms: int) -> Iterator[str]:
    """Yield what a fund that began without any holds of a market beyond that one's limit."""
    most = max(0, equity_atoms) * INVENTORY_PPM // PPM
    view = driver.engine.account(FUND)
    assert view is not None
    for leg in view.positions:
        if leg.notional_atoms > most:
            held = f"{leg.notional_atoms} of market {leg.market_id}"
            yield f"the fund holds {held}, and {most} are its most"


def wrong_of_spread(views: list[AccountView], events: list[Event]) -> Iterator[str]:
    """Yield who paid of a debt more than his gain, or of his maintenance."""
    by_id = {view.account_id: view for view in views}
    for event in events:
        if event.kind != EventKind.LOSS_SPREAD:
            continue
        view = by_id[event.account_id]
        kept = max(event.maintenance_atoms, view.net_deposits_atoms, 0)
        if event.amount_atoms > event.equity_atoms - kept:
            yield f"account {view.account_id} paid {event.amount_atoms} of its gain"
        if view.equity_atoms < view.maintenance_atoms:
            yield f"account {view.account_id} paid of its maintenance for a debt"
