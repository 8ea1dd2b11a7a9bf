"""The accounts of the venue: who they are, what they pay in, what they hold at the start."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from random import Random

from riskengine.simulator.ledger import Ledger, Trade
from riskengine.simulator.markets import ATOMS, MarketSpec

MAKER_COUNT = 12
MIN_ACCOUNTS = 200
MAX_ACCOUNTS = 200_000

LEVERAGE_CLASSES: tuple[tuple[float, float, float], ...] = (
    # share of traders, lowest and highest leverage; after the brackets published for 2025
    (0.62, 0.1, 1.0),
    (0.16, 1.0, 3.0),
    (0.10, 3.0, 10.0),
    (0.045, 10.0, 20.0),
    (0.04, 20.0, 20.0),
    (0.02, 50.0, 50.0),
    (0.015, 100.0, 100.0),
)
HEDGED_SHARE = 0.03
LONG_SHARE_BELOW_2X, LONG_SHARE_ABOVE = 0.66, 0.84
MARKET_COUNT_SHARES = (0.6, 0.3, 0.1)
INITIAL_USE = 0.95
"""Share of equity that initial margin takes at most at the start: fees and noise need the rest."""
MAKER_CAPITAL_SHARE = 0.6
"""Capital of all market makers, of the traders' notional."""


class Group(Enum):
    """What kind of account it is."""

    MAKER = "market maker"
    TRADER = "trader"
    HEDGED = "hedged"


@dataclass(frozen=True, slots=True)
class Account:
    """One account at the start; notionals are signed atoms by market index."""

    account_id: int
    group: Group
    deposit_atoms: int
    leverage: float
    notionals_atoms: dict[int, int]


@dataclass(frozen=True, slots=True)
class Population:
    """All accounts in order of id (the market makers first), and the trades that opened."""

    accounts: tuple[Account, ...]
    opening_trades: tuple[Trade, ...]

    @property
    def maker_ids(self) -> range:
        """Return the market makers' ids."""
        return range(1, MAKER_COUNT + 1)

    def group(self, account_id: int) -> Group:
        """Return what kind of account it is."""
        return self.accounts[account_id - 1].group

    def open_interest_atoms(self) -> int:
        """Return the sum of all traders' notional."""
        return sum(
            abs(notional)
            for account in self.accounts
            for notional in account.notionals_atoms.values()
        )


def make_population(
    markets: Sequence[MarketSpec], start_ticks: Sequence[int], account_count: int, seed: int
) -> Population:
    """Return `account_count` accounts, the same for the same seed.

    Most stand near or below 1x with a tail at 20x, 50x and 100x; they are long, and the market
    makers hold the other side. Each opening trade is between one trader and one market maker.
    """
    rng = Random(f"population {seed}")
    ledger = Ledger(markets, 1)  # only for the tiers' requirement
    traders = _make_traders(markets, ledger, account_count - MAKER_COUNT, rng)
    interest = sum(abs(value) for account in traders for value in account.notionals_atoms.values())
    capital = int(interest * MAKER_CAPITAL_SHARE) // MAKER_COUNT + ATOMS
    makers = [
        Account(maker_id, Group.MAKER, capital, 0.0, {}) for maker_id in range(1, MAKER_COUNT + 1)
    ]
    trades = _opening_trades(markets, start_ticks, traders, rng)
    return Population((*makers, *traders), tuple(trades))


def _make_traders(
    markets: Sequence[MarketSpec], ledger: Ledger, count: int, rng: Random
) -> list[Account]:
    classes = rng.choices(LEVERAGE_CLASSES, [share for share, _, _ in LEVERAGE_CLASSES], k=count)
    traders = []
    for account_id, (_, low, high) in enumerate(classes, start=MAKER_COUNT + 1):
        # Dollars: many small accounts and few large ones.
        dollars = min(rng.lognormvariate(7.6, 1.4), 2_000_000.0)
        group = Group.HEDGED if rng.random() < HEDGED_SHARE else Group.TRADER
        if group is Group.HEDGED:
            leverage = rng.uniform(1.5, 5.0)
            dollars *= 3.0
            long, short = rng.sample(range(len(markets)), 2)
            shares = {long: 0.5, short: -0.5}
        else:
            leverage = low * (high / low) ** rng.random()
            dollars /= 1.0 + leverage / 8.0
            shares = _directions(markets, leverage, rng)
        deposit = round(max(50.0, dollars) * ATOMS)
        notionals = _fit(ledger, shares, deposit, leverage)
        traders.append(Account(account_id, group, deposit, leverage, notionals))
    return traders


def _directions(markets: Sequence[MarketSpec], leverage: float, rng: Random) -> dict[int, float]:
    """Return signed shares of the notional by market, all long or all short."""
    weights = [market.interest_weight for market in markets]
    many = rng.choices((1, 2, 3), MARKET_COUNT_SHARES)[0]
    parts: dict[int, float] = {}
    while len(parts) < many:
        parts.setdefault(rng.choices(range(len(markets)), weights)[0], rng.gammavariate(3.0, 1.0))
    long_share = LONG_SHARE_BELOW_2X if leverage < 2.0 else LONG_SHARE_ABOVE
    total = sum(parts.values()) * (1.0 if rng.random() < long_share else -1.0)
    return {market: part / total for market, part in parts.items()}


def _fit(
    ledger: Ledger, shares: dict[int, float], deposit_atoms: int, leverage: float
) -> dict[int, int]:
    """Return notionals at the leverage, or as much of them as the tiers allow."""
    scale = leverage
    while True:
        notionals = {market: int(deposit_atoms * scale * share) for market, share in shares.items()}
        needed = sum(
            ledger.requirement_atoms(market, abs(value)) for market, value in notionals.items()
        )
        if needed <= deposit_atoms * INITIAL_USE:
            return notionals
        scale *= 0.95


def _opening_trades(
    markets: Sequence[MarketSpec],
    start_ticks: Sequence[int],
    traders: Sequence[Account],
    rng: Random,
) -> list[Trade]:
    """Return one trade a position, at prices around the start: the higher the leverage the closer.

    A position that is worth less than one lot is left out.
    """
    trades: list[Trade] = []
    for account in traders:
        for market, notional in account.notionals_atoms.items():
            spread = 0.03 / max(1.0, account.leverage * 2.0)
            offset = min(2.0, max(-2.0, rng.gauss(0.0, 1.0))) * spread
            price = max(1, round(start_ticks[market] * (1.0 + offset)))
            lots = markets[market].lots_of(abs(notional), start_ticks[market])
            if lots == 0:
                continue
            maker = 1 + len(trades) % MAKER_COUNT
            sides = (account.account_id, maker) if notional > 0 else (maker, account.account_id)
            trades.append(Trade(market, *sides, price, lots))
    return trades
