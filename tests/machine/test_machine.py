"""The replayed machine: one way for a command, and a hash that sees all that it did."""

from collections.abc import Iterable

import pytest
from google.protobuf.message import Message

from riskengine.machine.command import Asked
from riskengine.machine.machine import Applied, Machine, Seen
from riskengine.machine.request_kinds import KIND_OF
from riskengine.machine.sessions import Answer
from tests.service import requests

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


def read(request: Message) -> tuple[Asked, bytes]:
    raw = request.SerializeToString()
    return KIND_OF[type(request)].read(raw), raw


def apply(machine: Machine, request: Message, time_nanos: int = 1_000) -> Applied:
    asked, raw = read(request)
    assert asked.command is not None
    key = KIND_OF[type(request)].session_key(asked, raw)
    applied = machine.apply(asked.command, time_nanos, key)
    machine.publish(applied.seen)
    machine.check_invariants()
    return applied


def played(requests_: Iterable[Message]) -> Machine:
    machine = Machine()
    for request in requests_:
        assert apply(machine, request).outcome.sequence
    return machine


def test_a_command_gives_its_answer_and_its_instructions() -> None:
    machine = played(VENUE)
    applied = apply(machine, requests.mark(9_400))
    assert applied.result.sequence == applied.outcome.sequence == len(VENUE) + 1
    assert len(applied.seen.pieces) == len(applied.outcome.events) == 2
    assert machine.ring.read(1, 10) == applied.seen.pieces


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
    other.publish(Seen([b"made up"], 1_000_000))
    assert other.engine.state_hash() == machine.engine.state_hash()
    assert other.state_hash() != machine.state_hash()
    with pytest.raises(AssertionError, match="instructions made up"):
        other.check_invariants()


def test_what_is_remembered_follows_from_the_log() -> None:
    steps = (*VENUE, *(keyed(requests.deposit(3), number) for number in (1, 2, 3)))
    machine = played((*steps, requests.mark(9_400)))
    assert (machine.ring.oldest_sequence, machine.ring.last_sequence) == (1, 2)
    before = machine.sessions.answers_kept
    apply(machine, keyed(requests.set_retention(2, 2, 1 << 20, 1), 4))
    assert (before, machine.sessions.answers_kept) == (1_024, 2)
    assert machine.ring.oldest_sequence == 2
    kinds = [(type(request), request) for request in steps[-2:]]
    keys = [KIND_OF[kind].session_key(*read(request)) for kind, request in kinds]
    answers = [machine.first_answer(key) for key in keys if key]
    assert [isinstance(answer, Answer) for answer in answers] == [False, True]


def test_a_refused_retention_changes_nothing() -> None:
    machine = played((*VENUE, requests.mark(9_400)))
    before = machine.state_hash()
    refused = apply(machine, requests.set_retention(2, 2, 1 << 20, 0))
    (rejection,) = refused.result.rejections
    assert (rejection.field, rejection.value, rejection.limit) == ("instruction_count", 0, 1)
    assert machine.state_hash() == before
    assert machine.ring.oldest_sequence == 1
