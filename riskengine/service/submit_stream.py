"""One Submit call: a reader that hands batches to the sequencer, a writer that answers in order."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from time import monotonic_ns

from riskengine.api.v1.risk_service_pb2 import SubmitResponse
from riskengine.machine.command import Received
from riskengine.machine.request_kinds import SUBMIT
from riskengine.machine.sessions import Sessions
from riskengine.service.bursts import Burst
from riskengine.service.errors import CallError
from riskengine.service.gate import Gate
from riskengine.service.rpc import Call
from riskengine.service.sequencer import Sequencer, Ticket

REVOKED_SECONDS = 5.0
"""Time for who was revoked to read the answers to what was taken."""


class InFlight:
    """Count the batches of a stream that are received and not yet answered, up to a limit.

    There are no more than answers are kept: who sends again all that was not answered must find
    every answer.
    """

    def __init__(self, limit: int, sessions: Sessions) -> None:
        self._most = limit
        self._sessions = sessions
        self._count = 0
        self._gate = Gate()

    @property
    def _limit(self) -> int:
        return min(self._most, self._sessions.answers_kept)

    async def room(self) -> None:
        """Return when one more may be received."""
        await self._gate.until(lambda: self._count < self._limit)

    def received(self) -> None:
        """Count one more."""
        self._count += 1

    def answered(self) -> None:
        """Count one less."""
        self._count -= 1
        self._gate.look()

    @property
    def more_may_come(self) -> bool:
        """Return whether the client sends on without waiting for answers, and may."""
        return 1 < self._count < self._limit


class SubmitStream:
    """Serve one call; of its batches no more than `in_flight` allows are not yet answered.

    When calls are no longer taken, or the caller is revoked, the reader stops, what was taken is
    answered, and then the call ends with the reason. A caller's error ends it likewise, after the
    answers before it.
    """

    def __init__(self, sequencer: Sequencer, call: Call, in_flight: InFlight) -> None:
        self._sequencer = sequencer
        self._outbox = sequencer.outbox
        self._call = call
        self._in_flight = in_flight
        self._burst = Burst()
        self._taking = asyncio.Lock()
        self._tickets: deque[tuple[int, Ticket]] = deque()
        self._changed = asyncio.Event()

    async def run(self, raw_requests: AsyncIterator[bytes]) -> None:
        """Serve until the client has no more, or raise the `CallError` that ends the call."""
        reader = asyncio.create_task(self._read(raw_requests))
        taker = asyncio.create_task(self._take_after_pauses())
        for task in (reader, taker):
            task.add_done_callback(lambda _: self._changed.set())
        try:
            call = self._call
            async with call.admission.unless_revoked(REVOKED_SECONDS):
                with (
                    call.availability.notify(reader.cancel),
                    call.admission.notify(reader.cancel),
                ):
                    await self._write(reader, taker)
            if reader.cancelled():
                call.admission.check()
                call.availability.check()
            for task in (reader, taker):  # the taker ends only by an error
                if task.done() and not task.cancelled():
                    task.result()
        finally:
            reader.cancel()
            taker.cancel()
            await asyncio.gather(reader, taker, return_exceptions=True)

    async def _read(self, raw_requests: AsyncIterator[bytes]) -> None:
        try:
            async for raw in raw_requests:
                await self._receive(raw)
                await self._in_flight.room()
        except CallError:
            await self._take()
            raise
        else:
            await self._take()
        finally:
            self._outbox.hurry()

    async def _receive(self, raw: bytes) -> None:
        """Take a batch, or let it wait for others."""
        call, burst = self._call, self._burst
        nanos = monotonic_ns()
        call.check()
        call.touch()
        asked = call.parse(SUBMIT.read, SUBMIT.request, raw)
        admission, is_noted = call.admission, False
        if asked.command is not None:
            rpc = asked.command.kind.rpc
            admission.check_rpc(rpc)
            is_noted = admission.is_noted(rpc)
        received = Received(raw, asked, nanos, admission.caller.name, is_noted)
        if not burst.has_room(received):
            await self._take()
        self._in_flight.received()
        burst.add(received)
        if asked.is_urgent or burst.is_full or not self._in_flight.more_may_come:
            await self._take()
        else:
            burst.pause()

    async def _take_after_pauses(self) -> None:
        while True:
            await self._burst.is_due.wait()
            await self._take()

    async def _take(self) -> None:
        """Hand what waits to the sequencer, after what is being handed over.

        When nothing before it is unanswered, the client may have sent all that it sends without an
        answer: then the last is made durable at once.
        """
        async with self._taking:
            all_before_answered = not self._tickets
            burst = self._burst.take()
            for received in burst:
                is_waited_for = all_before_answered and received is burst[-1]
                may_wait = self._in_flight.more_may_come and not is_waited_for
                ticket = await self._sequencer.submit(SUBMIT, received, may_wait=may_wait)
                self._tickets.append((received.asked.key.batch_sequence, ticket))
                self._changed.set()

    async def _write(self, *tasks: asyncio.Task[None]) -> None:
        tickets, call, durability = self._tickets, self._call, self._outbox.durability
        while True:
            while tickets:
                batch_sequence, ticket = tickets[0]
                await durability.wait(ticket.sequence)
                tickets.popleft()
                response = SubmitResponse(batch_sequence=batch_sequence, result=ticket.result)
                await call.context.write(response.SerializeToString())
                self._in_flight.answered()
                call.facts["batches"] += 1
                call.count_rows(ticket.result)
            if any(task.done() for task in tasks):
                return
            self._changed.clear()
            await self._changed.wait()
