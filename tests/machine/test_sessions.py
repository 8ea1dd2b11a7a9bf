"""Each row of the rule: due, gap, repeated, reused, too old, malformed, no room."""

import pytest

from riskengine.api.v1.common_pb2 import CommandResult, Rejection
from riskengine.core import types
from riskengine.core.enums import RejectReason
from riskengine.core.types import Retention
from riskengine.machine.mapping.reasons import rejection_text
from riskengine.machine.pieces import Pieces, joined
from riskengine.machine.sessions import Answer, ClientName, SessionKey, Sessions

TIME, INCARNATION = 1_000, 7


def retention(clients: int, answers: int, answer_bytes: int) -> Retention:
    return Retention(clients, answers, answer_bytes, 1, clients, 1_000)


def make_sessions(*, clients: int = 10, answers: int = 4, answer_bytes: int = 1 << 20) -> Sessions:
    return Sessions(retention(clients, answers, answer_bytes))


def name(client_id: str) -> ClientName:
    return ClientName("", client_id)


def session_key(client_id: str, number: int, said: bytes = b"") -> SessionKey:
    return SessionKey(name(client_id), INCARNATION, number, said.ljust(16))


def filled(sessions: Sessions, client_id: str, count: int) -> Sessions:
    sessions.register(name(client_id), INCARNATION, TIME)
    for number in range(1, count + 1):
        key = session_key(client_id, number, b"batch %d" % number)
        assert sessions.check(key) is None
        sessions.remember(key, 100 + number, TIME, CommandResult(sequence=100 + number))
    return sessions


def refused(sessions: Sessions, key: SessionKey) -> types.Rejection:
    found = sessions.check(key)
    assert isinstance(found, types.Rejection)
    assert found.row == -1
    return found


def refused_client(sessions: Sessions, client_id: str) -> tuple[str, str, int, int]:
    found = sessions.why_not_registered(name(client_id), TIME)
    assert found is not None
    assert rejection_text(found).startswith("there is no room for another client_id; the most are")
    return RejectReason(found.reason).name, found.field, found.value, found.limit


def refusal(sessions: Sessions, key: SessionKey) -> tuple[str, str, int, int]:
    found = refused(sessions, key)
    return RejectReason(found.reason).name, found.field, found.value, found.limit


def test_batches_are_due_one_after_the_other() -> None:
    sessions = filled(make_sessions(), "a", 3)
    assert sessions.check(session_key("a", 4)) is None
    assert refusal(sessions, session_key("a", 5)) == ("SEQUENCE_GAP", "batch_sequence", 5, 4)
    filled(sessions, "new", 0)
    assert refusal(sessions, session_key("new", 2)) == ("SEQUENCE_GAP", "batch_sequence", 2, 1)


def test_a_repeated_batch_gets_its_first_answer() -> None:
    sessions = filled(make_sessions(), "a", 3)
    found = sessions.check(session_key("a", 2, b"batch 2"))
    assert isinstance(found, Answer)
    assert found.sequence == 102
    assert found.repeated_result() == CommandResult(sequence=102, duplicate=True)


def test_a_different_batch_under_a_used_number_is_refused() -> None:
    sessions = filled(make_sessions(), "a", 3)
    key = session_key("a", 2, b"other")
    assert refusal(sessions, key) == ("SEQUENCE_REUSED", "batch_sequence", 2, 4)


def test_the_window_is_bounded_in_answers() -> None:
    sessions = filled(make_sessions(answers=4), "a", 6)
    assert refusal(sessions, session_key("a", 2, b"batch 2"))[0] == "SEQUENCE_TOO_OLD"
    assert refusal(sessions, session_key("a", 2, b"batch 2"))[3] == 3
    assert isinstance(sessions.check(session_key("a", 3, b"batch 3")), Answer)


def large(number: int) -> CommandResult:
    rejections = [Rejection(row=0, field="x" * 100, message="why")]
    return CommandResult(sequence=number, rejected_rows=1, rejections=rejections)


def test_the_window_is_bounded_in_bytes_by_leaving_refusals_out_and_keeps_the_last() -> None:
    """However much is refused, each of the last answers is there: nothing is too old."""
    sessions = filled(make_sessions(answer_bytes=256, answers=4), "a", 0)
    for number in range(1, 7):
        sessions.remember(session_key("a", number), number, TIME, large(number))
        sessions.check_invariants(10)
    assert refusal(sessions, session_key("a", 2))[0] == "SEQUENCE_TOO_OLD"
    found = [sessions.check(session_key("a", number)) for number in range(3, 7)]
    results = [answer.repeated_result() for answer in found if isinstance(answer, Answer)]
    assert [result.sequence for result in results] == [3, 4, 5, 6]
    assert [result.rejected_rows for result in results] == [1, 1, 1, 1]
    assert [len(result.rejections) for result in results] == [0, 0, 1, 1]
    again = Sessions.read_back(sessions._retention, Pieces(b"".join(joined(sessions.saved()))))
    assert list(again.canonical()) == list(sessions.canonical())
    for holder in (sessions, again):
        holder.remember(session_key("a", 7), 7, TIME, large(7))
        holder.check_invariants(10)
    assert list(again.canonical()) == list(sessions.canonical())


