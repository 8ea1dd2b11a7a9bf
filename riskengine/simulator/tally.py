"""Counts what the engine's instructions say."""

from dataclasses import dataclass, field
from enum import Enum

from riskengine.api.v1 import common_pb2, instructions_pb2
from riskengine.simulator.ledger import Ledger
from riskengine.simulator.markets import FUND_ACCOUNT_ID
from riskengine.simulator.population import Group, Population

LONG, SHORT = common_pb2.SIDE_LONG, common_pb2.SIDE_SHORT


class Stage(Enum):
    """How a position was closed by force."""

    ORDER = "sold in the book"
    TAKE_OVER = "taken over by the fund"
    DELEVERAGE = "auto-deleveraged"


@dataclass(slots=True)
class Closed:
    """What was closed at one stage on one side."""

    count: int = 0
    notional_atoms: int = 0

    def add(self, notional_atoms: int, *, count: bool = True) -> None:
        """Add a notional, and count a close unless it belongs to the last one."""
        self.count += count
        self.notional_atoms += notional_atoms


@dataclass(slots=True)
class MarketTally:
    """One market's forced closes; a side is that of the position that was closed."""

    closed: dict[tuple[Stage, int], Closed] = field(
        default_factory=lambda: {
            (stage, side): Closed() for stage in Stage for side in (LONG, SHORT)
        }
    )
    accounts: dict[int, set[int]] = field(default_factory=lambda: {LONG: set(), SHORT: set()})
    deleveraged: set[int] = field(default_factory=set)

    def notional_atoms(self, stage: Stage | None = None, side: int = 0) -> int:
        """Return what was closed, at one stage or side or at all of them."""
        return sum(
            closed.notional_atoms
            for (at, on), closed in self.closed.items()
            if stage in {None, at} and side in {0, on}
        )


@dataclass(frozen=True, slots=True)
class Deleverage:
    """One allocation: the first counterparty closed, and the sum."""

    first: instructions_pb2.AutoDeleverage
    allocation: instructions_pb2.LossAllocation


