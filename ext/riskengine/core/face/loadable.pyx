"""The engine's commands that load a venue (see engine.pyi)."""

from libc.stdint cimport int64_t

from riskengine.core.base.column cimport borrow
from riskengine.core.commands.frame cimport Progress, end_command, start_live, start_loading
from riskengine.core.commands.load_mode cimport apply_begin_loading, apply_go_live
from riskengine.core.commands.load_orders cimport LoadLiquidationColumns, apply_load_liquidations
from riskengine.core.commands.load_rows cimport (
    LoadAccountColumns,
    LoadPositionColumns,
    apply_load_accounts,
    apply_load_positions,
)
from riskengine.core.face.outcome cimport outcome_view
from riskengine.core.commands.reservations cimport (
    LoadReservationColumns,
    apply_load_reservations,
)


cdef class LoadableEngine(ReadOnlyEngine):
    """An engine of a venue that may be brought over from elsewhere, before it is live."""

    cdef object done(self, Progress& progress):
        """End the command, whatever its rows came to, and return its Outcome."""
        end_command(self.state, progress)
        return outcome_view(self.state.desk, progress)

    def begin_loading(self, int64_t time_nanos, int64_t last_liquidation_id):
        """Have the venue loaded; ids of liquidations go on above that one (LD-2)."""
        cdef Progress progress
        if start_live(self.state.desk, progress, time_nanos):
            apply_begin_loading(self.state.desk, progress, last_liquidation_id)
        return self.done(progress)

    def load_accounts(
        self,
        int64_t time_nanos,
        object account_id,
        object asset_id,
        object balance_atoms,
        object net_deposits_atoms,
        object debt_market_id,
    ):
        """Load accounts, a row each, in atoms (LD-4, LD-5).

        The last two columns may be empty: each balance was deposited, and no debt has a market.
        """
        cdef Progress progress
        cdef LoadAccountColumns columns
        borrow(columns.account_id, account_id, "account_id")
        borrow(columns.asset_id, asset_id, "asset_id")
        borrow(columns.balance_atoms, balance_atoms, "balance_atoms")
        borrow(columns.net_deposits_atoms, net_deposits_atoms, "net_deposits_atoms")
        borrow(columns.debt_market_id, debt_market_id, "debt_market_id")
        if start_loading(self.state.desk, progress, time_nanos):
            apply_load_accounts(self.state.desk, progress, columns)
        return self.done(progress)

    def load_positions(
        self,
        int64_t time_nanos,
        object account_id,
        object market_id,
        object size_lots,
        object cost_atoms,
    ):
        """Load positions, a row each: signed lots and what was paid for them (LD-6, LD-7)."""
        cdef Progress progress
        cdef LoadPositionColumns columns
        borrow(columns.account_id, account_id, "account_id")
        borrow(columns.market_id, market_id, "market_id")
        borrow(columns.size_lots, size_lots, "size_lots")
        borrow(columns.cost_atoms, cost_atoms, "cost_atoms")
        if start_loading(self.state.desk, progress, time_nanos):
            apply_load_positions(self.state.desk, progress, columns)
        return self.done(progress)

    def load_liquidations(
        self,
        int64_t time_nanos,
        object liquidation_id,
        object account_id,
        object market_id,
        object side,
        object size_lots,
        object filled_lots,
        object limit_price_ticks,
        object deadline_nanos,
        object sliced,
    ):
        """Load open liquidation orders, a row each (LD-8, LD-9); the last column may be empty."""
        cdef Progress progress
        cdef LoadLiquidationColumns columns
        borrow(columns.liquidation_id, liquidation_id, "liquidation_id")
        borrow(columns.account_id, account_id, "account_id")
        borrow(columns.market_id, market_id, "market_id")
        borrow(columns.side, side, "side")
        borrow(columns.size_lots, size_lots, "size_lots")
        borrow(columns.filled_lots, filled_lots, "filled_lots")
        borrow(columns.limit_price_ticks, limit_price_ticks, "limit_price_ticks")
        borrow(columns.deadline_nanos, deadline_nanos, "deadline_nanos")
        borrow(columns.sliced, sliced, "sliced")
        if start_loading(self.state.desk, progress, time_nanos):
            apply_load_liquidations(self.state.desk, progress, columns)
        return self.done(progress)

    def load_reservations(
        self,
        int64_t time_nanos,
        object account_id,
        object asset_id,
        object reservation_id,
        object amount_atoms,
    ):
        """Load reservations of withdrawals, a row each, in atoms (MN-5)."""
        cdef Progress progress
        cdef LoadReservationColumns columns
        borrow(columns.account_id, account_id, "account_id")
        borrow(columns.asset_id, asset_id, "asset_id")
        borrow(columns.reservation_id, reservation_id, "reservation_id")
        borrow(columns.amount_atoms, amount_atoms, "amount_atoms")
        if start_loading(self.state.desk, progress, time_nanos):
            apply_load_reservations(self.state.desk, progress, columns)
        return self.done(progress)

    def go_live(self, int64_t time_nanos, bint accept_imbalance):
        """Have the loaded venue go live, and judge everybody (LD-11, LD-12)."""
        cdef Progress progress
        if start_loading(self.state.desk, progress, time_nanos):
            apply_go_live(self.state.desk, progress, accept_imbalance)
        return self.done(progress)
