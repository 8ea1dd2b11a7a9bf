"""Business events in the log: a line for each kind a command, when it is durable."""

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from riskengine.core.enums import EventKind
from riskengine.core.types import Event
from riskengine.metrics.statistics import InstructionStatistics, LogStatistics
from riskengine.service.business_log import SHOWN, UNHEARD_LOOKS, VenueWatch, lines_of
from tests.service import requests
from tests.service.bench import running_bench
from tests.service.venue import open_venue


class FakeEngine:
    """A venue of which mode and gates are what a test says."""

    def __init__(self) -> None:
        self.venue_mode = 1
        self.sequence = 7
        self.closed: set[int] = set()

    def gates(self) -> list[Any]:
        return [Gate(asset_id, asset_id in self.closed) for asset_id in (1, 2)]


class Gate:
    def __init__(self, asset_id: int, is_closed: bool) -> None:
        self.asset_id = asset_id
        self.is_closed = is_closed


def event(kind: EventKind, account_id: int, **fields: int) -> Event:
    names = dict.fromkeys(Event._fields, 0)
    return Event(**{**names, "kind": kind, "account_id": account_id, "sequence": 9, **fields})


def test_a_wave_is_told_in_a_line_for_each_kind() -> None:
    count = 30_000
    events = [event(EventKind.CANCEL_ORDERS, 1 + place % 1_000) for place in range(count)]
    events += [event(EventKind.LIQUIDATION_ORDER, 1)]
    events += [event(EventKind.LOSS_ALLOCATION, 5, market_id=3, touched_accounts=40)] * 2
    started, allocated = lines_of(events)
    assert started.event == "liquidation.started"
    assert started.fields == {"sequence": 9, "count": count, "first_accounts": [1, 2, 3, 4, 5]}
    assert len(started.fields["first_accounts"]) == SHOWN
    assert allocated.event == "adl.allocated"
    assert allocated.fields == {
        "sequence": 9,
        "count": 2,
        "first_accounts": [5],
        "first_markets": [3],
        "deleveraged_accounts": 80,
    }
    assert lines_of([]) == []


async def test_liquidations_are_told_with_the_sequence_of_their_cause(tmp_path: Path) -> None:
    async with running_bench(tmp_path) as bench:
        with capture_logs() as logs:
            await open_venue(bench)
            await bench.execute(requests.mark(9_100))
    started = [line for line in logs if line["event"] == "liquidation.started"]
    assert [(line["count"], line["first_accounts"]) for line in started] == [(2, [1, 2])]
    assert started[0]["sequence"] > 0
    assert started[0]["log_level"] == "info"


def watched(engine: FakeEngine) -> tuple[VenueWatch, InstructionStatistics]:
    instructions = InstructionStatistics()
    return VenueWatch(engine, instructions, LogStatistics()), instructions  # type: ignore[arg-type]


def test_gates_and_mode_are_told_when_they_change() -> None:
    engine = FakeEngine()
    engine.closed = {2}
    watch, _ = watched(engine)
    with capture_logs() as logs:
        watch.look()
        engine.closed = {1}
        engine.sequence = 8
        watch.look()
        watch.look()
        engine.venue_mode = 2
        watch.look()
    assert [(line["event"], line.get("asset_id"), line["sequence"]) for line in logs[:2]] == [
        ("gate.closed", 1, 8),
        ("gate.opened", 2, 8),
    ]
    assert logs[2]["event"] == "venue.mode"


@pytest.mark.parametrize("is_heard", [False, True])
def test_nobody_who_hears_instructions_is_missed(is_heard: bool) -> None:
    watch, instructions = watched(FakeEngine())
    with capture_logs() as logs:
        for _ in range(3 * UNHEARD_LOOKS):
            watch.look()
        assert logs == []
        instructions.published_sequence = 5
        if is_heard:
            instructions.sent_sequences[1] = 5
        for _ in range(3 * UNHEARD_LOOKS):
            watch.look()
        assert [line["event"] for line in logs] == ([] if is_heard else ["consumer.missing"])
        instructions.sent_sequences[2] = 5
        watch.look()
    assert [line["event"] for line in logs[1:]] == ([] if is_heard else ["consumer.back"])
