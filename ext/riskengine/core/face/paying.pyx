"""The engine's commands that pay in and out (see engine.pyi)."""

from libc.stdint cimport int64_t

from riskengine.core.base.column cimport borrow, borrow_optional
from riskengine.core.books.books cimport AccountName, asset_or_first
from riskengine.core.commands.adjustments cimport AdjustmentColumns, apply_adjustments
from riskengine.core.commands.frame cimport Progress, start, start_live, start_live_amid
from riskengine.core.commands.money cimport (
    MoneyColumns,
    apply_close,
    apply_deposits,
    apply_withdrawals,
)
from riskengine.core.commands.reservations cimport (
    NamedReservation,
    apply_cancel,
    apply_confirm,
    apply_reserve,
)
from riskengine.core.commands.setup cimport apply_fund_deposit
from riskengine.core.commands.write_offs cimport WriteOff, apply_write_off
from riskengine.core.face.timed cimport TimedEngine


cdef int borrow_money(
    MoneyColumns& columns,
    object account_id,
    object asset_id,
    object amount_atoms,
    object isolated_market_id,
    object venue_id,
    object venue_time_nanos,
) except -1:
    """Take the columns of deposits or withdrawals; each of the last three may be left out."""
    borrow(columns.account_id, account_id, "account_id")
    borrow(columns.asset_id, asset_id, "asset_id")
    borrow(columns.amount_atoms, amount_atoms, "amount_atoms")
    borrow_optional(columns.isolated_market_id, isolated_market_id, "isolated_market_id")
    borrow_optional(columns.venue.venue_id, venue_id, "venue_id")
    borrow_optional(columns.venue.venue_time_nanos, venue_time_nanos, "venue_time_nanos")
    return 0


cdef AccountName named(int64_t account_id, int64_t asset_id, int64_t isolated_market_id) noexcept:
    """Return the name of a margin account."""
    cdef AccountName name
    name.account_id = account_id
    name.asset_id = asset_id
    name.isolated_market_id = isolated_market_id
    return name


