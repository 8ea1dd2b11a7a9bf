"""Work of a command that paused: it goes on piece by piece, and commands wait in line for its end.

The next piece begins once the last one is durable, after a rest, and once deposits of the meantime
are durable: who asked or deposited is answered first, so nobody waits for more than one piece of
another's command but those who must wait for its end. These go one by one, in the order in which
they came.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from time import monotonic_ns

import structlog

from riskengine.core.engine import Engine
from riskengine.machine.sessions import ClientName
from riskengine.metrics.statistics import Statistics
from riskengine.service.availability import Availability
from riskengine.service.errors import CallError
from riskengine.service.gate import Gate
from riskengine.service.outbox import Outbox
from riskengine.units import NANOS_PER_MILLI, NANOS_PER_SECOND

MOST_REST_SECONDS = 0.002
"""A rest is as long as the piece before it, and no longer than that."""

_LOG = structlog.get_logger("riskengine.work")


class PendingWork:
    """Have pending work go on, and let others wait for its end; used on the event loop alone.

    `go_on` does the next piece.
    """

    def __init__(
        self,
        engine: Engine,
        outbox: Outbox,
        availability: Availability,
        statistics: Statistics,
        go_on: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._outbox = outbox
        self._availability = availability
        self._statistics = statistics
        self._go_on = go_on
        self._line = asyncio.Lock()
        self._in_line = 0
        self._clients = Counter[ClientName]()
        """How many commands of each client are in line."""
        self._done = Gate()
        self._going_on: asyncio.Task[None] | None = None

    @property
    def is_clear(self) -> bool:
        """Return whether a command may be taken at once: no work is pending, nobody is in line."""
        return not (self._in_line or self._engine.has_work)

    def has_in_line(self, client: ClientName | None) -> bool:
        """Return whether a command of the client is in line."""
        return client in self._clients

    def look(self) -> None:
        """Have work that is pending go on; call it after each command, and once at the start."""
        if self._engine.has_work and self._going_on is None and self._availability.refusal is None:
            self._statistics.work_pending = True
            sequence = self._engine.sequence
            self._going_on = asyncio.create_task(self._work(sequence))

    def stop(self) -> None:
        """Go on no more: the next start does."""
        if self._going_on is not None:
            self._going_on.cancel()

    async def done(self) -> None:
        """Return when no work is pending; raises `CallError` when calls are no longer taken."""
        engine, availability = self._engine, self._availability
        with availability.notify(self._done.look):
            await self._done.until(lambda: not engine.has_work or availability.refusal is not None)
        if engine.has_work:
            availability.check()

    @asynccontextmanager
    async def turn(self, client: ClientName | None = None) -> AsyncIterator[None]:
        """Wait in line until a command can be taken, which is in the body, without an await.

        Raises `CallError` when calls are no longer taken.
        """
        with self._counted(client):
            async with self._line:
                while self._engine.has_work or self._outbox.is_full:
                    await self.done()
                    if self._outbox.is_full:
                        await self._outbox.room()
                self._availability.check()
                yield

    @contextmanager
    def _counted(self, client: ClientName | None) -> Iterator[None]:
        """Count who is in line; by its client too, if it has said one."""
        self._in_line += 1
        self._statistics.waiting_for_work += 1
        if client is not None:
            self._clients[client] += 1
        try:
            yield
        finally:
            self._in_line -= 1
            self._statistics.waiting_for_work -= 1
            if client is not None:
                self._clients[client] -= 1
                if not self._clients[client]:
                    del self._clients[client]

    async def _work(self, begun_sequence: int) -> None:
        """Do what is left piece by piece; the piece that there was is durable before the next."""
        begun_nanos, rest_nanos, pieces = monotonic_ns(), NANOS_PER_SECOND, 1
        try:
            while self._engine.has_work:
                await self._outbox.told(self._engine.sequence)
                await asyncio.sleep(min(rest_nanos / NANOS_PER_SECOND, MOST_REST_SECONDS))
                await self._outbox.told(self._engine.sequence)  # deposits of the meantime
                if self._availability.refusal is not None:
                    return  # the next start goes on; a pause ends no work
                piece_nanos = monotonic_ns()
                self._go_on()
                rest_nanos = monotonic_ns() - piece_nanos
                pieces += 1
        except CallError:
            return  # the journal has failed: the next start goes on
        finally:
            self._going_on = None
            self._statistics.work_pending = self._engine.has_work
            self._done.look()
        _LOG.info(
            "work.done",
            sequence=begun_sequence,
            pieces=pieces,
            last_sequence=self._engine.sequence,
            duration_millis=(monotonic_ns() - begun_nanos) // NANOS_PER_MILLI,
        )
