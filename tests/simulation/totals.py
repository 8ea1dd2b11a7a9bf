"""The engine's counters, summed from the commands and events alone."""

from collections import Counter
from typing import Any

from tests.simulation.commands import Command
from tests.simulation.oracle.names import Kind, Side
from tests.simulation.oracle.world import EventFields, Outcome, World

ORDER_FILL, TAKE_OVER, AUTO_DELEVERAGE = range(3)


class Totals:
    """Follows a run; `global_counters`, `markets` and `closed` are what counters() must say."""

    def __init__(self) -> None:
        self.kinds: Counter[int] = Counter()
        self.payouts = 0
        self.paid_out: Counter[int] = Counter()
        self.spread: Counter[int] = Counter()
        self.written_off: Counter[int] = Counter()
        self.by_market: dict[int, Counter[str]] = {}
        self.last_rank = 0
        self.by_stage: dict[tuple[int, int, int], list[int]] = {}

    def follow(self, world: World, command: Command, outcome: Outcome) -> None:
        for event in outcome.events:
            self.kinds[event["kind"]] += 1
            self._pay(event)
            self._allocate(event)
            self._close(world, event)
            if event["kind"] == Kind.LIQUIDATION_FILL and world.risk.late_fill_millis:
                self._market(event["market_id"]).update(late_fills=-1)
            if event["kind"] == Kind.TRADE_REPRICED:
                paid = event["amount_atoms"]
                self._market(event["market_id"]).update(repriced_trades=1, repriced_atoms=paid)
        if command.name == "trades":
            refused = {rejection.row for rejection in outcome.rejections}
            columns = command.arguments
            for row, (market_id, size) in enumerate(zip(columns[0], columns[4], strict=False)):
                if outcome.sequence and row not in refused:
                    self._market(market_id).update(trades=1, traded_lots=size)
                    is_named = len(columns[7]) > 0 and columns[7][row] > 0
                    if is_named and world.risk.late_fill_millis:
                        self._market(market_id).update(late_fills=1)

    def _market(self, market_id: int) -> Counter[str]:
        return self.by_market.setdefault(market_id, Counter())

    def _pay(self, event: EventFields) -> None:
        if event["kind"] == Kind.INSURANCE_PAYOUT:
            self.payouts += 1
            self.paid_out[event["asset_id"]] += event["amount_atoms"]
        elif event["kind"] == Kind.LOSS_SPREAD:
            self.spread[event["asset_id"]] += event["amount_atoms"]
        elif event["kind"] == Kind.DEBT_WRITTEN_OFF:
            self.written_off[event["asset_id"]] += event["amount_atoms"]

    def _allocate(self, event: EventFields) -> None:
        if event["kind"] == Kind.LIQUIDATION_ORDER:
            self._market(event["market_id"]).update(liquidation_orders=1)
        elif event["kind"] == Kind.LOSS_ALLOCATION:
            self._market(event["market_id"]).update(
                allocations=1, haircut_atoms=event.get("haircut_atoms", 0)
            )
        self._share(event)
        if "discount_atoms" in event:
            self._market(event["market_id"]).update(discounts_atoms=event["discount_atoms"])
        if "fee_atoms" in event:
            self._market(event["market_id"]).update(liquidation_fees_atoms=event["fee_atoms"])

    def _share(self, event: EventFields) -> None:
        """Count holders: the pairs of one stand together, and netted pairs have no rank."""
        rank = event.get("rank", 0) if event["kind"] == Kind.AUTO_DELEVERAGE else 0
        if rank not in (0, self.last_rank):
            self._market(event["market_id"]).update(deleveraged_accounts=1)
        self.last_rank = rank

    def _close(self, world: World, event: EventFields) -> None:
        stages = {
            Kind.LIQUIDATION_FILL: ORDER_FILL,
            Kind.TAKE_OVER: TAKE_OVER,
            Kind.LOSS_ALLOCATION: AUTO_DELEVERAGE,
        }
        stage = stages.get(Kind(event["kind"]))
        lots = event.get("size_lots", 0)
        if stage is None or lots == 0:
            return
        side = event["side"]
        if stage == ORDER_FILL:
            side = Side.LONG if side == Side.SHORT else Side.SHORT
        multiplier = world.markets[event["market_id"]].multiplier
        known = self.by_stage.setdefault((event["market_id"], int(side), stage), [0, 0, 0])
        known[0] += 1
        known[1] += lots
        known[2] += lots * event["mark_price_ticks"] * multiplier

    def overall(self, world: World) -> dict[str, Any]:
        return {
            "margin_calls": self.kinds[Kind.MARGIN_CALL],
            "liquidations_started": self.kinds[Kind.CANCEL_ORDERS],
            "liquidations_ended": self.kinds[Kind.LIQUIDATION_ENDED],
            "insurance_payouts": self.payouts,
            "insurance_payout_atoms": tuple(self.paid_out[asset_id] for asset_id in world.assets),
            "spread_atoms": tuple(self.spread[asset_id] for asset_id in world.assets),
            "written_off_atoms": tuple(self.written_off[asset_id] for asset_id in world.assets),
            "bad_debts": self.kinds[Kind.BAD_DEBT],
            "position_mismatches": self.kinds[Kind.POSITION_MISMATCH],
        }

    def markets(self, fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return what the engine's rows must be, in their order."""
        return [
            {
                name: value if name == "market_id" else self._market(row["market_id"])[name]
                for name, value in row.items()
            }
            for row in fields
        ]

    def closed(self) -> list[tuple[int, ...]]:
        return [(*key, *self.by_stage[key]) for key in sorted(self.by_stage)]
