"""Any requests, in any order, with keys of a few clients: the log of what was taken is the machine.

What was refused whole, at any step, left at most its refusal; what is remembered follows from the
log alone.
"""

from collections.abc import Callable
from random import Random

import pytest
from google.protobuf.message import Message

from riskengine.commands import CommandKind
from riskengine.machine.machine import Machine
from riskengine.machine.replay import replay
from riskengine.machine.request_kinds import KIND_OF
from riskengine.machine.sessions import ClientName
from riskengine.persistence import LogRecord
from tests.machine.test_machine import VENUE
from tests.service import clients, requests
from tests.service.test_edge_values import filled

STEPS = 400


class Recorder:
    """Takes requests as the service does, and keeps the log of those that changed something."""

    def __init__(self) -> None:
        self.machine = Machine()
        self.records: list[LogRecord] = []

    def take(self, request: Message, time_nanos: int) -> None:
        for registration in clients.registrations(self.machine, request):
            self.take(registration, time_nanos)
        named = clients.with_incarnation(self.machine, request)
        kind, raw = KIND_OF[type(named)], named.SerializeToString()
        asked = kind.read(raw)
        key = kind.session_key(asked, "")
        if asked.command is None or (key and self.machine.first_answer(key) is not None):
            return
        before = self.machine.engine.sequence
        applied = self.machine.apply(asked.command, time_nanos, key)
        self.machine.publish(applied.seen)
        if not applied.outcome.sequence:
            assert self.machine.engine.sequence == before
            return
        number, payload = int(kind.number), raw
        if applied.refusal is not None:
            number, payload = CommandKind.REFUSED, applied.refusal.encode()
        time = applied.outcome.time_nanos
        self.records.append(LogRecord(before + 1, 1, number, time, payload))

    def due(self, client_id: str) -> int:
        """Return the number that is next of a client."""
        client = self.machine.sessions.client(ClientName("", client_id))
        return client.last_sequence + 1 if client else 1


def small_retention(rng: Random) -> Message:
    clients_kept, answers = rng.randint(1, 4), rng.randint(1, 5)
    answer_bytes = rng.randint(64 * answers, 64 * answers + 200)
    return requests.set_retention(
        clients_kept,
        answers,
        answer_bytes,
        rng.randint(1, 9),
        caller_client_count=rng.randint(1, clients_kept),
        client_idle_millis=1,
    )


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


def any_request(rng: Random, recorder: Recorder) -> Message:
    """Return a request that is mostly sound, mostly with the key that is due for a client."""
    request = rng.choice(MAKERS)(rng)
    if "key" not in request.DESCRIPTOR.fields_by_name:
        return request
    request.ClearField("key")
    if rng.random() < 0.8:
        client_id = rng.choice("abcdef")
        number = recorder.due(client_id) + rng.choice((0, 0, 0, -1, -2, 1))
        request.key.CopyFrom(requests.key(client_id, number))  # type: ignore[attr-defined]
    return request


@pytest.mark.parametrize("seed", range(4))
def test_the_log_of_any_requests_makes_the_same_machine(seed: int) -> None:
    rng, recorder = Random(seed), Recorder()
    for request in VENUE:
        recorder.take(request, 1_000)
    for step in range(STEPS):
        recorder.take(any_request(rng, recorder), 1_000 + 200_000 * step)
        recorder.machine.check_invariants()
    again = Machine()
    assert replay(again, recorder.records) == len(recorder.records) > STEPS // 4
    again.check_invariants()
    assert again.state_hash() == recorder.machine.state_hash()
    assert again.engine.dump() == recorder.machine.engine.dump()
    assert recorder.machine.engine.retention != Machine().engine.retention
    assert recorder.machine.ring.oldest_sequence > 1
