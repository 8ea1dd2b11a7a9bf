"""Carries out the engine's instructions in the venue's own books."""

from riskengine.api.v1 import common_pb2, instructions_pb2
from riskengine.simulator.ledger import Ledger
from riskengine.simulator.markets import FUND_ACCOUNT_ID

LONG = common_pb2.SIDE_LONG


class Mirror:
    """Books repriced trades, take-overs, deleveraging, fees, discounts and the fund's payments."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._market_of = {spec.market_id: at for at, spec in enumerate(ledger.markets)}

    def market(self, market_id: int) -> int:
        """Return the index of a market."""
        return self._market_of[market_id]

    def apply(self, kind: str, instruction: instructions_pb2.Instruction) -> None:
        """Book one instruction; those that move nothing leave the books as they are."""
        match kind:
            case "liquidation_fill":
                fill = instruction.liquidation_fill
                self._ledger.pay(fill.account_id, FUND_ACCOUNT_ID, fill.fee_atoms)
            case "trade_repriced":
                given = instruction.trade_repriced
                self._ledger.pay(
                    given.counterparty_account_id, given.account_id, given.amount_atoms
                )
            case "take_over":
                self._take_over(instruction.take_over)
            case "auto_deleverage":
                self._auto_deleverage(instruction.auto_deleverage)
            case "loss_allocation":
                self._loss_allocation(instruction.loss_allocation)
            case "insurance_payout":
                payout = instruction.insurance_payout
                self._ledger.pay(FUND_ACCOUNT_ID, payout.account_id, payout.amount_atoms)

    def _take_over(self, take: instructions_pb2.TakeOver) -> None:
        market = self.market(take.market_id)
        lots = _closing(take.side, take.size_lots)
        self._ledger.add(take.account_id, market, lots, take.quote_atoms)
        self._ledger.add(take.fund_account_id, market, -lots, -take.quote_atoms)
        self._ledger.pay(take.account_id, FUND_ACCOUNT_ID, take.discount_atoms)

    def _auto_deleverage(self, close: instructions_pb2.AutoDeleverage) -> None:
        """Close the counterparty's side; it is a holder, or of rank 0 has an allocation itself."""
        if close.rank == 0:
            return
        lots = _closing(close.side, close.size_lots)
        market = self.market(close.market_id)
        self._ledger.add(close.counterparty_account_id, market, lots, close.quote_atoms)

    def _loss_allocation(self, loss: instructions_pb2.LossAllocation) -> None:
        """Close the account's side at the mark, with what holders paid of its loss.

        What the fund paid of it is told by insurance payouts.
        """
        lots = _closing(loss.side, loss.allocated_lots)
        received = loss.quote_atoms + loss.haircut_atoms
        self._ledger.add(loss.account_id, self.market(loss.market_id), lots, received)
        self._ledger.pay(loss.account_id, FUND_ACCOUNT_ID, loss.discount_atoms)


def _closing(side: common_pb2.Side, size_lots: int) -> int:
    """Return the change of a position whose side is closed by a size."""
    return -size_lots if side == LONG else size_lots
