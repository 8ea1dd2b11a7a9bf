"""Exactly-once: the clients that are registered, and the answers that each may ask for again.

The table is part of the replayed state: it is made from the journal alone, and holds only what
was journalled: of a batch that was refused whole, its refusal. A client is a caller's: two callers
may use one id, and are two clients. It is registered by a command of its own, whose sequence is its
incarnation; who is forgotten and registered again has another one, and begins at 1.
"""

from collections import Counter, deque
from collections.abc import Iterator
from typing import NamedTuple

from riskengine.api.v1.common_pb2 import CommandResult
from riskengine.core.enums import RejectReason
from riskengine.core.types import Rejection, Retention
from riskengine.machine.pieces import Pieces, number
from riskengine.units import NANOS_PER_MILLI

CLIENT_ID_LENGTH_MAX = 64


class ClientName(NamedTuple):
    """Whose client it is (empty where nobody is authenticated), and the id that he gave it."""

    caller: str
    client_id: str


class SessionKey(NamedTuple):
    """Who sent a request, its number, and the digest of what it says (`content.digest_of`)."""

    client: ClientName
    incarnation: int
    batch_sequence: int
    digest: bytes


class Answer(NamedTuple):
    """A first answer: the log's sequence, and the serialised CommandResult without its texts.

    Texts are for people and may read otherwise in the next version. They are kept, but what is
    remembered, and what is hashed of it, does not depend on them.
    """

    sequence: int
    result: bytes
    texts: tuple[str, ...]

    @classmethod
    def of_result(cls, sequence: int, result: CommandResult) -> "Answer":
        """Take the result of a command."""
        texts = tuple(rejection.message for rejection in result.rejections)
        if texts:
            wordless = CommandResult()
            wordless.CopyFrom(result)
            result = wordless
            for rejection in result.rejections:
                rejection.ClearField("message")
        return cls(sequence, result.SerializeToString(), texts)

    def without_refusals(self) -> "Answer":
        """Return the answer without its list of refusals; it still says how many they were."""
        result = CommandResult.FromString(self.result)
        result.ClearField("rejections")
        return Answer(self.sequence, result.SerializeToString(), ())

    def repeated_result(self) -> CommandResult:
        """Return the result for one who asks again."""
        result = CommandResult.FromString(self.result)
        for rejection, text in zip(result.rejections, self.texts, strict=True):
            rejection.message = text
        result.duplicate = True
        return result


class Client(NamedTuple):
    """A client as it is asked for."""

    name: ClientName
    incarnation: int
    last_sequence: int
    used_nanos: int
    answer_count: int


class _Session:
    __slots__ = (
        "answers",
        "generation",
        "incarnation",
        "kept_bytes",
        "last_sequence",
        "shortened",
        "used_nanos",
    )

    def __init__(self, generation: int, incarnation: int, used_nanos: int) -> None:
        self.generation = generation
        """A session of an earlier one than its holder's is held by a copy too."""
        self.incarnation = incarnation
        self.used_nanos = used_nanos
        self.last_sequence = 0
        self.kept_bytes = 0
        self.shortened = 0
        """How many of the oldest answers have no list of refusals any more."""
        self.answers: deque[tuple[bytes, Answer]] = deque()

    def copy(self, generation: int) -> "_Session":
        copy = _Session(generation, self.incarnation, self.used_nanos)
        copy.last_sequence = self.last_sequence
        copy.kept_bytes = self.kept_bytes
        copy.shortened = self.shortened
        copy.answers = self.answers.copy()
        return copy


