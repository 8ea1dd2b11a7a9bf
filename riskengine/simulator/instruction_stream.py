"""Reads the engine's instructions without a gap."""

import asyncio
import time
from typing import NamedTuple

import grpc.aio

from riskengine.api.v1 import instructions_pb2, risk_service_pb2
from riskengine.simulator.client import EngineClient
from riskengine.simulator.pause import Pause

STALL_SECONDS = 5.0
"""How long instructions that exist may take to arrive."""


class Received(NamedTuple):
    """One instruction, and when it came in."""

    instruction: instructions_pb2.Instruction
    received_nanos: int


class InstructionStream:
    """Reads instructions without a gap, also across breaks of the stream."""

    def __init__(self, client: EngineClient, first_instruction_sequence: int = 1) -> None:
        self._client = client
        self._last = first_instruction_sequence - 1
        self._buffer: list[Received] = []
        self._news = asyncio.Event()
        self._failure: BaseException | None = None
        self.reopened = 0
        self._task = self._start()

    @property
    def next_instruction_sequence(self) -> int:
        """Return the number of the first instruction that was not returned yet."""
        return self._last - len(self._buffer) + 1

    async def read_to(self, instruction_sequence: int) -> list[Received]:
        """Return all not yet returned, once those up to this number are among them.

        They must exist already: a stream that does not bring them is opened again.
        """
        while self._last < instruction_sequence:
            if self._failure is not None:
                raise self._failure
            self._news.clear()
            try:
                async with asyncio.timeout(STALL_SECONDS):
                    await self._news.wait()
            except TimeoutError:
                self._reopen()
        taken, self._buffer = self._buffer, []
        return taken

    async def close(self) -> None:
        """End the stream."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def _start(self) -> asyncio.Task[None]:
        task = asyncio.create_task(self._run())
        task.add_done_callback(self._ended)
        return task

    def _reopen(self) -> None:
        self._task.cancel()
        self._task = self._start()
        self.reopened += 1

    async def _run(self) -> None:
        pause = Pause()
        while True:
            try:
                await self._read(pause)
            except grpc.aio.AioRpcError as error:
                await pause.after(error)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Let whoever waits learn why there is nothing more to come."""
        if task is not self._task:
            return
        self._failure = asyncio.CancelledError() if task.cancelled() else task.exception()
        self._news.set()

    async def _read(self, pause: Pause) -> None:
        request = risk_service_pb2.StreamInstructionsRequest(
            from_instruction_sequence=self._last + 1
        )
        async for response in self._client.risk.StreamInstructions(request):
            now = time.monotonic_ns()
            pause.reset()
            for instruction in response.instructions:
                expected = self._last + 1
                assert instruction.instruction_sequence == expected, (
                    f"gap in the instructions: {instruction.instruction_sequence}, not {expected}"
                )
                self._last = expected
                self._buffer.append(Received(instruction, now))
            self._news.set()
