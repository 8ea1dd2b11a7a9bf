"""What of the venue's business stands in the log: a few lines a command, however much it set off.

Who wants each account reads the instructions. Order checks leave no line.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import structlog

from riskengine.core.engine import Engine
from riskengine.core.enums import EventKind, VenueMode
from riskengine.core.types import Event
from riskengine.metrics.statistics import InstructionStatistics, LogStatistics
from riskengine.service.schedule import Schedule

SHOWN = 5
"""Accounts and markets that a line names; it counts all."""

LOOK_SECONDS = 1.0

UNHEARD_LOOKS = 10
"""So many times in a row there were instructions and no stream that they went to."""

EVENT_NAMES = {
    EventKind.CANCEL_ORDERS: "liquidation.started",
    EventKind.LIQUIDATION_ENDED: "liquidation.ended",
    EventKind.TAKE_OVER: "fund.took_over",
    EventKind.LOSS_ALLOCATION: "adl.allocated",
    EventKind.BAD_DEBT: "debt.left",
    EventKind.LOSS_SPREAD: "debt.spread",
    EventKind.DEBT_WRITTEN_OFF: "debt.written_off",
}
"""Each is told once a command, with how many there were. An account begins to be liquidated where
its orders are to be cancelled, and an allocation is one whatever number of holders it closes."""

_LOG = structlog.get_logger("riskengine.business")


class Line(NamedTuple):
    """One line: its event, and the fields that are known when the command was applied."""

    event: str
    fields: dict[str, Any]


class _Group:
    """Gather events of one kind."""

    def __init__(self) -> None:
        self.count = 0
        self.accounts: dict[int, None] = {}
        self.markets: dict[int, None] = {}
        self.deleveraged_accounts = 0

    def add(self, event: Event) -> None:
        self.count += 1
        if len(self.accounts) < SHOWN:
            self.accounts[event.account_id] = None
        if event.market_id and len(self.markets) < SHOWN:
            self.markets[event.market_id] = None
        self.deleveraged_accounts += event.touched_accounts

    def fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = {"count": self.count, "first_accounts": list(self.accounts)}
        if self.markets:
            fields["first_markets"] = list(self.markets)
        if self.deleveraged_accounts:
            fields["deleveraged_accounts"] = self.deleveraged_accounts
        return fields


def lines_of(events: Sequence[Event]) -> list[Line]:
    """Return what is to be told of one command, at most a line for each kind of event."""
    if not events:
        return []
    groups: dict[int, _Group] = {}
    for event in events:
        kind = event.kind
        if kind in EVENT_NAMES:
            group = groups.get(kind)
            if group is None:
                group = groups[kind] = _Group()
            group.add(event)
    cause = {"sequence": events[0].sequence}
    return [
        Line(EVENT_NAMES[EventKind(kind)], cause | group.fields())
        for kind, group in sorted(groups.items())
    ]


def tell(lines: Iterable[Line]) -> None:
    """Write lines of a command that is durable."""
    for line in lines:
        _LOG.info(line.event, **line.fields)


class VenueWatch:
    """Tell when a gate of withdrawals closes or opens, and when the venue's mode changes.

    And when nobody hears instructions. Used on the event loop alone.
    """

    def __init__(
        self, engine: Engine, instructions: InstructionStatistics, statistics: LogStatistics
    ) -> None:
        """Begin with how things are, which a start does not tell anew."""
        self._engine = engine
        self._instructions = instructions
        self._mode = engine.venue_mode
        self._closed = self._closed_now()
        self._heard_sequence = instructions.published_sequence
        self._unheard_looks = 0
        self._schedule = Schedule("log", self._look_now, statistics)

    def start(self) -> None:
        """Begin to look, now and then."""
        self._schedule.start(LOOK_SECONDS)

    async def stop(self) -> None:
        """Look no more."""
        await self._schedule.stop()

    async def _look_now(self) -> None:
        self.look()

    def look(self) -> None:
        """Tell what has changed since the last time."""
        self._look_at_mode()
        self._look_at_gates()
        self._look_at_subscribers()

    def _look_at_mode(self) -> None:
        mode = self._engine.venue_mode
        if mode != self._mode:
            before, self._mode = self._mode, mode
            names = {"mode": VenueMode(mode).name, "before": VenueMode(before).name}
            _LOG.info("venue.mode", sequence=self._engine.sequence, **names)

    def _look_at_gates(self) -> None:
        closed, before, sequence = self._closed_now(), self._closed, self._engine.sequence
        self._closed = closed
        for asset_id in sorted(closed - before):
            _LOG.warning("gate.closed", sequence=sequence, asset_id=asset_id)
        for asset_id in sorted(before - closed):
            _LOG.info("gate.opened", sequence=sequence, asset_id=asset_id)

    def _look_at_subscribers(self) -> None:
        sent, published = self._instructions.sent_sequences, self._instructions.published_sequence
        if sent:
            if self._unheard_looks >= UNHEARD_LOOKS:
                _LOG.info("consumer.back", instruction_sequence=max(sent.values()))
            self._unheard_looks = 0
            self._heard_sequence = max(self._heard_sequence, *sent.values())
        elif published > self._heard_sequence:
            self._unheard_looks += 1
            if self._unheard_looks == UNHEARD_LOOKS:
                _LOG.error(
                    "consumer.missing",
                    sequence=self._engine.sequence,
                    heard_instruction_sequence=self._heard_sequence,
                    last_instruction_sequence=published,
                )

    def _closed_now(self) -> frozenset[int]:
        engine = self._engine
        if engine.venue_mode != VenueMode.LIVE:
            return frozenset()
        return frozenset(gate.asset_id for gate in engine.gates() if gate.is_closed)
