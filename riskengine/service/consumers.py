"""The named consumers of instructions: up to which number each has dealt with them.

A list beside the instructions, not a part of the log: it decides what is dropped from this server's
disk, and nothing else. Losing the last confirmations only keeps more.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from riskengine.machine.instruction_ring import InstructionRing
from riskengine.persistence.consumers_file import ConsumersFile
from riskengine.service.errors import CallError, CallReason, invalid_field

CONSUMERS_MAX = 64
CONSUMER_ID_LENGTH_MAX = 64


class Consumers:
    """Hold what is confirmed, and write it to the file; used on the event loop alone.

    A new consumer, and one that is forgotten, is told so once that is on disk. Other confirmations
    are answered at once and written together, by `write`.
    """

    def __init__(
        self, ring: InstructionRing, file: ConsumersFile, confirmed: Mapping[str, int]
    ) -> None:
        self._ring = ring
        self._file = file
        self._confirmed = dict(confirmed)
        self._unwritten: set[str] = set()
        """Consumers that no written list has yet."""
        self._version = self._written_version = 0
        self._writing = asyncio.Lock()
        self._forgetting = asyncio.Lock()
        self._left_out: str | None = None
        """The consumer that is being forgotten: known, and not in what is written."""
        self._thread = ThreadPoolExecutor(1, "consumers-writer")

    @property
    def confirmed(self) -> Mapping[str, int]:
        """Return the confirmed instruction by consumer."""
        return self._confirmed

    @property
    def lowest_confirmed(self) -> int:
        """Return the number that every consumer has confirmed, the last one if there is none."""
        return min(self._confirmed.values(), default=self._ring.last_sequence)

    @property
    def slowest(self) -> str:
        """Return the consumer that has confirmed least, empty when there is none."""
        return min(self._confirmed, key=self._confirmed.__getitem__, default="")

    async def confirm(self, consumer_id: str, through_instruction: int) -> int:
        """Note that a consumer needs nothing up to a number any more; return what it confirmed.

        That never goes back. The first call of a consumer makes it known. Raises `CallError`.
        """
        _check_id(consumer_id)
        last = self._ring.last_sequence
        if not 0 <= through_instruction <= last:
            allowed = f"0 to {last}, the last instruction published"
            raise invalid_field("through_instruction_sequence", through_instruction, allowed)
        if consumer_id == self._left_out:
            self._keep()
            self._unwritten.add(consumer_id)
        before = self._confirmed.get(consumer_id)
        if before is None:
            self._check_room(consumer_id)
            self._unwritten.add(consumer_id)
        if before is None or through_instruction > before:
            self._confirmed[consumer_id] = through_instruction
            self._version += 1
        if consumer_id in self._unwritten:
            await self._write_for_caller()
        return max(through_instruction, before or 0)

    async def forget(self, consumer_id: str) -> int:
        """Wait for a consumer no longer; return what it had confirmed. Raises `CallError`.

        It is waited for until the list without it is on disk: what cannot be written changes
        nothing. One that confirms meanwhile is known anew.
        """
        async with self._forgetting:
            confirmed = self._confirmed.get(consumer_id)
            if confirmed is None:
                raise CallError(CallReason.CONSUMER_NOT_FOUND, consumer_id=_shown(consumer_id))
            self._left_out = consumer_id
            self._version += 1
            try:
                await self._write_for_caller()
                if self._left_out is not None:
                    self._left_out = None
                    del self._confirmed[consumer_id]
                    self._unwritten.discard(consumer_id)
            finally:
                self._keep()
            return confirmed

    def _keep(self) -> None:
        """Have the consumer that was being forgotten in what is written next, if there is one."""
        if self._left_out is not None:
            self._left_out = None
            self._version += 1

    async def write(self) -> None:
        """Write what has changed since the last time, if anything; raises OSError.

        Whoever comes while the list is written shares the next one.
        """
        async with self._writing:
            version, confirmed = self._version, self._listed()
            if version == self._written_version:
                return
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._thread, self._file.write, confirmed)
            self._written_version = version
            self._unwritten -= confirmed.keys()

    def close(self) -> None:
        """Write what has changed and end the thread; raises OSError."""
        try:
            if self._version != self._written_version:
                self._thread.submit(self._file.write, self._listed()).result()
                self._written_version = self._version
        finally:
            self._thread.shutdown()

    def _listed(self) -> dict[str, int]:
        """Return what is to be on disk."""
        return {name: last for name, last in self._confirmed.items() if name != self._left_out}

    async def _write_for_caller(self) -> None:
        """Write before the caller is answered; what failed is tried again with the next change."""
        try:
            await self.write()
        except OSError as error:
            raise CallError(CallReason.CONSUMERS_NOT_WRITTEN, cause=str(error)) from error

    def _check_room(self, consumer_id: str) -> None:
        if len(self._confirmed) >= CONSUMERS_MAX:
            raise CallError(
                CallReason.TOO_MANY_CONSUMERS, consumer_id=_shown(consumer_id), limit=CONSUMERS_MAX
            )


def _check_id(consumer_id: str) -> None:
    is_text = consumer_id.isascii() and consumer_id.isprintable()
    if not (is_text and 0 < len(consumer_id) <= CONSUMER_ID_LENGTH_MAX):
        allowed = f"1 to {CONSUMER_ID_LENGTH_MAX} printable ASCII characters"
        raise invalid_field("consumer_id", _shown(consumer_id), allowed)


def _shown(consumer_id: str) -> str:
    """Return an id as it may stand in a message, whatever it is."""
    shown = ascii(consumer_id)
    return shown if len(shown) <= CONSUMER_ID_LENGTH_MAX + 2 else f"{len(consumer_id)} characters"
