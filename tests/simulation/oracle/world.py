"""The state (ST-1 to ST-8), as dictionaries and lists, and the values that come out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.simulation.oracle.names import NANOS_PER_MILLI, Kind, Side, State, VenueMode

EventFields = dict[str, int]


class AccountName(NamedTuple):
    """What a margin account is called; ties are broken in the order of names."""

    account_id: int
    asset_id: int
    isolated_market_id: int = 0


class RiskTier(NamedTuple):
    floor_atoms: int
    initial_rate_ppm: int
    maintenance_rate_ppm: int


class MarketParameters(NamedTuple):
    market_id: int
    symbol: str
    asset_id: int
    fund_id: int
    tick_exponent: int
    lot_exponent: int
    price_step_ticks: int
    size_step_lots: int
    max_price_ticks: int
    max_position_lots: int
    tiers: tuple[RiskTier, ...]
    liquidation_fee_ppm: int
    liquidation_timeout_millis: int
    liquidation_slice_lots: int
    liquidation_cooldown_millis: int
    dust_notional_atoms: int
    loss_policy: int
    order_band_ppm: int = 50_000
    reprices_trades: bool = True
    discount_ppm: int = 0
    book_attempts: int = 0
    fund_share_ppm: int = 0
    inventory_ppm: int = 0


class RiskParameters(NamedTuple):
    margin_call_ppm: int = 1_250_000
    liquidation_buffer_ppm: int = 50_000
    take_over_ppm: int = 666_667
    margin_call_clear_ppm: int = 1_350_000
    withdrawal_margin_ppm: int = 100_000
    gate_floor_units: int = 1_000
    gate_ppm: int = 1_000
    fund_market_notional_ppm: int = 0
    fund_notional_ppm: int = 0
    fund_drawdown_ppm: int = 0
    fund_resume_ppm: int = 0
    second_term_millis: int = 0
    late_fill_millis: int = 0
    spread_after_millis: int = 0
    work_units: int = 0
    max_reservations: int = 16


class Rejection(NamedTuple):
    row: int
    reason: int
    field: str
    value: int
    limit: int
    detail: int = 0


class Outcome(NamedTuple):
    """Events hold only the fields that are not 0."""

    sequence: int
    time_nanos: int
    applied_rows: int
    rejected_rows: int
    rejections: list[Rejection]
    events: list[EventFields]


@dataclass
class Asset:
    asset_id: int
    symbol: str
    exponent: int
    net_deposits_atoms: int = 0
    fees_atoms: int = 0
    carried_in_atoms: int = 0
    reserved_atoms: int = 0


class Timer(NamedTuple):
    """Of an order, of an account's retry, or of its debt."""

    time_nanos: int
    making: int
    liquidation_id: int
    account: AccountName | None
    is_of_debt: bool = False


@dataclass
class Debt:
    """What is known of a bankrupt account: since when it is one, and when its debt is spread."""

    account: AccountName
    since_nanos: int
    due_nanos: int = 0


@dataclass
class Position:
    size_lots: int = 0
    cost_atoms: int = 0


@dataclass
class Market:
    parameters: MarketParameters
    multiplier: int
    mark_price_ticks: int = 0
    outside_lots: int = 0
    outside_cost_atoms: int = 0
    previous_value_atoms: int = 0
    marked_sequence: int = 0
    awaits_mark: bool = False

    @property
    def lot_value_atoms(self) -> int:
        return self.mark_price_ticks * self.multiplier

    @property
    def book_attempts(self) -> int:
        """Return how often the book is asked for a close before others (WF-18)."""
        return max(1, self.parameters.book_attempts)


@dataclass
class Order:
    liquidation_id: int
    account: AccountName
    market_id: int
    side: Side
    size_lots: int
    limit_price_ticks: int
    sliced: bool
    filled_lots: int = 0
    attempt: int = 1
    outcome: int = 0
    cancelling: bool = False
    deadline_nanos: int = 0

    @property
    def ended(self) -> bool:
        return self.outcome != 0

    @property
    def unfilled_lots(self) -> int:
        return self.size_lots - self.filled_lots

    def is_better(self, price_ticks: int, than_ticks: int) -> bool:
        """Return whether a price is better for the order's account than another."""
        if self.side == Side.SHORT:
            return price_ticks > than_ticks
        return price_ticks < than_ticks


@dataclass
class KeptOrder:
    """An order as it ended, and what of it was closed without the book since (WF-27).

    The next one is that of the further attempt for its rest, 0 if there was none.
    """

    order: Order
    end_nanos: int
    moved_lots: int = 0
    next_liquidation_id: int = 0


@dataclass
class Account:
    """A margin account."""

    name: AccountName
    is_fund: bool = False
    balance_atoms: int = 0
    state: State = State.NORMAL
    positions: dict[int, Position] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    retry_nanos: int = 0
    asked: bool = False
    debt_market: int = 0
    net_deposits_atoms: int = 0
    reservations: dict[int, int] = field(default_factory=dict)
    has_changed: bool = field(default=False, compare=False)

    def __setattr__(self, name: str, value: object) -> None:
        """Set a field; a balance that becomes another one is a change (FD-9)."""
        if name == "balance_atoms" and value != self.balance_atoms:
            super().__setattr__("has_changed", True)
        super().__setattr__(name, value)

    @property
    def account_id(self) -> int:
        return self.name.account_id

    @property
    def asset_id(self) -> int:
        return self.name.asset_id

    def size_in(self, market_id: int) -> int:
        position = self.positions.get(market_id)
        return position.size_lots if position else 0

    def held_for(self, order: Order) -> int:
        """Return the lots held on the side that an order closes."""
        size = self.size_in(order.market_id)
        return max(0, size if order.side == Side.SHORT else -size)

    @property
    def open_orders(self) -> list[Order]:
        return [order for order in self.orders if not order.ended]