cdef class PayingEngine(TimedEngine):
    """An engine into which money is paid, and out of which it is."""

    def fund_deposit(self, int64_t time_nanos, int64_t fund_id, int64_t amount_atoms):
        """Pay into a fund, in atoms of its asset (GD-8)."""
        cdef Progress progress
        if start(self.state.desk, progress, time_nanos):
            apply_fund_deposit(self.state.desk, progress, fund_id, amount_atoms)
        return self.done(progress)

    def deposits(
        self,
        int64_t time_nanos,
        object account_id,
        object asset_id,
        object amount_atoms,
        object isolated_market_id=None,
        object venue_id=None,
        object venue_time_nanos=None,
    ):
        """Pay in, a row a deposit in atoms, and open the accounts that are new (GD-9).

        Also while work is pending (WK-4). Without its column every isolated_market_id is 0; the
        venue's own two are not looked at.
        """
        cdef Progress progress
        cdef MoneyColumns columns
        borrow_money(
            columns,
            account_id,
            asset_id,
            amount_atoms,
            isolated_market_id,
            venue_id,
            venue_time_nanos,
        )
        if start_live_amid(self.state.desk, progress, time_nanos):
            apply_deposits(self.state, progress, columns)
        return self.done(progress)

    def withdrawals(
        self,
        int64_t time_nanos,
        object account_id,
        object asset_id,
        object amount_atoms,
        object isolated_market_id=None,
        object venue_id=None,
        object venue_time_nanos=None,
    ):
        """Pay out, a row a withdrawal in atoms, each at most what is withdrawable (GD-10).

        Without its column every isolated_market_id is 0; the venue's own two are not looked at.
        """
        cdef Progress progress
        cdef MoneyColumns columns
        borrow_money(
            columns,
            account_id,
            asset_id,
            amount_atoms,
            isolated_market_id,
            venue_id,
            venue_time_nanos,
        )
        if start_live(self.state.desk, progress, time_nanos):
            apply_withdrawals(self.state.desk, progress, columns)
        return self.done(progress)

    def write_off(
        self,
        int64_t time_nanos,
        int64_t account_id,
        int64_t asset_id,
        int64_t amount_atoms,
        int64_t payer,
        int64_t fund_id=0,
        int64_t isolated_market_id=0,
    ):
        """Have a WriteOffPayer pay of a bankrupt account's debt, in atoms (GD-25, FD-14)."""
        cdef Progress progress
        cdef WriteOff asked
        asked.name = named(account_id, asset_id, isolated_market_id)
        asked.amount_atoms = amount_atoms
        asked.payer.kind = payer
        asked.payer.fund_id = fund_id
        if start_live(self.state.desk, progress, time_nanos):
            apply_write_off(self.state.desk, progress, &asked)
        return self.done(progress)

    def reserve_withdrawal(
        self,
        int64_t time_nanos,
        int64_t account_id,
        int64_t asset_id,
        int64_t amount_atoms,
        int64_t reservation_id,
        int64_t isolated_market_id=0,
    ):
        """Withdraw in atoms, to be paid out once that is confirmed (MN-2)."""
        cdef Progress progress
        cdef NamedReservation asked
        asked.name = named(account_id, asset_id, isolated_market_id)
        asked.reservation_id = reservation_id
        asked.amount_atoms = amount_atoms
        if start_live(self.state.desk, progress, time_nanos):
            apply_reserve(self.state.desk, progress, &asked)
        return self.done(progress)

    def confirm_withdrawal(
        self,
        int64_t time_nanos,
        int64_t account_id,
        int64_t asset_id,
        int64_t reservation_id,
        int64_t isolated_market_id=0,
    ):
        """Take note that what was reserved is paid out (MN-3)."""
        cdef Progress progress
        cdef NamedReservation asked
        asked.name = named(account_id, asset_id, isolated_market_id)
        asked.reservation_id = reservation_id
        if start_live(self.state.desk, progress, time_nanos):
            apply_confirm(self.state.desk, progress, &asked)
        return self.done(progress)

    def cancel_withdrawal(
        self,
        int64_t time_nanos,
        int64_t account_id,
        int64_t asset_id,
        int64_t reservation_id,
        int64_t isolated_market_id=0,
    ):
        """Pay what was reserved in again (MN-4)."""
        cdef Progress progress
        cdef NamedReservation asked
        asked.name = named(account_id, asset_id, isolated_market_id)
        asked.reservation_id = reservation_id
        if start_live(self.state.desk, progress, time_nanos):
            apply_cancel(self.state.desk, progress, &asked)
        return self.done(progress)

    def adjust_balances(
        self,
        int64_t time_nanos,
        object account_id,
        object asset_id,
        object amount_atoms,
        object reason,
        object payer,
        object fund_id=None,
        object isolated_market_id=None,
    ):
        """Adjust balances, a row each, by signed atoms that a WriteOffPayer pays or gets (MN-7).

        `reason` is an AdjustmentReason. Without their columns fund and isolated market are 0.
        """
        cdef Progress progress
        cdef AdjustmentColumns columns
        borrow(columns.account_id, account_id, "account_id")
        borrow(columns.asset_id, asset_id, "asset_id")
        borrow(columns.amount_atoms, amount_atoms, "amount_atoms")
        borrow(columns.reason, reason, "reason")
        borrow(columns.payer, payer, "payer")
        borrow_optional(columns.fund_id, fund_id, "fund_id")
        borrow_optional(columns.isolated_market_id, isolated_market_id, "isolated_market_id")
        if start_live(self.state.desk, progress, time_nanos):
            apply_adjustments(self.state.desk, progress, columns)
        return self.done(progress)

    def close_account(
        self,
        int64_t time_nanos,
        int64_t account_id,
        int64_t asset_id=0,
        int64_t isolated_market_id=0,
    ):
        """Close an account that holds nothing; asset_id 0 is the asset made first (GD-11)."""
        cdef Progress progress
        cdef AccountName name = named(
            account_id, asset_or_first(self.state.desk.books, asset_id), isolated_market_id
        )
        if start_live(self.state.desk, progress, time_nanos):
            apply_close(self.state.desk, progress, name)
        return self.done(progress)
