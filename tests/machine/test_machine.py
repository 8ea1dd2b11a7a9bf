"""The replayed machine: one way for a command, and a hash that sees all that it did."""

from collections.abc import Iterable

import pytest
from google.protobuf.message import Message

from riskengine.api.v1 import common_pb2
from riskengine.api.v1.common_pb2 import CommandResult
from riskengine.commands import CommandKind
from riskengine.core.enums import RejectReason
from riskengine.machine.command import Asked
from riskengine.machine.machine import Applied, Machine, Seen
from riskengine.machine.refusals import Refusal
from riskengine.machine.replay import ReplayError, replay
from riskengine.machine.request_kinds import KIND_OF
from riskengine.machine.sessions import Answer, SessionKey
from riskengine.persistence import LogRecord
from tests.service import clients, requests

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


def key_of(machine: Machine, request: Message, caller: str = "") -> SessionKey:
    named = clients.with_incarnation(machine, request, caller)
    key = KIND_OF[type(named)].session_key(read(named)[0], caller)
    assert key is not None
    return key


def apply(machine: Machine, request: Message, time_nanos: int = 1_000, caller: str = "") -> Applied:
    """Apply a request; a client that is new is registered first."""
    for registration in clients.registrations(machine, request, caller):
        apply(machine, registration, time_nanos, caller)
    named = clients.with_incarnation(machine, request, caller)
    asked, _ = read(named)
    assert asked.command is not None
    key = KIND_OF[type(named)].session_key(asked, caller)
    applied = machine.apply(asked.command, time_nanos, key, caller)
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


def test_what_was_refused_whole_without_a_key_is_not_remembered() -> None:
    machine = played(VENUE)
    before = machine.state_hash()
    refused = apply(machine, requests.deposit(1, 0))
    assert (refused.outcome.sequence, refused.refusal) == (0, None)
    assert refused.result.outcome == common_pb2.COMMAND_OUTCOME_REFUSED
    assert refused.result.rejections
    assert machine.state_hash() == before
    assert len(machine.sessions) == 0


@pytest.mark.rule("CM-8")
def test_a_noted_refusal_takes_a_sequence_and_nothing_else() -> None:
    machine = played((*VENUE, clients.register("bank")))
    engine, time_nanos = machine.engine, machine.engine.time_nanos
    before = engine.sequence, engine.state_hash(), engine.next_timer_nanos
    request = keyed(requests.deposit(1, 0), 1)
    refused = apply(machine, request, time_nanos + 10**12)
    assert refused.outcome.sequence == before[0] + 1 == engine.sequence
    assert (refused.result.sequence, refused.result.time_nanos) == (engine.sequence, time_nanos)
    assert refused.result.outcome == common_pb2.COMMAND_OUTCOME_REFUSED
    assert (engine.state_hash(), engine.next_timer_nanos) == before[1:]
    assert (engine.time_nanos, refused.seen.pieces) == (time_nanos, [])
    first = machine.first_answer(key_of(machine, request))
    assert isinstance(first, Answer)
    assert first.repeated_result().rejections == refused.result.rejections
    assert apply(machine, keyed(requests.deposit(1, 5), 2)).outcome.sequence == before[0] + 2


def registered() -> tuple[Machine, LogRecord]:
    """Return a machine that knows one client, and the record that made it known."""
    raw = clients.register("bank").SerializeToString()
    record = LogRecord(1, 1, CommandKind.CLIENT, 1_000, raw)
    machine = Machine()
    replay(machine, [record])
    return machine, record


@pytest.mark.rule("CM-8")
def test_a_replay_takes_the_answer_of_a_refusal_from_the_log() -> None:
    """Also where the rules of now would decide otherwise: here nobody has made the venue."""
    machine, first_record = registered()
    key = key_of(machine, keyed(requests.deposit(1, 5), 1))
    answer = CommandResult(sequence=2, rejected_rows=1)
    answer.rejections.add(field="amount_atoms", message="in other words")
    record = LogRecord(2, 1, CommandKind.REFUSED, 1_000, Refusal(key, answer).encode())
    replay(machine, [record])
    first = machine.first_answer(key)
    assert isinstance(first, Answer)
    assert first.repeated_result() == CommandResult(
        sequence=2, rejected_rows=1, rejections=answer.rejections, duplicate=True
    )
    for other in (record._replace(sequence=3), record._replace(time_nanos=1_001)):
        with pytest.raises(ReplayError):
            replay(Machine(), [first_record, other])


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_a_refusal_that_is_cut_off_does_not_replay(cut: int) -> None:
    machine, record = registered()
    key = key_of(machine, keyed(requests.deposit(1, 5), 1))
    payload = Refusal(key, CommandResult(sequence=2)).encode()
    for damaged in (payload[:-cut], payload + b"more"):
        with pytest.raises(ReplayError, match="it is no refusal"):
            replay(Machine(), [record, LogRecord(2, 1, CommandKind.REFUSED, 1_000, damaged)])


@pytest.mark.rule("CM-8")
@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (requests.go_live(), "NOT_LOADING"),
        (requests.load_accounts((7, 5, 5)), "NOT_LOADING"),
    ],
)
def test_what_is_not_taken_leaves_its_number_free(request_: Message, reason: str) -> None:
    machine = played((*VENUE, clients.register("bank")))
    before = machine.state_hash(), machine.engine.sequence
    result = apply(machine, keyed(request_, 1)).result
    assert result.outcome == common_pb2.COMMAND_OUTCOME_NOT_TAKEN
    assert RejectReason(result.rejections[0].reason).name == reason
    assert (machine.state_hash(), machine.engine.sequence) == before
    assert apply(machine, keyed(requests.deposit(1, 5), 1)).outcome.sequence == before[1] + 1


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
    answers = [machine.first_answer(key_of(machine, request)) for request in steps[-2:]]
    assert [isinstance(answer, Answer) for answer in answers] == [False, True]


def test_a_refused_retention_changes_nothing() -> None:
    machine = played((*VENUE, requests.mark(9_400)))
    before = machine.state_hash()
    refused = apply(machine, requests.set_retention(2, 2, 1 << 20, 0))
    (rejection,) = refused.result.rejections
    assert (rejection.field, rejection.value, rejection.limit) == ("instruction_count", 0, 1)
    assert machine.state_hash() == before
    assert machine.ring.oldest_sequence == 1
