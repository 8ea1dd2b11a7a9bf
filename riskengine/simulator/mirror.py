"""Carries out the engine's instructions in the venue's own books."""

from riskengine.api.v1 import common_pb2, instructions_pb2
from riskengine.simulator.ledger import Ledger
from riskengine.simulator.markets import FUND_ACCOUNT_ID

LONG = common_pb2.SIDE_LONG


class Mirror:
    """Books what the engine moves: closes, fees, discounts, payments of the fund and of gains."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._market_of = {spec.market_id: at for at, spec in enumerate(ledger.markets)}
        self._spread_atoms = 0
        """What gains have paid and no debtor was told to have got yet."""

    def market(self, market_id: int) -> int:
        """Return the index of a market."""
        return self._market_of[market_id]

    def apply(self, kind: str, instruction: instructions_pb2.Instruction) -> None:
        """Book one instruction; those that move nothing leave the books as they are."""
        book = getattr(self, f"_on_{kind}", None)
        if book is not None:
            book(getattr(instruction, kind))

    def _on_liquidation_fill(self, fill: instructions_pb2.LiquidationFill) -> None:
        self._ledger.pay(fill.account_id, FUND_ACCOUNT_ID, fill.fee_atoms)

    def _on_trade_repriced(self, given: instructions_pb2.TradeRepriced) -> None:
        self._ledger.pay(given.counterparty_account_id, given.account_id, given.amount_atoms)

    def _on_take_over(self, take: instructions_pb2.TakeOver) -> None:
        market = self.market(take.market_id)
        lots = _closing(take.side, take.size_lots)
        self._ledger.add(take.account_id, market, lots, take.quote_atoms)
        self._ledger.add(take.fund_account_id, market, -lots, -take.quote_atoms)
        self._ledger.pay(take.account_id, FUND_ACCOUNT_ID, take.discount_atoms)

    def _on_auto_deleverage(self, close: instructions_pb2.AutoDeleverage) -> None:
        """Close the counterparty's side; it is a holder, or of rank 0 has an allocation itself."""
        if close.rank == 0:
            return
        lots = _closing(close.side, close.size_lots)
        market = self.market(close.market_id)
        self._ledger.add(close.counterparty_account_id, market, lots, close.quote_atoms)

    def _on_loss_allocation(self, loss: instructions_pb2.LossAllocation) -> None:
        """Close the account's side at the mark, with what holders paid of its loss.

        What the fund paid of it is told by insurance payouts.
        """
        lots = _closing(loss.side, loss.allocated_lots)
        received = loss.quote_atoms + loss.haircut_atoms
        self._ledger.add(loss.account_id, self.market(loss.market_id), lots, received)
        self._ledger.pay(loss.account_id, FUND_ACCOUNT_ID, loss.discount_atoms)

    def _on_insurance_payout(self, payout: instructions_pb2.InsurancePayout) -> None:
        self._ledger.pay(FUND_ACCOUNT_ID, payout.account_id, payout.amount_atoms)

    def _on_late_fill(self, late: instructions_pb2.LateFill) -> None:
        """Move the fund's part of a trade to it: the trade was booked on the account, whole."""
        market = self.market(late.market_id)
        lots = late.size_lots if late.side == LONG else -late.size_lots
        value = lots * late.price_ticks * self._ledger.multipliers[market]
        self._ledger.add(late.account_id, market, -lots, value)
        self._ledger.add(late.fund_account_id, market, lots, -value)

    def _on_loss_spread(self, spread: instructions_pb2.LossSpread) -> None:
        self._ledger.receive(spread.account_id, -spread.amount_atoms)
        self._spread_atoms += spread.amount_atoms

    def _on_bad_debt(self, debt: instructions_pb2.BadDebt) -> None:
        self._give_to_debtor(debt.account_id, debt.amount_atoms)

    def _on_liquidation_ended(self, ended: instructions_pb2.LiquidationEnded) -> None:
        self._give_to_debtor(ended.account_id, 0)

    def _give_to_debtor(self, account_id: int, left_atoms: int) -> None:
        """Give what gains have paid to a debtor: what it owes still says how much it got.

        A debtor whose debt is spread has no positions, so that its cash is its balance.
        """
        if not self._spread_atoms:
            return
        got = -left_atoms - self._ledger.cash_atoms[self._ledger.slot(account_id)]
        assert 0 <= got <= self._spread_atoms, (account_id, got, self._spread_atoms)
        self._ledger.receive(account_id, got)
        self._spread_atoms -= got

    def _on_debt_written_off(self, off: instructions_pb2.DebtWrittenOff) -> None:
        """Book what the fees or the venue paid; what a fund did is told by an insurance payout."""
        if off.payer == common_pb2.WRITE_OFF_PAYER_FEES:
            self._ledger.pay_of_fees(off.account_id, off.amount_atoms)
        elif off.payer == common_pb2.WRITE_OFF_PAYER_VENUE:
            self._ledger.deposit(off.account_id, off.amount_atoms)


def _closing(side: common_pb2.Side, size_lots: int) -> int:
    """Return the change of a position whose side is closed by a size."""
    return -size_lots if side == LONG else size_lots