class Sessions:
    """Remember clients and their last answers, within the bounds of a retention.

    They stand in the order in which they were used last, by the log's time.
    """

    def __init__(self, retention: Retention) -> None:
        self._retention = retention
        self._sessions: dict[ClientName, _Session] = {}
        self._of_caller = Counter[str]()
        self._generation = 0

    def __len__(self) -> int:
        return len(self._sessions)

    def check(self, key: SessionKey) -> Answer | Rejection | None:
        """Return the first answer of a repeated batch, why it is refused, or None if it is due."""
        refusal = _malformed(key)
        if refusal is not None:
            return refusal
        session = self._sessions.get(key.client)
        known = session.incarnation if session is not None else 0
        if session is None or key.incarnation != known:
            return _refuse_client("incarnation", key.incarnation, known)
        due = session.last_sequence + 1
        if key.batch_sequence > due:
            return _refuse_sequence(RejectReason.SEQUENCE_GAP, key, due)
        return None if key.batch_sequence == due else _repeated(session, key)

    def remember(
        self, key: SessionKey, sequence: int, time_nanos: int, result: CommandResult
    ) -> None:
        """Keep the answer of the batch that was due, applied at the log's sequence and time."""
        session = self._used(key.client, time_nanos)
        assert key.incarnation == session.incarnation, key
        assert key.batch_sequence == session.last_sequence + 1, key
        answer = Answer.of_result(sequence, result)
        session.last_sequence = key.batch_sequence
        session.answers.append((key.digest, answer))
        session.kept_bytes += len(answer.result)
        self._trim(session)

    def why_not_registered(self, client: ClientName, time_nanos: int) -> Rejection | None:
        """Return why a client cannot be registered at the log's time, None if it can."""
        refusal = _malformed_id(client.client_id)
        if refusal is not None or client in self._sessions:
            return refusal
        of_caller = self._of_caller[client.caller]
        for count, limit, caller in (
            (of_caller, self._retention.caller_client_count, client.caller),
            (len(self._sessions), self._retention.client_count, None),
        ):
            short = count + 1 - limit
            if short > 0 and len(self._idle(time_nanos, short, caller)) < short:
                return Rejection(-1, RejectReason.CAPACITY, "client_id", 0, limit)
        return None

    def register(self, client: ClientName, sequence: int, time_nanos: int) -> int:
        """Register a client for which there is room, and return its incarnation.

        Clients that were idle for longest make room. One that is known stays as it is.
        """
        if client in self._sessions:
            return self._used(client, time_nanos).incarnation
        bound = self._retention
        of_caller = self._of_caller[client.caller] + 1 - bound.caller_client_count
        for name in self._idle(time_nanos, of_caller, client.caller):
            self._drop(name)
        for name in self._idle(time_nanos, len(self._sessions) + 1 - bound.client_count, None):
            self._drop(name)
        self._sessions[client] = _Session(self._generation, sequence, time_nanos)
        self._of_caller[client.caller] += 1
        return sequence

    def why_not_forgotten(self, client: ClientName) -> Rejection | None:
        """Return why a client cannot be forgotten, None if it can."""
        return None if client in self._sessions else _refuse_client("client_id", 0, 0)

    def forget(self, client: ClientName) -> None:
        """Forget a client that is known."""
        self._drop(client)

    def client(self, name: ClientName) -> Client | None:
        """Return a client, None if it is not registered."""
        session = self._sessions.get(name)
        if session is None:
            return None
        return Client(
            name,
            session.incarnation,
            session.last_sequence,
            session.used_nanos,
            len(session.answers),
        )

    def names(self) -> Iterator[ClientName]:
        """Yield all clients, who was idle for longest first."""
        yield from self._sessions

    def put_forward(self, nanos: int) -> None:
        """Let a time that passed without the engine make nobody idle (TM-6, TM-7)."""
        if nanos:
            for client in self._sessions:
                self._own(client).used_nanos += nanos

    def retain(self, retention: Retention) -> None:
        """Keep so much from now on."""
        self._retention = retention
        for client, session in list(self._sessions.items()):
            if self._is_over(session):
                self._trim(self._own(client))

    def copy(self) -> "Sessions":
        """Return a copy that stays as it is; what it holds is shared until either changes it."""
        self._generation += 1
        copy = Sessions(self._retention)
        copy._generation = self._generation
        copy._sessions = self._sessions.copy()
        copy._of_caller = self._of_caller.copy()
        return copy

    def saved(self) -> Iterator[bytes]:
        """Yield pieces of which `read_back` makes the same sessions."""
        for client, session in self._sessions.items():
            yield client.caller.encode()
            yield client.client_id.encode()
            yield number(session.incarnation)
            yield number(session.used_nanos)
            yield number(session.last_sequence)
            yield number(session.shortened)
            yield number(len(session.answers))
            for digest, answer in session.answers:
                yield digest
                yield number(answer.sequence)
                yield answer.result
                yield number(len(answer.texts))
                yield from (text.encode() for text in answer.texts)

    @classmethod
    def read_back(cls, retention: Retention, pieces: Pieces) -> "Sessions":
        """Return the sessions that were saved; raises PiecesError."""
        sessions = cls(retention)
        while not pieces.is_empty:
            client = ClientName(pieces.take().decode(), pieces.take().decode())
            session = _Session(0, pieces.take_number(), pieces.take_number())
            sessions._sessions[client] = session
            sessions._of_caller[client.caller] += 1
            session.last_sequence = pieces.take_number()
            session.shortened = pieces.take_number()
            for _ in range(pieces.take_number()):
                digest, sequence, result = pieces.take(), pieces.take_number(), pieces.take()
                texts = tuple(pieces.take().decode() for _ in range(pieces.take_number()))
                session.answers.append((digest, Answer(sequence, result, texts)))
                session.kept_bytes += len(result)
        return sessions

    @property
    def answers_kept(self) -> int:
        """Return how many answers of a client are kept."""
        return self._retention.answer_count

    def canonical(self) -> Iterator[bytes]:
        """Yield all that is remembered, in its order."""
        for client, session in self._sessions.items():
            name = f"{client.caller} {client.client_id}".encode()
            yield b"%s:%d:%d:%d" % (
                name,
                session.incarnation,
                session.used_nanos,
                session.last_sequence,
            )
            for digest, answer in session.answers:
                yield b"%s%d:%s" % (digest, answer.sequence, answer.result)

    def check_invariants(self, last_sequence: int) -> None:
        """Raise AssertionError that names what is broken; for tests."""
        counted = Counter(client.caller for client in self._sessions)
        assert counted == +self._of_caller, "clients of each caller"
        times = [session.used_nanos for session in self._sessions.values()]
        assert times == sorted(times), "in the order in which they were used"
        for client, session in self._sessions.items():
            answers = [answer for _, answer in session.answers]
            sequences = [answer.sequence for answer in answers]
            assert min(1, session.last_sequence) <= len(answers) <= session.last_sequence, client
            assert sequences == sorted(set(sequences)), client
            assert [session.incarnation, *sequences][-1] <= last_sequence, client
            assert session.kept_bytes == sum(len(answer.result) for answer in answers), client
            assert not self._is_over(session), client

    def _idle(self, time_nanos: int, count: int, caller: str | None) -> list[ClientName]:
        """Return so many clients, of a caller or of all, that are idle, the longest first."""
        last = time_nanos - self._retention.client_idle_millis * NANOS_PER_MILLI
        found: list[ClientName] = []
        for client, session in self._sessions.items():
            if len(found) >= count or session.used_nanos > last:
                break
            if caller in (None, client.caller):
                found.append(client)
        return found

    def _drop(self, client: ClientName) -> None:
        del self._sessions[client]
        self._of_caller[client.caller] -= 1

    def _used(self, client: ClientName, time_nanos: int) -> _Session:
        """Return a client's own session, which now stands behind those of all others."""
        session = self._own(client)
        session.used_nanos = time_nanos
        del self._sessions[client]
        self._sessions[client] = session
        return session

    def _own(self, client: ClientName) -> _Session:
        """Return a client's session, which no copy holds."""
        session = self._sessions[client]
        if session.generation != self._generation:
            session = self._sessions[client] = session.copy(self._generation)
        return session

    def _trim(self, session: _Session) -> None:
        """Forget answers that are too many, and lists of refusals that are too long in all.

        So as many answers are kept as batches may be unanswered, however much was refused.
        """
        answers, bound = session.answers, self._retention
        while len(answers) > bound.answer_count:
            session.kept_bytes -= len(answers.popleft()[1].result)
            session.shortened = max(0, session.shortened - 1)
        while session.kept_bytes > bound.answer_bytes and session.shortened < len(answers) - 1:
            digest, answer = answers[session.shortened]
            shorter = answer.without_refusals()
            answers[session.shortened] = digest, shorter
            session.kept_bytes -= len(answer.result) - len(shorter.result)
            session.shortened += 1

    def _is_over(self, session: _Session) -> bool:
        count, bound = len(session.answers), self._retention
        is_large = session.kept_bytes > bound.answer_bytes
        return count > bound.answer_count or (is_large and session.shortened < count - 1)


