"""The oracle's commands that pay in and out, by the names of riskengine.core.engine."""

from tests.simulation.oracle import adjustments, debts, reservations, rows, setup_rows
from tests.simulation.oracle.frame import LIVE, Frame
from tests.simulation.oracle.refusal import Column
from tests.simulation.oracle.world import Outcome


class PayingOracle(Frame):
    def fund_deposit(self, time_nanos: int, fund_id: int, amount_atoms: int) -> Outcome:
        return self._single(
            time_nanos, lambda: setup_rows.fund_deposit(self.world, fund_id, amount_atoms)
        )

    def deposits(
        self,
        time_nanos: int,
        account_id: Column,
        asset_id: Column,
        amount_atoms: Column,
        isolated_market_id: Column = (),
    ) -> Outcome:
        columns = _money(account_id, asset_id, amount_atoms, isolated_market_id)
        return self._batch(time_nanos, columns, lambda *row: rows.deposit(self.world, *row), LIVE)

    def withdrawals(
        self,
        time_nanos: int,
        account_id: Column,
        asset_id: Column,
        amount_atoms: Column,
        isolated_market_id: Column = (),
    ) -> Outcome:
        columns = _money(account_id, asset_id, amount_atoms, isolated_market_id)
        return self._batch(time_nanos, columns, lambda *row: rows.withdraw(self.world, *row), LIVE)

    def reserve_withdrawal(
        self,
        time_nanos: int,
        account_id: int,
        asset_id: int,
        amount_atoms: int,
        reservation_id: int,
        isolated_market_id: int = 0,
    ) -> Outcome:
        given = (account_id, asset_id, amount_atoms, reservation_id, isolated_market_id)
        return self._single(time_nanos, lambda: reservations.reserve(self.world, *given), LIVE)

    def confirm_withdrawal(
        self,
        time_nanos: int,
        account_id: int,
        asset_id: int,
        reservation_id: int,
        isolated_market_id: int = 0,
    ) -> Outcome:
        given = (account_id, asset_id, reservation_id, isolated_market_id)
        return self._single(time_nanos, lambda: reservations.confirm(self.world, *given), LIVE)

    def cancel_withdrawal(
        self,
        time_nanos: int,
        account_id: int,
        asset_id: int,
        reservation_id: int,
        isolated_market_id: int = 0,
    ) -> Outcome:
        given = (account_id, asset_id, reservation_id, isolated_market_id)
        return self._single(time_nanos, lambda: reservations.cancel(self.world, *given), LIVE)

    def adjust_balances(
        self,
        time_nanos: int,
        account_id: Column,
        asset_id: Column,
        amount_atoms: Column,
        reason: Column,
        payer: Column,
        fund_id: Column = (),
        isolated_market_id: Column = (),
    ) -> Outcome:
        zeros = [0] * len(account_id)
        columns = {
            "account_id": account_id,
            "asset_id": asset_id,
            "amount_atoms": amount_atoms,
            "reason": reason,
            "payer": payer,
            "fund_id": zeros if len(fund_id) == 0 else fund_id,
            "isolated_market_id": zeros if len(isolated_market_id) == 0 else isolated_market_id,
        }
        lost = adjustments.losses(self.world)
        return self._batch(
            time_nanos, columns, lambda *row: adjustments.adjust(self.world, lost, *row), LIVE
        )

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
        given = (account_id, asset_id, amount_atoms, payer, fund_id, isolated_market_id)
        return self._single(time_nanos, lambda: debts.write_off(self.world, *given), LIVE)

    def close_account(
        self, time_nanos: int, account_id: int, asset_id: int = 0, isolated_market_id: int = 0
    ) -> Outcome:
        given = (account_id, asset_id, isolated_market_id)
        return self._single(time_nanos, lambda: rows.close_account(self.world, *given), LIVE)


def _money(
    account_id: Column, asset_id: Column, amount_atoms: Column, isolated_market_id: Column
) -> dict[str, Column]:
    """Return the columns of deposits or withdrawals; the last one may be left out."""
    zeros = [0] * len(account_id)
    return {
        "account_id": account_id,
        "asset_id": asset_id,
        "amount_atoms": amount_atoms,
        "isolated_market_id": zeros if len(isolated_market_id) == 0 else isolated_market_id,
    }
