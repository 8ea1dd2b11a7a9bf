"""The edge: what every call goes through, whatever it asks.

Handlers get the bytes as they came and parse them here, so that what cannot be parsed is the
caller's error, and so that the very bytes go to the journal. Every call leaves one log line, but
for order checks that were answered: a venue asks thousands a second. It ends with its answer, with
a status from the one table, or with INTERNAL for a bug in a question.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from time import monotonic_ns
from typing import Any, NamedTuple, TypeAlias, TypeVar

import grpc
import structlog
from google.protobuf.message import DecodeError, Message

from riskengine.api.v1.common_pb2 import CommandResult
from riskengine.machine.mapping.known import UnknownFieldError
from riskengine.service.access import AccessControl, Admission
from riskengine.service.availability import Availability
from riskengine.service.call_places import CURRENT_PLACE
from riskengine.service.errors import CallError, CallReason
from riskengine.service.identity import EXPECTED_LOG_ID, Identity
from riskengine.service.status import CODES, rich_status
from riskengine.units import NANOS_PER_MICRO

ReadT = TypeVar("ReadT")
AskedT = TypeVar("AskedT")
AnswerT = TypeVar("AnswerT")
Context = grpc.aio.ServicerContext[bytes, bytes]
UNTOLD = frozenset(("RiskService.CheckOrder",))
"""Calls that leave no line when they end well."""

RpcHandler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"

Log: TypeAlias = structlog.typing.FilteringBoundLogger


class Edge(NamedTuple):
    """What each call is held against before anything is done."""

    availability: Availability
    identity: Identity
    access: AccessControl


class Call:
    """One call under way; `facts` are counted for its log line.

    `admission` says who makes it; it is there once the call is served.
    """

    admission: Admission

    def __init__(
        self, rpc: str, log: Log, context: Context, edge: Edge, *, is_untold: bool = False
    ) -> None:
        self.rpc = rpc
        self.context = context
        self._is_untold = is_untold
        self.availability = edge.availability
        self._identity = edge.identity
        self._access = edge.access
        self.facts: defaultdict[str, int] = defaultdict(int)
        self._caller: dict[str, str] = {}
        self._log = log
        self._place = CURRENT_PLACE.get()
        self._start_nanos = monotonic_ns()

    def check(self) -> None:
        """Raise `CallError` if calls are not taken, or if this one's deadline has passed."""
        self.availability.check()
        remaining: float | None = self.context.time_remaining()
        if remaining is not None and remaining <= 0:
            raise CallError(CallReason.DEADLINE_PASSED)

    def touch(self) -> None:
        """Say that a stream is in use."""
        if self._place is not None:
            self._place.touch()

    def parse(self, read: Callable[[bytes], ReadT], message: type[Message], raw: bytes) -> ReadT:
        """Return what `read` finds in the bytes of a message, or raise `CallError`."""
        try:
            return read(raw)
        except DecodeError:
            name = message.DESCRIPTOR.full_name
            raise CallError(CallReason.UNDECODABLE_REQUEST, message=name, bytes=len(raw)) from None
        except UnknownFieldError as unknown:
            raise CallError(
                CallReason.UNKNOWN_FIELD, message=unknown.message, field=unknown.field_number
            ) from None

    def count_rows(self, result: CommandResult) -> None:
        """Count the rows of a command for the log line."""
        self.facts["applied_rows"] += result.applied_rows
        self.facts["rejected_rows"] += result.rejected_rows

    async def serve(
        self, answer: Callable[["Call", AskedT], Awaitable[AnswerT]], asked: AskedT
    ) -> AnswerT:
        """Await the answer; turn what it raises into the call's status, and log the end."""
        failure: CallError
        place = self._place
        if place is not None:
            place.begin(self.context.peer)
        try:
            with self.availability.under_way:
                self._admit()
                self.check()
                self._check_log()
                answered = await answer(self, asked)
        except CallError as error:
            failure = error
        except asyncio.CancelledError:
            if place is None or not place.is_taken_back:
                self._log_end("CANCELLED", "")
                raise
            failure = place.error()
        except Exception:  # noqa: BLE001 - a question that has a bug must not end the process
            self._log.exception("call.bug")
            failure = CallError(CallReason.INTERNAL)
        else:
            if not self._is_untold:
                self._log_end("OK", "")
            return answered
        self._access.note(failure)
        self._log_end(CODES[failure.reason].name, failure.reason.name)
        return await self.context.abort_with_status(rich_status(failure))

    def _admit(self) -> None:
        """Find out who calls; raises `CallError` unless he may, and knows him if he is anybody."""
        try:
            self.admission = self._access.admit(self.rpc, self.context)
        except CallError as error:
            self._caller = error.caller
            raise
        if self._place is not None:
            self._place.caller = self.admission.caller.name
        if self.admission.caller.name:
            self._caller = {"caller": self.admission.caller.name}

    def _check_log(self) -> None:
        """Raise `CallError` when the call's metadata expects another log."""
        for name, value in self.context.invocation_metadata() or ():
            if name == EXPECTED_LOG_ID:
                self._identity.check_log(str(value), name)

    def _log_end(self, status: str, reason: str) -> None:
        duration_micros = (monotonic_ns() - self._start_nanos) // NANOS_PER_MICRO
        extra = {"reason": reason} if reason else {}
        self._log.info(
            "call.end",
            status=status,
            duration_micros=duration_micros,
            **self._caller,
            **extra,
            **self.facts,
        )


def _log_of(rpc: str) -> Log:
    """Return the log of an RPC, made once: structlog would find it anew for each line."""
    log: Log = structlog.get_logger("riskengine.rpc").bind(rpc=rpc)
    return log


def unary_handler(
    rpc: str, answer: Callable[[Call, bytes], Awaitable[bytes]], edge: Edge
) -> RpcHandler:
    """Serve one answer to one request, both as bytes."""
    return grpc.unary_unary_rpc_method_handler(_served(rpc, answer, edge))


def stream_handler(
    rpc: str, answer: Callable[[Call, bytes], Awaitable[None]], edge: Edge
) -> RpcHandler:
    """Serve a stream of answers, which `answer` writes to the call, to one request.

    It ends when its caller is revoked.
    """

    async def unless_revoked(call: Call, raw: bytes) -> None:
        async with call.admission.unless_revoked():
            await answer(call, raw)

    return grpc.unary_stream_rpc_method_handler(_served(rpc, unless_revoked, edge))


def exchange_handler(
    rpc: str,
    answer: Callable[[Call, AsyncIterator[bytes]], Awaitable[None]],
    edge: Edge,
) -> RpcHandler:
    """Serve a stream in both directions; `answer` writes to the call."""
    return grpc.stream_stream_rpc_method_handler(_served(rpc, answer, edge))


def _served(
    rpc: str,
    answer: Callable[[Call, AskedT], Awaitable[AnswerT]],
    edge: Edge,
) -> Callable[[AskedT, Context], Awaitable[AnswerT]]:
    log = _log_of(rpc)
    is_untold = rpc in UNTOLD

    async def serve(asked: AskedT, context: Context) -> AnswerT:
        return await Call(rpc, log, context, edge, is_untold=is_untold).serve(answer, asked)

    return serve
