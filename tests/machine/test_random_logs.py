"""Any requests, in any order, with keys of a few clients: the log of what was taken is the machine.

What was refused whole, at any step, left nothing; what is remembered follows from the log alone.
"""

from collections import Counter
from collections.abc import Callable
from random import Random

import pytest
from google.protobuf.message import Message

from riskengine.machine.machine import Machine
from riskengine.machine.replay import replay
from riskengine.machine.request_kinds import KIND_OF
from riskengine.persistence import LogRecord
from tests.machine.test_machine import VENUE
from tests.service import requests
from tests.service.test_edge_values import filled

STEPS = 400


class Recorder:
    """Takes requests as the service does, and keeps the log of those that changed something."""

    def __init__(self) -> None:
        self.machine = Machine()
        self.records: list[LogRecord] = []
        self.sequences = Counter[str]()

    def take(self, request: Message, time_nanos: int) -> None:
        kind, raw = KIND_OF[type(request)], request.SerializeToString()
        asked = kind.read(raw)
        key = kind.session_key(asked, raw)
        if asked.command is None or (key and self.machine.first_answer(key) is not None):
            return
        before = self.machine.engine.sequence
        applied = self.machine.apply(asked.command, time_nanos, key)
        self.machine.publish(applied.seen)
        if applied.outcome.sequence:
            number = before + 1
            self.records.append(LogRecord(number, 1, kind.number, applied.outcome.time_nanos, raw))
            self.sequences[asked.key.client_id] += 1
        else:
            assert self.machine.engine.sequence == before


def small_retention(rng: Random) -> Message:
    bounds = (rng.randint(1, 4), rng.randint(1, 5), rng.randint(1, 300), rng.randint(1, 9))
    return requests.set_retention(*bounds)


def some_trade(rng: Random) -> Message:
    buyer, seller = rng.sample((1, 2, 3, 4), 2)
    return requests.trades((buyer, seller, rng.choice((9_400, 10_000)), rng.randint(1, 40)))


MAKERS: tuple[Callable[[Random], Message], ...] = (
    small_retention,
    some_trade,
    lambda rng: requests.deposit(rng.randint(1, 6), rng.randint(1, 50_000)),
    lambda rng: requests.mark(rng.choice((8_000, 9_400, 9_480, 10_000, 12_000))),
    lambda rng: filled(rng.choice(list(KIND_OF))(), rng),
)


def any_request(rng: Random, sequences: Counter[str]) -> Message:
    """Return a request that is mostly sound, mostly with the key that is due for a client."""
    request = rng.choice(MAKERS)(rng)
    request.ClearField("key")
    if rng.random() < 0.8:
        client_id = rng.choice("abcdef")
        number = sequences[client_id] + rng.choice((1, 1, 1, 0, -1, 2))
        request.key.CopyFrom(requests.key(client_id, number))  # type: ignore[attr-defined]
    return request


@pytest.mark.parametrize("seed", range(4))
def test_the_log_of_any_requests_makes_the_same_machine(seed: int) -> None:
    rng, recorder = Random(seed), Recorder()
    for request in VENUE:
        recorder.take(request, 1_000)
    for step in range(STEPS):
        recorder.take(any_request(rng, recorder.sequences), 1_000 + step // 3)
        recorder.machine.check_invariants()
    again = Machine()
    assert replay(again, recorder.records) == len(recorder.records) > STEPS // 4
    again.check_invariants()
    assert again.state_hash() == recorder.machine.state_hash()
    assert again.engine.dump() == recorder.machine.engine.dump()
    assert recorder.machine.engine.retention != Machine().engine.retention
    assert recorder.machine.ring.oldest_sequence > 1
