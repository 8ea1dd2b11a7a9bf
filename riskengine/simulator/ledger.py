"""The venue's own books: what it believes every account holds, to the atom."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from riskengine.simulator.markets import ATOMS, FUND_ACCOUNT_ID, MarketSpec
from riskengine.units import PPM


class Trade(NamedTuple):
    """One trade as the venue reports it; fees are what an account pays, negative a rebate."""

    market: int
    """Index of the market, from 0."""
    buyer_id: int
    seller_id: int
    price_ticks: int
    size_lots: int
    buyer_fee_atoms: int = 0
    seller_fee_atoms: int = 0
    liquidation_id: int = 0


class Ledger:
    """Cash and sizes of accounts 1 to `account_count` and of the insurance fund.

    Cash is the engine's balance less the cost of all positions: whatever is bought or sold changes
    it by exactly what is paid, so it needs none of the engine's rounding rules.
    """

    def __init__(self, markets: Sequence[MarketSpec], account_count: int) -> None:
        self.markets = tuple(markets)
        self.account_count = account_count
        self.marks = [0] * len(markets)
        self.multipliers = [market.multiplier for market in markets]
        self.cash_atoms = [0] * (account_count + 1)
        self.lots = [[0] * (account_count + 1) for _ in markets]
        self.deposits_atoms = 0
        self.fees_atoms = 0
        self._tiers = [_tier_table(market) for market in markets]

    def slot(self, account_id: int) -> int:
        """Return where an account's values stand; the fund's come last."""
        if account_id == FUND_ACCOUNT_ID:
            return self.account_count
        assert 1 <= account_id <= self.account_count, f"no account {account_id} in this venue"
        return account_id - 1

    def deposit(self, account_id: int, amount_atoms: int) -> None:
        """Pay in."""
        self.cash_atoms[self.slot(account_id)] += amount_atoms
        self.deposits_atoms += amount_atoms

    def pay(self, payer_id: int, payee_id: int, amount_atoms: int) -> None:
        """Move cash between two accounts."""
        self.cash_atoms[self.slot(payer_id)] -= amount_atoms
        self.cash_atoms[self.slot(payee_id)] += amount_atoms

    def receive(self, account_id: int, amount_atoms: int) -> None:
        """Change the cash of an account; whose it was, or is then, is booked apart."""
        self.cash_atoms[self.slot(account_id)] += amount_atoms

    def pay_of_fees(self, payee_id: int, amount_atoms: int) -> None:
        """Give an account of the trading fees."""
        self.receive(payee_id, amount_atoms)
        self.fees_atoms -= amount_atoms

    def add(self, account_id: int, market: int, lots: int, cash_atoms: int) -> None:
        """Change one side: signed lots, signed cash."""
        slot = self.slot(account_id)
        self.lots[market][slot] += lots
        self.cash_atoms[slot] += cash_atoms

    def trade(self, trade: Trade) -> None:
        """Book both sides of a trade and their fees."""
        value = trade.size_lots * trade.price_ticks * self.multipliers[trade.market]
        lots = trade.size_lots
        self.add(trade.buyer_id, trade.market, lots, -value - trade.buyer_fee_atoms)
        self.add(trade.seller_id, trade.market, -lots, value - trade.seller_fee_atoms)
        self.fees_atoms += trade.buyer_fee_atoms + trade.seller_fee_atoms

    def trades(self, trades: Iterable[Trade]) -> None:
        """Book trades in order."""
        for trade in trades:
            self.trade(trade)

    def position(self, account_id: int, market: int) -> int:
        """Return the signed size of a position in lots."""
        return self.lots[market][self.slot(account_id)]

    def equity_atoms(self, account_id: int) -> int:
        """Return cash and positions at mark."""
        slot = self.slot(account_id)
        equity = self.cash_atoms[slot]
        for market, lots in enumerate(self.lots):
            size = lots[slot]
            if size:
                equity += size * self.marks[market] * self.multipliers[market]
        return equity

    def notional_atoms(self, account_id: int) -> int:
        """Return the sum of |size| at mark."""
        slot = self.slot(account_id)
        return sum(
            abs(lots[slot]) * self.marks[market] * self.multipliers[market]
            for market, lots in enumerate(self.lots)
        )

    def margin_atoms(self, account_id: int, *, maintenance: bool = False) -> int:
        """Return the initial or the maintenance margin of all positions at mark."""
        slot = self.slot(account_id)
        total = 0
        for market, lots in enumerate(self.lots):
            size = lots[slot]
            if size:
                notional = abs(size) * self.marks[market] * self.multipliers[market]
                total += self.requirement_atoms(market, notional, maintenance=maintenance)
        return total

    def requirement_atoms(self, market: int, notional: int, *, maintenance: bool = False) -> int:
        """Return `ceil((N * rate - deduction) / 10^6)` of the tier that holds the notional."""
        for floor, initial, initial_less, maintain, maintain_less in self._tiers[market]:
            if notional >= floor:
                if maintenance:
                    return -((maintain_less - notional * maintain) // PPM)
                return -((initial_less - notional * initial) // PPM)
        return 0

    def open_interest_lots(self, market: int) -> int:
        """Return the sum of long positions."""
        return sum(lots for lots in self.lots[market] if lots > 0)

    def missing_atoms(self) -> int:
        """Return deposits less cash and fees; 0 unless the venue's own books leak."""
        return self.deposits_atoms - sum(self.cash_atoms) - self.fees_atoms


def _tier_table(market: MarketSpec) -> list[tuple[int, int, int, int, int]]:
    """Return floor, rates and deductions of the tiers, the highest floor first."""
    table: list[tuple[int, int, int, int, int]] = []
    initial_less = maintain_less = last_initial = last_maintain = 0
    for floor_dollars, initial, maintain in market.tiers:
        floor = floor_dollars * ATOMS
        initial_less += floor * (initial - last_initial)
        maintain_less += floor * (maintain - last_maintain)
        last_initial, last_maintain = initial, maintain
        table.append((floor, initial, initial_less, maintain, maintain_less))
    return table[::-1]