@pytest.mark.parametrize("client_id", ["", "x" * 65, "tab\t", "é", "del\x7f"])
def test_a_client_id_is_short_printable_ascii(client_id: str) -> None:
    found = refusal(make_sessions(), session_key(client_id, 1))
    assert found == ("INVALID_TEXT", "client_id", len(client_id), 64)


@pytest.mark.parametrize("client_id", ["x", "x" * 64, "a b~!"])
def test_a_client_id_at_its_bounds(client_id: str) -> None:
    assert filled(make_sessions(), client_id, 0).check(session_key(client_id, 1)) is None


@pytest.mark.parametrize("number", [0, -1, -(2**63)])
def test_numbers_begin_at_one(number: int) -> None:
    found = refusal(make_sessions(), session_key("a", number))
    assert found == ("OUT_OF_RANGE", "batch_sequence", number, 1)


def test_the_number_of_clients_is_bounded() -> None:
    sessions = make_sessions(clients=2)
    for client_id in ("a", "b"):
        filled(sessions, client_id, 1)
    assert refused_client(sessions, "c") == ("CAPACITY", "client_id", 0, 2)
    assert sessions.check(session_key("b", 2)) is None
    assert len(sessions) == 2


@pytest.mark.parametrize(
    ("client_id", "number", "raw", "text"),
    [
        ("a", 9, b"", "batch_sequence is 9; the next one due is 7"),
        (
            "a",
            6,
            b"other",
            "batch_sequence 6 was used for a different batch; the next one due is 7",
        ),
        (
            "a",
            2,
            b"batch 2",
            "batch_sequence 2 was applied, but its answer is no longer kept; the oldest kept is 3",
        ),
        ("a", 0, b"", "batch_sequence is 0, which is out of range; the limit is 1"),
        (
            "x" * 65,
            1,
            b"",
            "client_id is empty, too long, or not printable ASCII; at most 64 characters",
        ),
    ],
)
def test_a_refusal_reads_true(client_id: str, number: int, raw: bytes, text: str) -> None:
    """Of six batches four answers are kept."""
    sessions = filled(make_sessions(clients=1, answers=4), "a", 6)
    assert rejection_text(refused(sessions, session_key(client_id, number, raw))) == text


def test_what_is_too_much_under_a_new_retention_is_forgotten_at_once() -> None:
    sessions = filled(make_sessions(answers=4), "a", 6)
    filled(sessions, "b", 1)
    sessions.retain(retention(1, 2, 1 << 20))
    sessions.check_invariants(1_000)
    assert refusal(sessions, session_key("a", 4, b"batch 4")) == (
        *("SEQUENCE_TOO_OLD", "batch_sequence"),
        *(4, 5),
    )
    assert isinstance(sessions.check(session_key("a", 5, b"batch 5")), Answer)
    assert isinstance(sessions.check(session_key("b", 1, b"batch 1")), Answer)
    assert sessions.check(session_key("b", 2)) is None, "nobody is forgotten"
    assert refused_client(sessions, "c") == ("CAPACITY", "client_id", 0, 1)


def test_the_words_of_a_refusal_decide_nothing() -> None:
    """A version that says the same in more words remembers, and hashes, the same."""
    kept = []
    for text in ("too large", "it is too large: the largest is 5"):
        sessions = filled(make_sessions(answer_bytes=60), "a", 0)
        for number in range(1, 6):
            result = CommandResult(
                sequence=number,
                rejected_rows=1,
                rejections=[Rejection(row=0, field="size_lots", value=9, limit=5, message=text)],
            )
            sessions.remember(session_key("a", number, b"x"), number, TIME, result)
            assert result.rejections[0].message == text
        found = sessions.check(session_key("a", 5, b"x"))
        assert isinstance(found, Answer)
        assert found.repeated_result().rejections[0].message == text
        kept.append((list(sessions.canonical()), refusal(sessions, session_key("a", 1))))
    assert kept[0] == kept[1]
    assert kept[0][1][:3] == ("SEQUENCE_TOO_OLD", "batch_sequence", 1)


def test_a_copy_and_its_origin_stay_apart_whichever_is_changed() -> None:
    sessions = filled(make_sessions(answers=3), "a", 3)
    before = list(sessions.canonical())
    copies = [sessions.copy(), sessions.copy()]
    (shared, own) = (holder._sessions[name("a")] for holder in (copies[0], sessions))
    assert shared is own, "nothing is copied before it must"
    again = copies[1].copy()
    for holder in (sessions, again):
        holder.remember(session_key("a", 4), 200, TIME, CommandResult(sequence=200))
        holder.register(name("b"), INCARNATION, TIME)
        holder.remember(session_key("b", 1), 201, TIME, CommandResult(sequence=201))
    copies[0].retain(retention(10, 1, 1 << 20))
    assert list(copies[1].canonical()) == before
    assert list(sessions.canonical()) == list(again.canonical()) != before
    assert len(copies[0]._sessions[name("a")].answers) == 1
    for holder in (sessions, again, *copies):
        holder.check_invariants(300)