def _malformed(key: SessionKey) -> Rejection | None:
    refusal = _malformed_id(key.client.client_id)
    if refusal is None and key.batch_sequence < 1:
        return _refuse_sequence(RejectReason.OUT_OF_RANGE, key, 1)
    return refusal


def _malformed_id(text: str) -> Rejection | None:
    if 0 < len(text) <= CLIENT_ID_LENGTH_MAX and text.isascii() and text.isprintable():
        return None
    limit = CLIENT_ID_LENGTH_MAX
    return Rejection(-1, RejectReason.INVALID_TEXT, "client_id", len(text), limit, limit)


def _repeated(session: _Session, key: SessionKey) -> Answer | Rejection:
    oldest = session.last_sequence - len(session.answers) + 1
    if key.batch_sequence < oldest:
        return _refuse_sequence(RejectReason.SEQUENCE_TOO_OLD, key, oldest)
    first_digest, answer = session.answers[key.batch_sequence - oldest]
    if key.digest != first_digest:
        due = session.last_sequence + 1
        return _refuse_sequence(RejectReason.SEQUENCE_REUSED, key, due)
    return answer


def _refuse_sequence(reason: RejectReason, key: SessionKey, limit: int) -> Rejection:
    return Rejection(-1, reason, "batch_sequence", key.batch_sequence, limit)


def _refuse_client(field: str, value: int, known: int) -> Rejection:
    return Rejection(-1, RejectReason.CLIENT_FORGOTTEN, field, value, known)
