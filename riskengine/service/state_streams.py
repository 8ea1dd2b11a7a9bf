"""Streams of the whole state as of one command, while commands go on.

A stream holds up the event loop for as long as it takes to clone the process, in its turn among
all who have it cloned. The clone is read to its end at once, on a thread, whatever the client's
pace: what waits for a client are messages, far less than the pages that a clone would hold. So few
streams may be open at once, each for a time, and until its clone has ended. Nothing leaves before
the command that it is of is durable.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, contextmanager
from functools import partial
from typing import NamedTuple

import structlog

from riskengine.api.v1.state_pb2 import StreamStateRequest
from riskengine.core.engine import Engine, bounds
from riskengine.machine.frozen_state import FrozenState
from riskengine.machine.view import ViewError
from riskengine.metrics.statistics import StateStreamResult, StateStreamStatistics
from riskengine.service.availability import Availability
from riskengine.service.clone_turns import CloneKind
from riskengine.service.errors import CallError, CallReason, invalid_field
from riskengine.service.open_views import OpenViews
from riskengine.service.outbox import Outbox
from riskengine.service.threads import until_done
from riskengine.service.views import state_head

MAX_ACCOUNT_IDS = 10_000
MAX_MARKET_IDS = bounds()["max_markets"]

Write = Callable[[bytes], Awaitable[None]]

_LOG = structlog.get_logger("riskengine.state_streams")


class StateStreamLimits(NamedTuple):
    """How many streams may be open at once, and each for how long."""

    streams: int
    seconds: float


class StateStreams:
    """Serve streams of an engine's state; used on the event loop alone."""

    def __init__(
        self,
        engine: Engine,
        outbox: Outbox,
        views: OpenViews,
        availability: Availability,
        statistics: StateStreamStatistics,
        log_id: str,
        limits: StateStreamLimits,
    ) -> None:
        self._engine = engine
        self._outbox = outbox
        self._views = views
        self._availability = availability
        self._statistics = statistics
        self._log_id = log_id
        self._limits = limits
        self._threads = ThreadPoolExecutor(1, "state-stream")  # as many as clones for answers

    async def send(self, request: StreamStateRequest, write: Write) -> int:
        """Write the state as it is now, in serialised messages; return how many these were.

        Raises `CallError` for a market or an account that there is not, when too many streams are
        open, when the state cannot be read or never be told, when the client takes too long, and
        when calls are no longer taken.
        """
        check_asked(self._engine, request)
        with self._counted():
            try:
                async with self._limited():
                    return await self._sent(request, write)
            except (OSError, ViewError) as error:
                _LOG.error("state_stream.failed", error=f"{type(error).__name__}: {error}")
                raise CallError(CallReason.STATE_UNREADABLE, cause=str(error)) from error

    async def _sent(self, request: StreamStateRequest, write: Write) -> int:
        """Send the state as it is when it is this stream's turn."""
        reading = await self._reading(request)
        try:
            await self._outbox.told(reading.sequence)
            return await reading.send(write)
        finally:
            await reading.end()

    async def _reading(self, request: StreamStateRequest) -> "_Reading":
        """Begin to read the state as it is now, or in its turn."""

        def freeze() -> FrozenState:
            check_asked(self._engine, request)  # accounts may have been closed meanwhile
            return FrozenState(self._engine, request.market_id, request.account_id)

        opened = await self._views.begin(freeze, CloneKind.ANSWER)
        with ExitStack() as stack:
            stack.callback(opened.close)
            reading = _Reading(opened.view, self._log_id, self._threads, self._statistics)
            reading.closing = stack.pop_all()
            return reading

    @asynccontextmanager
    async def _limited(self) -> AsyncIterator[None]:
        """End the body when time is up, or when the server ends; raises `CallError` then."""
        try:
            async with asyncio.timeout(self._limits.seconds) as limit:
                with self._availability.notify(partial(_end_now, limit)):
                    yield
        except TimeoutError:
            self._availability.check()
            seconds = str(self._limits.seconds)
            raise CallError(CallReason.STATE_READ_TOO_SLOWLY, seconds=seconds) from None

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Count a stream while it is open, also while it waits for its turn, and what became of it.

        Raises `CallError` when too many are open.
        """
        statistics, most = self._statistics, self._limits.streams
        if statistics.open >= most:
            statistics.results[StateStreamResult.REFUSED] += 1
            raise CallError(CallReason.TOO_MANY_STATE_STREAMS, limit=most)
        result = StateStreamResult.GIVEN_UP
        statistics.open += 1
        try:
            yield
            result = StateStreamResult.SENT
        except CallError as error:
            if error.reason is CallReason.STATE_UNREADABLE:
                result = StateStreamResult.FAILED
            raise
        finally:
            statistics.open -= 1
            statistics.results[result] += 1


def check_asked(engine: Engine, request: StreamStateRequest) -> None:
    """Raise `CallError` that names the field unless all markets and accounts are there."""
    _check_ids("market_id", request.market_id, MAX_MARKET_IDS, engine.has_market, "a market")
    _check_ids(
        "account_id",
        request.account_id,
        MAX_ACCOUNT_IDS,
        engine.has_account,
        "a party that has an account",
    )


def _check_ids(
    field: str, ids: Sequence[int], most: int, exists: Callable[[int], bool], what: str
) -> None:
    if len(ids) > most:
        raise invalid_field(field, f"a list of {len(ids)}", f"at most {most}")
    for wanted in ids:
        if not exists(wanted):
            raise invalid_field(field, wanted, what)


def _end_now(limit: asyncio.Timeout) -> None:
    if not limit.expired():
        limit.reschedule(0)


class _Reading:
    """A frozen state that a thread reads; its messages wait here for the client.

    `closing` is closed once the thread has ended, whoever waits for that.
    """

    closing: ExitStack

    def __init__(
        self,
        frozen: FrozenState,
        log_id: str,
        threads: ThreadPoolExecutor,
        statistics: StateStreamStatistics,
    ) -> None:
        self.sequence = frozen.sequence
        self._frozen = frozen
        self._log_id = log_id
        self._statistics = statistics
        self._messages: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._waiting_bytes = 0
        self._is_given_up = False
        loop = asyncio.get_running_loop()
        self._soon = loop.call_soon_threadsafe
        self._read = loop.run_in_executor(threads, self._read_all)
        self._read.add_done_callback(self._end)

    async def send(self, write: Write) -> int:
        """Write all messages and return how many there were; raises ViewError."""
        count = 0
        while (message := await self._messages.get()) is not None:
            await write(message)
            self._count_waiting(-len(message))
            count += 1
        await self._read
        return count

    async def end(self) -> None:
        """Have the thread end soon, if it has not, keep no message, and return once it has ended.

        Then the clone has ended too.
        """
        self._is_given_up = True
        self._frozen.give_up()
        self._count_waiting(-self._waiting_bytes)
        await until_done(self._read)

    def _read_all(self) -> None:
        self._soon(self._put, state_head(self._frozen, self._log_id))
        for message in self._frozen.rows():
            self._soon(self._put, message)

    def _put(self, message: bytes) -> None:
        if not self._is_given_up:
            self._count_waiting(len(message))
            self._messages.put_nowait(message)

    def _end(self, read: "asyncio.Future[None]") -> None:
        read.exception()  # whoever still waits for it is told
        self.closing.close()
        self._messages.put_nowait(None)

    def _count_waiting(self, size_bytes: int) -> None:
        self._waiting_bytes += size_bytes
        self._statistics.waiting_bytes += size_bytes
