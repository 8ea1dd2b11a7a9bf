"""One Submit call: a reader that hands batches to the sequencer, a writer that answers in order."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from riskengine.api.v1.risk_service_pb2 import SubmitResponse
from riskengine.service.commands import SUBMIT
from riskengine.service.rpc import Call
from riskengine.service.sequencer import Sequencer, Ticket


class SubmitStream:
    """Serve one call; at most `max_in_flight_batches` are taken and not yet answered.

    When calls are no longer taken the reader stops, what was taken is answered, and then the call
    ends with the reason. A caller's error ends it likewise, after the answers before it.
    """

    def __init__(self, sequencer: Sequencer, call: Call, *, max_in_flight_batches: int) -> None:
        self._sequencer = sequencer
        self._call = call
        self._slots = asyncio.Semaphore(max_in_flight_batches)
        self._tickets: deque[tuple[int, Ticket]] = deque()
        self._changed = asyncio.Event()

    async def run(self, raw_requests: AsyncIterator[bytes]) -> None:
        """Serve until the client has no more, or raise the `CallError` that ends the call."""
        reader = asyncio.create_task(self._read(raw_requests))
        reader.add_done_callback(lambda _: self._changed.set())
        try:
            with self._call.availability.notify(reader.cancel):
                await self._write(reader)
            await self._end(reader)
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def _read(self, raw_requests: AsyncIterator[bytes]) -> None:
        call, sequencer = self._call, self._sequencer
        await self._slots.acquire()
        try:
            async for raw in raw_requests:
                call.check()
                asked = call.parse(SUBMIT.read, SUBMIT.request, raw)
                ticket = await sequencer.submit(SUBMIT, asked, raw, may_wait=self._more_may_come())
                self._tickets.append((asked.key.batch_sequence, ticket))
                self._changed.set()
                await self._slots.acquire()
        finally:
            sequencer.hurry()

    def _more_may_come(self) -> bool:
        """Return whether the client sends on without waiting for answers, and may."""
        return bool(self._tickets) and not self._slots.locked()

    async def _write(self, reader: asyncio.Task[None]) -> None:
        tickets, call = self._tickets, self._call
        while True:
            while tickets:
                batch_sequence, ticket = tickets[0]
                await self._sequencer.durability.wait(ticket.sequence)
                tickets.popleft()
                response = SubmitResponse(batch_sequence=batch_sequence, result=ticket.result)
                await call.context.write(response.SerializeToString())
                self._slots.release()
                call.facts["batches"] += 1
                call.count_rows(ticket.result)
            if reader.done():
                return
            self._changed.clear()
            await self._changed.wait()

    async def _end(self, reader: asyncio.Task[None]) -> None:
        """Raise what ended the reader, unless the client was simply done."""
        if reader.cancelled():
            self._call.availability.check()
        error = None if reader.cancelled() else reader.exception()
        if error is not None:
            raise error
