"""How far the log is durable, and who waits for it."""

from riskengine.service.errors import CallError
from riskengine.service.gate import Gate


class Durability:
    """Hold the last durable sequence; used on the event loop alone."""

    def __init__(self, sequence: int) -> None:
        self.sequence = sequence
        self._failure: CallError | None = None
        self._gate = Gate()

    async def wait(self, sequence: int) -> None:
        """Return when `sequence` is durable; raise `CallError` when it never will be."""
        if sequence <= self.sequence:
            return
        await self._gate.until(lambda: sequence <= self.sequence or self._failure)
        if sequence > self.sequence and self._failure is not None:
            raise self._failure.fresh()

    def reached(self, sequence: int) -> None:
        """Let go whoever waits for a sequence up to this one."""
        self.sequence = sequence
        self._gate.look()

    def fail(self, failure: CallError) -> None:
        """Fail all who wait, now and later."""
        self._failure = failure
        self._gate.look()
