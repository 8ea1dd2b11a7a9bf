"""One Submit call: a reader of batches, a taker that hands them to the sequencer, a writer.

The writer answers in the order of the batches.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from time import monotonic_ns

from riskengine.api.v1.risk_service_pb2 import SubmitResponse
from riskengine.service.bursts import Bursts
from riskengine.service.command import Received
from riskengine.service.commands import SUBMIT
from riskengine.service.rpc import Call
from riskengine.service.sequencer import Sequencer, Ticket


class SubmitStream:
    """Serve one call; at most `max_in_flight_batches` are received and not yet answered.

    When calls are no longer taken the reader stops, what was taken is answered, and then the call
    ends with the reason. A caller's error ends it likewise, after the answers before it.
    """

    def __init__(self, sequencer: Sequencer, call: Call, *, max_in_flight_batches: int) -> None:
        self._sequencer = sequencer
        self._call = call
        self._max_in_flight_batches = max_in_flight_batches
        self._unanswered = 0
        self._slots = asyncio.Semaphore(max_in_flight_batches)
        self._bursts = Bursts()
        self._tickets: deque[tuple[int, Ticket]] = deque()
        self._changed = asyncio.Event()

    async def run(self, raw_requests: AsyncIterator[bytes]) -> None:
        """Serve until the client has no more, or raise the `CallError` that ends the call."""
        reader = asyncio.create_task(self._read(raw_requests))
        taker = asyncio.create_task(self._take())
        taker.add_done_callback(lambda _: self._changed.set())
        try:
            with self._call.availability.notify(reader.cancel):
                await self._write(taker)
            await self._end(reader, taker)
        finally:
            reader.cancel()
            taker.cancel()
            await asyncio.gather(reader, taker, return_exceptions=True)

    async def _read(self, raw_requests: AsyncIterator[bytes]) -> None:
        call, bursts = self._call, self._bursts
        await self._slots.acquire()
        try:
            async for raw in raw_requests:
                nanos = monotonic_ns()
                call.check()
                asked = call.parse(SUBMIT.read, SUBMIT.request, raw)
                self._unanswered += 1
                may_wait = self._more_may_come() and not asked.is_urgent
                bursts.add(Received(raw, asked, nanos), may_wait=may_wait)
                await self._slots.acquire()
        finally:
            bursts.close()

    async def _take(self) -> None:
        sequencer = self._sequencer
        try:
            while burst := await self._bursts.take():
                for received in burst:
                    may_wait = self._more_may_come()
                    ticket = await sequencer.submit(SUBMIT, received, may_wait=may_wait)
                    self._tickets.append((received.asked.key.batch_sequence, ticket))
                    self._changed.set()
        finally:
            sequencer.hurry()

    def _more_may_come(self) -> bool:
        """Return whether the client sends on without waiting for answers, and may."""
        return 1 < self._unanswered < self._max_in_flight_batches

    async def _write(self, taker: asyncio.Task[None]) -> None:
        tickets, call = self._tickets, self._call
        while True:
            while tickets:
                batch_sequence, ticket = tickets[0]
                await self._sequencer.durability.wait(ticket.sequence)
                tickets.popleft()
                response = SubmitResponse(batch_sequence=batch_sequence, result=ticket.result)
                await call.context.write(response.SerializeToString())
                self._unanswered -= 1
                self._slots.release()
                call.facts["batches"] += 1
                call.count_rows(ticket.result)
            if taker.done():
                return
            self._changed.clear()
            await self._changed.wait()

    async def _end(self, reader: asyncio.Task[None], taker: asyncio.Task[None]) -> None:
        """Raise what ended the taker or the reader, unless the client was simply done."""
        taker.result()
        if reader.cancelled():
            self._call.availability.check()
        else:
            reader.result()