@dataclass
class FundWindow:
    """What a fund was worth, by slot; and whether it has lost what it may."""

    noted: dict[int, int] = field(default_factory=dict)
    is_stopped: bool = False
    stop_peak_atoms: int = 0


@dataclass
class World:
    sequence: int = 0
    time_nanos: int = 0
    command_time_nanos: int = 0
    instruction_sequence: int = 0
    last_liquidation_id: int = 0
    timers_made: int = 0
    mode: VenueMode = VenueMode.LIVE
    risk: RiskParameters = field(default_factory=RiskParameters)
    retention: tuple[int, ...] = (1_000, 1_024, 2**22, 1_000_000, 250, 3_600_000)
    assets: dict[int, Asset] = field(default_factory=dict)
    funds: dict[int, AccountName] = field(default_factory=dict)
    markets: dict[int, Market] = field(default_factory=dict)
    accounts: dict[AccountName, Account] = field(default_factory=dict)
    timers: list[Timer] = field(default_factory=list)
    bankrupt: list[AccountName] = field(default_factory=list)
    kept: list[KeptOrder] = field(default_factory=list)
    debts: dict[AccountName, Debt] = field(default_factory=dict)
    due: set[AccountName] = field(default_factory=set)
    touched: set[AccountName] = field(default_factory=set)
    events: list[EventFields] = field(default_factory=list)
    noted_slot: int | None = None
    fund_windows: dict[int, FundWindow] = field(default_factory=dict)
    payouts: dict[int, dict[int, int]] = field(default_factory=dict)

    def fund_account(self, fund_id: int) -> Account:
        return self.accounts[self.funds[fund_id]]

    def traders(self) -> Iterator[Account]:
        return (account for account in self.accounts.values() if not account.is_fund)

    def of_party(self, account_id: int) -> list[Account]:
        """Return the margin accounts that a party owns."""
        return [held for name, held in self.accounts.items() if name.account_id == account_id]

    def of_asset(self, asset_id: int) -> list[Account]:
        return [held for name, held in self.accounts.items() if name.asset_id == asset_id]

    def first_asset_id(self) -> int:
        """Return the asset that was made first, 0 if there is none."""
        return next(iter(self.assets), 0)

    def holders(self, market_id: int) -> list[Account]:
        """Return who has a position in the market, by name."""
        return [
            self.accounts[name]
            for name in sorted(self.accounts)
            if market_id in self.accounts[name].positions
        ]

    def open_order(self, liquidation_id: int) -> Order | None:
        for account in self.accounts.values():
            for order in account.open_orders:
                if order.liquidation_id == liquidation_id:
                    return order
        return None

    def listed_order(self, liquidation_id: int) -> Order | None:
        """Return an order, open or ended, whose attempt is not concluded."""
        for account in self.accounts.values():
            for order in account.orders:
                if order.liquidation_id == liquidation_id:
                    return order
        return None

    def set_mark(self, market: Market, mark_price_ticks: int) -> None:
        """Set a mark, and keep the value of a lot before it for the running command (LS-4)."""
        market.previous_value_atoms = market.lot_value_atoms
        market.marked_sequence = self.sequence + 1
        market.mark_price_ticks = mark_price_ticks
        market.awaits_mark = False

    def touch(self, account: Account) -> None:
        self.touched.add(account.name)

    def touch_holders(self, market_id: int) -> None:
        for account in self.holders(market_id):
            self.touch(account)

    def set_deadline(self, time_nanos: int, order: Order) -> None:
        order.deadline_nanos = time_nanos
        self._set_timer(time_nanos, order.liquidation_id, None)

    def set_retry(self, time_nanos: int, account: Account) -> None:
        account.retry_nanos = time_nanos
        self._set_timer(time_nanos, 0, account.name)

    def have_wait(self, debt: Debt) -> None:
        """Have a debt wait from now on as long as debts wait (FD-12)."""
        debt.due_nanos = 0
        if self.risk.spread_after_millis:
            self.set_due(debt, self.command_time_nanos)

    def set_due(self, debt: Debt, from_nanos: int) -> None:
        """Have a debt be due once it has waited from that time, but not before now (FD-12)."""
        due = from_nanos + self.risk.spread_after_millis * NANOS_PER_MILLI
        debt.due_nanos = max(self.command_time_nanos, due)
        self._set_timer(debt.due_nanos, 0, debt.account, is_of_debt=True)

    def _set_timer(
        self,
        time_nanos: int,
        liquidation_id: int,
        name: AccountName | None,
        *,
        is_of_debt: bool = False,
    ) -> None:
        self.timers_made += 1
        self.timers.append(Timer(time_nanos, self.timers_made, liquidation_id, name, is_of_debt))

    def set_state(self, account: Account, state: State) -> None:
        """Set the state and keep the order in which accounts went bankrupt."""
        if account.state == State.BANKRUPT and state != State.BANKRUPT:
            self.bankrupt.remove(account.name)
            del self.debts[account.name]
        if account.state != State.BANKRUPT and state == State.BANKRUPT:
            self.bankrupt.append(account.name)
            self.debts[account.name] = Debt(account.name, self.command_time_nanos)
            self.have_wait(self.debts[account.name])
        account.state = state

    def emit(self, kind: Kind, account: Account, **fields: int) -> None:
        self.instruction_sequence += 1
        every = {
            "kind": kind,
            "instruction_sequence": self.instruction_sequence,
            "sequence": self.sequence + 1,
            "time_nanos": self.command_time_nanos,
            **account.name._asdict(),
            **fields,
        }
        self.events.append({name: int(value) for name, value in every.items() if value})
