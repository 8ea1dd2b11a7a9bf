"""The bound of what is taken and not yet durable: a full queue makes submitters wait."""

from riskengine.metrics.statistics import Statistics
from riskengine.service.gate import Gate


class FlowControl:
    """Hold submitters back while the queue is full; used on the event loop alone.

    Each limit is passed by at most one command, the last that found room.
    """

    def __init__(self, statistics: Statistics, *, max_records: int, max_bytes: int) -> None:
        self._statistics = statistics
        self._max_records = max_records
        self._max_bytes = max_bytes
        self.is_full = False
        self._gate = Gate()

    async def room(self) -> None:
        """Return when there is room; who came first goes first."""
        self._statistics.waiting_submitters += 1
        try:
            await self._gate.until(lambda: not self.is_full)
        finally:
            self._statistics.waiting_submitters -= 1

    def note_queued(self, records: int, size_bytes: int) -> None:
        """Note how much is queued after a command was taken."""
        self._statistics.journal_queue_commands = records
        self._statistics.journal_queue_bytes = size_bytes
        self.is_full = records >= self._max_records or size_bytes >= self._max_bytes

    def release(self, records: int, size_bytes: int) -> None:
        """Note how much is queued after some became durable, and let submitters go on."""
        self.note_queued(records, size_bytes)
        self._gate.look()

    def open(self) -> None:
        """Let all submitters look again."""
        self.is_full = False
        self._gate.look()
