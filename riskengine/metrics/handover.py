"""Hand the engine's snapshot from the event loop's thread to the scrape's thread.

Each call into the core is atomic, since it holds the interpreter lock; but a snapshot is several
calls, and between two of them the event loop may apply a command: open interest of one instant
beside the counters of another. So the loop itself takes the snapshot, between two commands, and
the scrape waits for it. A loop that does not answer in time is told apart from one that does.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError

from riskengine.metrics.snapshot import EngineSnapshot

SnapshotProvider = Callable[[], EngineSnapshot | None]
"""Returns None when the engine did not answer in time; called on the scrape's thread."""


class LateSnapshotProvider:
    """Give no snapshot until there is an engine: `provider` is set once it has recovered."""

    def __init__(self) -> None:
        self.provider: SnapshotProvider | None = None

    def __call__(self) -> EngineSnapshot | None:
        """Return a snapshot, or None."""
        return None if self.provider is None else self.provider()


class LoopSnapshotProvider:
    """Take snapshots on an event loop that runs in another thread.

    `timeout_seconds` is how long a scrape waits; keep it well below Prometheus' scrape timeout.
    A question that was given up is not answered later: a stuck loop finds no heap of them.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        take: Callable[[], EngineSnapshot],
        timeout_seconds: float = 2.0,
    ) -> None:
        self._loop = loop
        self._take = take
        self._timeout_seconds = timeout_seconds

    def __call__(self) -> EngineSnapshot | None:
        """Return a snapshot, or None if the loop is closed or gave no answer in time."""
        answer: Future[EngineSnapshot] = Future()
        try:
            self._loop.call_soon_threadsafe(self._answer, answer)
        except RuntimeError:
            return None
        try:
            return answer.result(self._timeout_seconds)
        except FutureTimeoutError:
            # Fails when the loop has begun to answer, which then goes to nobody.
            answer.cancel()
            return None

    def _answer(self, answer: Future[EngineSnapshot]) -> None:
        if not answer.set_running_or_notify_cancel():
            return
        try:
            answer.set_result(self._take())
        except BaseException as error:  # noqa: BLE001 - the scrape's thread raises it
            answer.set_exception(error)
