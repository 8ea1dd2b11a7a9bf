"""Exactly-once: what each client sent last, and the answers that it may ask for again.

The table is part of the replayed state: it is made from the journal alone, and holds only what
was journalled. A batch that was refused whole leaves nothing, so its number stays free.
"""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from xxhash import xxh3_128_digest

from riskengine.api.v1.common_pb2 import CommandResult, IdempotencyKey
from riskengine.core.enums import RejectReason
from riskengine.core.types import Rejection, Retention
from riskengine.machine.pieces import Pieces, number

CLIENT_ID_LENGTH_MAX = 64


class SessionKey(NamedTuple):
    """Who sent a request, its number, and the digest that tells a repetition from another one."""

    client_id: str
    batch_sequence: int
    digest: bytes

    @classmethod
    def of_request(
        cls, key: IdempotencyKey, kind_number: int, raw: bytes, *, required: bool
    ) -> "SessionKey | None":
        """Return the key of a request; None when it is unset and not required.

        The digest is that of the request's bytes as received, seeded with the kind. It is there
        against mistakes: who forges a batch of the same digest deceives nobody but himself.
        """
        if not (required or key.client_id or key.batch_sequence):
            return None
        digest = xxh3_128_digest(raw, kind_number)
        return cls(key.client_id, key.batch_sequence, digest)


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

    def repeated_result(self) -> CommandResult:
        """Return the result for one who asks again."""
        result = CommandResult.FromString(self.result)
        for rejection, text in zip(result.rejections, self.texts, strict=True):
            rejection.message = text
        result.duplicate = True
        return result


class _Session:
    __slots__ = ("answers", "generation", "kept_bytes", "last_sequence")

    def __init__(self, generation: int) -> None:
        self.generation = generation
        """A session of an earlier one than its holder's is held by a copy too."""
        self.last_sequence = 0
        self.kept_bytes = 0
        self.answers: deque[tuple[bytes, Answer]] = deque()

    def copy(self, generation: int) -> "_Session":
        copy = _Session(generation)
        copy.last_sequence = self.last_sequence
        copy.kept_bytes = self.kept_bytes
        copy.answers = self.answers.copy()
        return copy


class Sessions:
    """Remember clients and their last answers, within the bounds of a retention."""

    def __init__(self, retention: Retention) -> None:
        self._retention = retention
        self._sessions: dict[str, _Session] = {}
        self._generation = 0

    def __len__(self) -> int:
        return len(self._sessions)

    def check(self, key: SessionKey) -> Answer | Rejection | None:
        """Return the first answer of a repeated batch, why it is refused, or None if it is due."""
        refusal = _malformed(key)
        if refusal is not None:
            return refusal
        session = self._sessions.get(key.client_id)
        due = session.last_sequence + 1 if session else 1
        if key.batch_sequence > due:
            return _refuse_sequence(RejectReason.SEQUENCE_GAP, key, due)
        if session is None:
            return None if len(self._sessions) < self._retention.client_count else self._full()
        return None if key.batch_sequence == due else _repeated(session, key)

    def remember(self, key: SessionKey, sequence: int, result: CommandResult) -> None:
        """Keep the answer of the batch that was due, applied at the log's `sequence`."""
        session = self._own(key.client_id)
        assert key.batch_sequence == session.last_sequence + 1, key
        answer = Answer.of_result(sequence, result)
        session.last_sequence = key.batch_sequence
        session.answers.append((key.digest, answer))
        session.kept_bytes += len(answer.result)
        self._trim(session)

    def retain(self, retention: Retention) -> None:
        """Keep so much from now on."""
        self._retention = retention
        for client_id, session in list(self._sessions.items()):
            if self._is_over(session):
                self._trim(self._own(client_id))

    def copy(self) -> "Sessions":
        """Return a copy that stays as it is; what it holds is shared until either changes it."""
        self._generation += 1
        copy = Sessions(self._retention)
        copy._generation = self._generation
        copy._sessions = self._sessions.copy()
        return copy

    def saved(self) -> Iterator[bytes]:
        """Yield pieces of which `read_back` makes the same sessions."""
        for client_id, session in sorted(self._sessions.items()):
            yield client_id.encode()
            yield number(session.last_sequence)
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
            client_id = pieces.take().decode()
            session = sessions._sessions[client_id] = _Session(0)
            session.last_sequence = pieces.take_number()
            for _ in range(pieces.take_number()):
                digest, sequence, result = pieces.take(), pieces.take_number(), pieces.take()
                texts = tuple(pieces.take().decode() for _ in range(pieces.take_number()))
                session.answers.append((digest, Answer(sequence, result, texts)))
                session.kept_bytes += len(result)
        return sessions

    @property
    def answers_kept(self) -> int:
        """Return how many answers of a client are kept, if they are not too large."""
        return self._retention.answer_count

    def canonical(self) -> Iterator[bytes]:
        """Yield all that is remembered, in one order."""
        for client_id, session in sorted(self._sessions.items()):
            yield b"%s:%d" % (client_id.encode(), session.last_sequence)
            for digest, answer in session.answers:
                yield b"%s%d:%s" % (digest, answer.sequence, answer.result)

    def check_invariants(self, last_sequence: int) -> None:
        """Raise AssertionError that names what is broken; for tests."""
        for client_id, session in self._sessions.items():
            answers = [answer for _, answer in session.answers]
            sequences = [answer.sequence for answer in answers]
            assert 1 <= len(answers) <= session.last_sequence, client_id
            assert sequences == sorted(set(sequences)), client_id
            assert sequences[-1] <= last_sequence, client_id
            assert session.kept_bytes == sum(len(answer.result) for answer in answers), client_id
            assert not self._is_over(session), client_id

    def _own(self, client_id: str) -> _Session:
        """Return a client's session, which no copy holds; a new one of a new client."""
        session = self._sessions.get(client_id)
        if session is None:
            session = self._sessions[client_id] = _Session(self._generation)
        elif session.generation != self._generation:
            session = self._sessions[client_id] = session.copy(self._generation)
        return session

    def _trim(self, session: _Session) -> None:
        while self._is_over(session):
            session.kept_bytes -= len(session.answers.popleft()[1].result)

    def _is_over(self, session: _Session) -> bool:
        count, bound = len(session.answers), self._retention
        is_large = session.kept_bytes > bound.answer_bytes
        return count > bound.answer_count or (is_large and count > 1)

    def _full(self) -> Rejection:
        return Rejection(-1, RejectReason.CAPACITY, "client_id", 0, self._retention.client_count)


def _malformed(key: SessionKey) -> Rejection | None:
    text = key.client_id
    if not (0 < len(text) <= CLIENT_ID_LENGTH_MAX and text.isascii() and text.isprintable()):
        limit = CLIENT_ID_LENGTH_MAX
        return Rejection(-1, RejectReason.INVALID_TEXT, "client_id", len(text), limit, limit)
    if key.batch_sequence < 1:
        return _refuse_sequence(RejectReason.OUT_OF_RANGE, key, 1)
    return None


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
