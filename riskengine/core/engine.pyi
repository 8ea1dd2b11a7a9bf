"""The engine: a deterministic state machine. See docs/rules for every rule.

A command either changes the state and returns an `Outcome` with `sequence` > 0, or is refused
whole and changes nothing (`sequence` 0). Columns are contiguous, one-dimensional buffers of native
int64, read where they lie; anything else raises TypeError or ValueError that names the column.
"""

from array import array
from collections.abc import Iterable
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Buffer

from riskengine.core.counters import EngineCounters
from riskengine.core.types import (
    AccountView,
    AssetView,
    Conservation,
    FundView,
    GateView,
    LiquidationView,
    LoadReport,
    MarketParameters,
    MarketView,
    OrderCheck,
    Outcome,
    Retention,
    RiskParameters,
)
from riskengine.core.windows import FundWindowView, MarketPayoutsView

_Column = NDArray[np.int64] | array[int] | memoryview

class Engine:
    def __new__(cls, *, full_scan: bool = False) -> Self:
        """Make an empty engine; `full_scan` judges every account of a marked market.

        The full scan does what the trigger index does, and is its oracle and its peer.
        """

    # Commands. Every one takes the log's time; it may not go back.
    def create_asset(
        self, time_nanos: int, asset_id: int, symbol: str, exponent: int
    ) -> Outcome: ...
    def create_fund(self, time_nanos: int, fund_id: int, asset_id: int) -> Outcome: ...
    def set_market(self, time_nanos: int, parameters: MarketParameters) -> Outcome: ...
    def set_risk_parameters(self, time_nanos: int, parameters: RiskParameters) -> Outcome: ...
    def set_retention(
        self,
        time_nanos: int,
        client_count: int,
        answer_count: int,
        answer_bytes: int,
        instruction_count: int,
        caller_client_count: int,
        client_idle_millis: int,
    ) -> Outcome:
        """Set how much is remembered of what was answered and instructed (see `Retention`)."""
    def fund_deposit(self, time_nanos: int, fund_id: int, amount_atoms: int) -> Outcome: ...
    def write_off(
        self,
        time_nanos: int,
        account_id: int,
        asset_id: int,
        amount_atoms: int,
        payer: int,
        fund_id: int = 0,
        isolated_market_id: int = 0,
    ) -> Outcome:
        """Have somebody pay of the debt of a bankrupt account; `payer` is a WriteOffPayer."""
    def reserve_withdrawal(
        self,
        time_nanos: int,
        account_id: int,
        asset_id: int,
        amount_atoms: int,
        reservation_id: int,
        isolated_market_id: int = 0,
    ) -> Outcome:
        """Withdraw, to be paid out once that is confirmed; the number is the venue's own."""
    def confirm_withdrawal(
        self,
        time_nanos: int,
        account_id: int,
        asset_id: int,
        reservation_id: int,
        isolated_market_id: int = 0,
    ) -> Outcome: ...
    def cancel_withdrawal(
        self,
        time_nanos: int,
        account_id: int,
        asset_id: int,
        reservation_id: int,
        isolated_market_id: int = 0,
    ) -> Outcome: ...
    def adjust_balances(
        self,
        time_nanos: int,
        account_id: _Column,
        asset_id: _Column,
        amount_atoms: _Column,
        reason: _Column,
        payer: _Column,
        fund_id: _Column | None = None,
        isolated_market_id: _Column | None = None,
    ) -> Outcome:
        """Adjust balances by signed amounts, each for an AdjustmentReason.

        `payer` is the WriteOffPayer on the other side, who gets a negative one; the last two
        columns may be left out.
        """
    def close_account(
        self, time_nanos: int, account_id: int, asset_id: int = 0, isolated_market_id: int = 0
    ) -> Outcome:
        """Close an account without positions, money and reservations; its name is unknown then.

        `asset_id` 0 stands for the asset that was made first.
        """
    def deposits(
        self,
        time_nanos: int,
        account_id: _Column,
        asset_id: _Column,
        amount_atoms: _Column,
        isolated_market_id: _Column | None = None,
        venue_id: _Column | None = None,
        venue_time_nanos: _Column | None = None,
    ) -> Outcome:
        """Pay in, opening accounts that are new; each of the last three columns may be left out."""
    def withdrawals(
        self,
        time_nanos: int,
        account_id: _Column,
        asset_id: _Column,
        amount_atoms: _Column,
        isolated_market_id: _Column | None = None,
        venue_id: _Column | None = None,
        venue_time_nanos: _Column | None = None,
    ) -> Outcome:
        """Pay out, each row at most what is withdrawable; the last three may be left out."""
    def trades(
        self,
        time_nanos: int,
        market_id: _Column,
        buyer_account_id: _Column,
        seller_account_id: _Column,
        price_ticks: _Column,
        size_lots: _Column,
        buyer_fee_atoms: _Column,
        seller_fee_atoms: _Column,
        liquidation_id: _Column,
        venue_id: _Column | None = None,
        venue_time_nanos: _Column | None = None,
    ) -> Outcome:
        """Apply two-sided trades; each of the last five columns may be empty.

        The last two are the venue's own, which nothing here looks at.
        """
    def position_updates(
        self,
        time_nanos: int,
        mode: int,
        account_id: _Column,
        market_id: _Column,
        size_lots: _Column,
        price_ticks: _Column,
    ) -> Outcome: ...
    def mark_prices(
        self, time_nanos: int, market_id: _Column, mark_price_ticks: _Column
    ) -> Outcome: ...
    def liquidation_reports(self, time_nanos: int, liquidation_id: _Column) -> Outcome: ...
    def tick(self, time_nanos: int) -> Outcome: ...

    # Loading: a venue as it stood elsewhere, before it is live.
    def begin_loading(self, time_nanos: int, last_liquidation_id: int) -> Outcome:
        """Have the venue loaded, which must have no accounts yet; ids of liquidations go on there.

        Until `go_live` nobody is judged, and what only a live venue takes is refused.
        """
    def load_accounts(
        self,
        time_nanos: int,
        account_id: _Column,
        asset_id: _Column,
        balance_atoms: _Column,
        net_deposits_atoms: _Column,
        debt_market_id: _Column,
    ) -> Outcome:
        """Load accounts; the last two columns may be empty (each the balance; all 0)."""
    def load_positions(
        self,
        time_nanos: int,
        account_id: _Column,
        market_id: _Column,
        size_lots: _Column,
        cost_atoms: _Column,
    ) -> Outcome: ...
    def load_liquidations(
        self,
        time_nanos: int,
        liquidation_id: _Column,
        account_id: _Column,
        market_id: _Column,
        side: _Column,
        size_lots: _Column,
        filled_lots: _Column,
        limit_price_ticks: _Column,
        deadline_nanos: _Column,
        sliced: _Column,
    ) -> Outcome:
        """Load open liquidation orders; the last column may be empty (all 0)."""
    def load_reservations(
        self,
        time_nanos: int,
        account_id: _Column,
        asset_id: _Column,
        reservation_id: _Column,
        amount_atoms: _Column,
    ) -> Outcome: ...
    def go_live(self, time_nanos: int, accept_imbalance: bool) -> Outcome:
        """Have the loaded venue go live, and judge everybody."""

    # Questions. None changes anything.
    def check_order(
        self,
        account_id: int,
        market_id: int,
        side: int,
        size_lots: int,
        price_ticks: int,
        reduce_only: bool,
        isolated_market_id: int = 0,
    ) -> OrderCheck: ...
    def account(
        self, account_id: int, asset_id: int = 0, isolated_market_id: int = 0
    ) -> AccountView | None:
        """Return an account by its name; `asset_id` 0 stands for the asset made first."""
    def accounts(
        self,
        after_account_id: int,
        limit: int,
        state: int,
        after_asset_id: int = ...,
        after_isolated_market_id: int = ...,
    ) -> list[AccountView]:
        """Return traders' accounts in order of name, in `state` (0: any), after a name.

        Without the last two: after all accounts of that party.
        """
    def has_account(self, account_id: int) -> bool:
        """Return whether the party has any account; a fund's may be asked for too."""
    def has_market(self, market_id: int) -> bool: ...
    def open_liquidations(
        self, after_id: int, limit: int, account_id: int = 0, market_id: int = 0
    ) -> list[LiquidationView]:
        """Return liquidation orders that have not ended, in order of id, after an id.

        Of one party and of one market; 0 stands for any.
        """
    def assets(self) -> list[AssetView]: ...
    def gates(self) -> list[GateView]:
        """Return the gate of each asset, in the order of `assets`.

        It looks at the accounts in liquidation or bankrupt, and the funds; while a venue is loaded
        at all accounts.
        """
    def markets(self) -> list[MarketView]: ...
    def funds(self) -> list[FundView]: ...
    def fund_windows(self) -> list[FundWindowView]: ...
    def market_payouts(self) -> list[MarketPayoutsView]: ...
    def conservation(self) -> list[Conservation]: ...
    def counters(self) -> EngineCounters: ...
    def load_report(self, time_nanos: int = 0) -> LoadReport:
        """Return what going live would find, and do at the present marks; assesses everybody.

        At that time, or at that of the last command when that is later.
        """
    def scan(self) -> int:
        """Assess every account and return how many a judgement would act on."""
    def state_hash(self) -> str:
        """Return 32 hexadecimal digits over the whole state; equal states, equal hashes.

        Like `save`, `begin_view` and `begin_state_stream` it raises RuntimeError while work is
        pending: the books are in the middle of something then.
        """
    def started(self, time_nanos: int) -> Outcome:
        """Go on after a gap: the time from the last command to this one.

        Deadlines, retries and what is kept for a time move by it. It tells nothing.
        """
    def set_log_time(self, time_nanos: int, log_time_nanos: int) -> Outcome:
        """Put the log's time forward, and deadlines and retentions with it.

        The outcome has the time at which that was asked; what follows has the new one.
        """
    def note(self, time_nanos: int) -> Outcome:
        """Let time go on for what is noted beside the core: as any command, it has timers fire."""
    def register_client(self, time_nanos: int, client_id: str) -> Outcome:
        """Let time go on, as `note` does, for a client that is registered beside the core."""
    def forget_client(self, time_nanos: int, caller: str, client_id: str) -> Outcome:
        """Let time go on, as `note` does, for a client that is forgotten beside the core."""
    def take_sequence(self, time_nanos: int) -> Outcome:
        """Take a sequence of the log for a refusal that is noted in it; nothing else changes.

        `time_nanos` is the engine's time, which stands still; another one is refused. It is taken
        also while work is pending, and while the venue is loaded.
        """
    def go_on(self, time_nanos: int) -> Outcome:
        """Go on with the work of a command that paused; refused when none is pending."""
    @property
    def has_work(self) -> bool:
        """Return whether work of a command is pending: it paused before all of it was done."""
    def save(self) -> bytes:
        """Return books and totals as bytes; it walks over all of them."""
    def begin_view(self, fd: int) -> int:
        """Have a clone of this process write what `save` would return into a descriptor.

        It is the state as of now, whatever commands follow. Returns the clone's process id, to be
        waited for with __WALL; it ends with 0 when all was written. Raises OSError when the
        process cannot be cloned.
        """
    def memory_pages(self) -> list[tuple[int, int]]:
        """Return the pages that `mend_pages` mends after a view, by address and size in bytes."""
    def begin_state_stream(
        self, fd: int, market_ids: Iterable[int] = (), account_ids: Iterable[int] = ()
    ) -> int:
        """Have a clone of this process write accounts, positions and open orders into a descriptor.

        They come as of now, as StreamStateResponse messages with rows, each with its length before
        it as 32 bits. Without ids all are told; with some only what is of these markets, and of
        these parties. Returns and raises as `begin_view`.
        """
    @staticmethod
    def read_back(saved: Buffer, *, full_scan: bool = False) -> Engine:
        """Return an engine like the one that was saved.

        Raises ValueError when the bytes are not those of a state.
        """
    def fork(self) -> Engine:
        """Return a deep copy that shares nothing with this engine, with work that is pending."""
    def dump(self) -> dict[str, Any]:
        """Return the whole state as plain values, in canonical order, for inspection."""
    def check_invariants(self) -> None:
        """Raise AssertionError that names the first broken invariant; for tests."""
    @property
    def sequence(self) -> int: ...
    @property
    def time_nanos(self) -> int: ...
    @property
    def instruction_sequence(self) -> int: ...
    @property
    def next_timer_nanos(self) -> int:
        """Time of the next timer that may fire, 0 when there is none."""
    @property
    def last_liquidation_id(self) -> int:
        """Id of the last liquidation order that was issued, 0 before the first."""
    @property
    def account_count(self) -> int: ...
    @property
    def position_count(self) -> int: ...
    @property
    def open_liquidation_count(self) -> int: ...
    @property
    def recomputed_accounts(self) -> int:
        """Accounts judged because a mark left one of their bands."""
    @property
    def bad_debt_atoms(self) -> int:
        """What accounts of the first asset owe that no fund could pay yet."""
    @property
    def bad_debts_atoms(self) -> list[int]:
        """The same of each asset, in the order of `assets`; costs little, unlike `conservation`."""
    @property
    def venue_mode(self) -> int:
        """Return the VenueMode: LIVE, or LOADING."""
    @property
    def parameters(self) -> RiskParameters: ...
    @property
    def retention(self) -> Retention: ...

def bounds() -> dict[str, int]:
    """Return every bound of docs/rules/bounds.md by name (max_rows, max_balance_atoms, ...)."""