@dataclass(slots=True)
class Tally:
    """Totals of a run."""

    ledger: Ledger
    population: Population
    markets: list[MarketTally] = field(init=False)
    margin_calls: int = 0
    margin_calls_cleared: int = 0
    called: set[int] = field(default_factory=set)
    liquidating: set[int] = field(default_factory=set)
    liquidated: set[int] = field(default_factory=set)
    allocations: int = 0
    deleverage_events: int = 0
    deleveraged: set[int] = field(default_factory=set)
    hedged_hit: set[int] = field(default_factory=set)
    hedged_lost: set[int] = field(default_factory=set)
    haircut_atoms: int = 0
    fund_paid_atoms: int = 0
    fees_to_fund_atoms: int = 0
    discounts_to_fund_atoms: int = 0
    bad_debts: dict[int, int] = field(default_factory=dict)
    largest_bad_debt_atoms: int = 0
    spread_atoms: int = 0
    """What gains have borne of debts."""
    spread_over: set[int] = field(default_factory=set)
    cancelled_orders: int = 0
    """Liquidation orders that were cancelled at their deadlines: more on a slow machine."""
    late_fills: int = 0
    late_fills_atoms: int = 0
    """Of fills that came after an order's end, the fund's part, at their prices."""
    found_atoms: int = 0
    """Equity of the accounts that had some when their liquidation began."""
    kept_atoms: int = 0
    """What of it was left to them when it ended."""
    last_deleverage: Deleverage | None = None
    instructions: int = 0
    _calls_open: set[int] = field(default_factory=set)
    _solvent: set[int] = field(default_factory=set)
    _last_filled: int = 0
    _firsts: dict[int, instructions_pb2.AutoDeleverage] = field(default_factory=dict)
    _market_of: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.markets = [MarketTally() for _ in self.ledger.markets]
        self._market_of = {spec.market_id: at for at, spec in enumerate(self.ledger.markets)}

    def add(self, kind: str, instruction: instructions_pb2.Instruction) -> None:
        """Count one instruction."""
        self.instructions += 1
        counter = getattr(self, f"_on_{kind}", None)
        if counter is not None:
            counter(getattr(instruction, kind))

    def _on_margin_call(self, call: instructions_pb2.MarginCall) -> None:
        self.margin_calls += 1
        self.called.add(call.account_id)
        self._calls_open.add(call.account_id)

    def _on_margin_call_cleared(self, call: instructions_pb2.MarginCallCleared) -> None:
        self.called.discard(call.account_id)
        if call.account_id in self._calls_open:  # not where a liquidation ended in this state
            self._calls_open.discard(call.account_id)
            self.margin_calls_cleared += 1

    def _on_cancel_orders(self, cancel: instructions_pb2.CancelOrders) -> None:
        self.called.discard(cancel.account_id)
        self._calls_open.discard(cancel.account_id)
        self.liquidating.add(cancel.account_id)
        self.liquidated.add(cancel.account_id)
        if cancel.evidence.equity_atoms > 0:
            self._solvent.add(cancel.account_id)
            self.found_atoms += cancel.evidence.equity_atoms
        if cancel.account_id in self.hedged_hit:
            self.hedged_lost.add(cancel.account_id)

    def _on_liquidation_ended(self, ended: instructions_pb2.LiquidationEnded) -> None:
        self.liquidating.discard(ended.account_id)
        if ended.account_id in self._solvent:
            self._solvent.discard(ended.account_id)
            self.kept_atoms += ended.evidence.equity_atoms
        self.bad_debts.pop(ended.account_id, None)
        if ended.state == common_pb2.ACCOUNT_STATE_MARGIN_CALL:
            self.called.add(ended.account_id)

    def _on_liquidation_fill(self, fill: instructions_pb2.LiquidationFill) -> None:
        closed_side = LONG if fill.side == SHORT else SHORT  # the side given is the order's
        self._closed(Stage.ORDER, fill, closed_side, count=fill.liquidation_id != self._last_filled)
        self._last_filled = fill.liquidation_id
        self.fees_to_fund_atoms += fill.fee_atoms

    def _on_take_over(self, take: instructions_pb2.TakeOver) -> None:
        self._closed(Stage.TAKE_OVER, take, take.side)
        self.discounts_to_fund_atoms += take.discount_atoms

    def _closed(
        self,
        stage: Stage,
        close: instructions_pb2.LiquidationFill | instructions_pb2.TakeOver,
        side: common_pb2.Side,
        *,
        count: bool = True,
    ) -> None:
        """Add a close of a position of that side, at mark; the fills of an order count once."""
        market = self._market_of[close.market_id]
        tally = self.markets[market]
        value = close.size_lots * close.evidence.mark_price_ticks
        tally.closed[stage, side].add(value * self.ledger.multipliers[market], count=count)
        tally.accounts[side].add(close.account_id)

    def _on_auto_deleverage(self, close: instructions_pb2.AutoDeleverage) -> None:
        self.deleverage_events += 1
        if close.rank == 0:  # no holder: the other position could not be carried either
            return
        self._firsts.setdefault(close.account_id, close)
        counterparty = close.counterparty_account_id
        if counterparty == FUND_ACCOUNT_ID:
            return
        self.markets[self._market_of[close.market_id]].deleveraged.add(counterparty)
        self.deleveraged.add(counterparty)
        if self.population.group(counterparty) is Group.HEDGED:
            self.hedged_hit.add(counterparty)

    def _on_loss_allocation(self, loss: instructions_pb2.LossAllocation) -> None:
        self.allocations += 1
        self.haircut_atoms += loss.haircut_atoms
        self.discounts_to_fund_atoms += loss.discount_atoms
        market = self._market_of[loss.market_id]
        tally = self.markets[market]
        if loss.allocated_lots:
            value = loss.allocated_lots * loss.evidence.mark_price_ticks
            tally.closed[Stage.DELEVERAGE, loss.side].add(value * self.ledger.multipliers[market])
            if loss.account_id != FUND_ACCOUNT_ID:
                tally.accounts[loss.side].add(loss.account_id)
        first = self._firsts.pop(loss.account_id, None)
        if first is not None:
            self.last_deleverage = Deleverage(first, loss)

    def _on_insurance_payout(self, payout: instructions_pb2.InsurancePayout) -> None:
        self.fund_paid_atoms += payout.amount_atoms

    def _on_bad_debt(self, debt: instructions_pb2.BadDebt) -> None:
        self.bad_debts[debt.account_id] = debt.amount_atoms
        self.largest_bad_debt_atoms = max(self.largest_bad_debt_atoms, sum(self.bad_debts.values()))

    def _on_loss_spread(self, spread: instructions_pb2.LossSpread) -> None:
        self.spread_atoms += spread.amount_atoms
        self.spread_over.add(spread.account_id)

    def _on_cancel_liquidation_order(self, _: instructions_pb2.CancelLiquidationOrder) -> None:
        self.cancelled_orders += 1

    def _on_late_fill(self, late: instructions_pb2.LateFill) -> None:
        self.late_fills += 1
        value = late.size_lots * late.price_ticks
        self.late_fills_atoms += value * self.ledger.multipliers[self._market_of[late.market_id]]

    def _on_debt_written_off(self, off: instructions_pb2.DebtWrittenOff) -> None:
        self.bad_debts[off.account_id] = off.left_atoms

    def closed(self, stage: Stage, side: int) -> Closed:
        """Return the total of a stage and side over all markets."""
        total = Closed()
        for market in self.markets:
            closed = market.closed[stage, side]
            total.count += closed.count
            total.notional_atoms += closed.notional_atoms
        return total
