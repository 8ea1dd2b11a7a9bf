"""The replayed machine: one way for a command, and a hash that sees all that it did."""

from collections.abc import Iterable

import pytest
from google.protobuf.message import Message

from riskengine.machine.machine import Applied, Machine
from riskengine.machine.request_kinds import KIND_OF
from riskengine.machine.retention import Retention
from tests.service import requests

SMALL = Retention(clients=2, answers=2, answer_bytes=1 << 20, instructions=3)
VENUE = (
    requests.create_asset(),
    requests.create_fund(),
    requests.set_market(timeout_millis=1_000),
    requests.deposit(1, 100_000),
    requests.deposit(2),
    requests.mark(10_000),
    requests.trades((1, 2, 10_000, 100)),
)


def keyed(request: Message, batch_sequence: int) -> Message:
    copy = type(request)()
    copy.CopyFrom(request)
    copy.key.CopyFrom(requests.key("bank", batch_sequence))  # type: ignore[attr-defined]
    return copy


def apply(machine: Machine, request: Message, time_nanos: int = 1_000) -> Applied:
    kind, raw = KIND_OF[type(request)], request.SerializeToString()
    asked = kind.read(raw)
    assert asked.command is not None
    applied = machine.apply(asked.command, time_nanos, kind.session_key(asked, raw))
    machine.publish(applied.pieces)
    machine.check_invariants()
    return applied


def played(requests_: Iterable[Message], retention: Retention = SMALL) -> Machine:
    machine = Machine(retention)
    for request in requests_:
        assert apply(machine, request).outcome.sequence
    return machine


def test_a_command_gives_its_answer_and_its_instructions() -> None:
    machine = played(VENUE)
    applied = apply(machine, requests.mark(9_400))
    assert applied.result.sequence == applied.outcome.sequence == len(VENUE) + 1
    assert len(applied.pieces) == len(applied.outcome.events) == 2
    assert machine.ring.read(1, 10) == applied.pieces


def test_what_was_refused_whole_is_not_remembered() -> None:
    machine = played(VENUE)
    before = machine.state_hash()
    refused = apply(machine, keyed(requests.deposit(1, 0), 1))
    assert refused.outcome.sequence == 0
    assert refused.result.rejections
    assert machine.state_hash() == before
    assert len(machine.sessions) == 0


def test_the_same_commands_give_the_same_hash() -> None:
    steps = (*VENUE, keyed(requests.deposit(3), 1), requests.mark(9_400))
    assert played(steps).state_hash() == played(steps).state_hash()


@pytest.mark.parametrize(
    "other",
    [
        (*VENUE[:4], requests.deposit(2, 5), *VENUE[5:], keyed(requests.deposit(3), 1)),
        (*VENUE, keyed(requests.deposit(3), 1), requests.deposit(4)),
        (*VENUE, requests.deposit(3)),
    ],
    ids=["engine", "sequence", "session"],
)
def test_the_hash_sees_what_was_done_otherwise(other: tuple[Message, ...]) -> None:
    steps = (*VENUE, keyed(requests.deposit(3), 1))
    assert played(steps).state_hash() != played(other).state_hash()


def test_the_hash_sees_each_part() -> None:
    steps = (*VENUE, keyed(requests.deposit(3), 1), requests.mark(9_400))
    machine, other = played(steps), played(steps)
    other.publish([b"made up"])
    assert other.engine.state_hash() == machine.engine.state_hash()
    assert other.state_hash() != machine.state_hash()
    with pytest.raises(AssertionError, match="instructions made up"):
        other.check_invariants()
    forgetful = played(steps, SMALL._replace(instructions=1))
    assert forgetful.engine.state_hash() == machine.engine.state_hash()
    assert forgetful.state_hash() != machine.state_hash()
