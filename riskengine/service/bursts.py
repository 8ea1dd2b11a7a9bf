"""Batches of one stream on their way to the core: several at once while more come.

The core works on more memory than a processor's caches hold, so after it all that receives, reads
and answers a batch must be fetched anew. A burst pays for that once.
"""

import asyncio

from riskengine.machine.command import Received

BURST_BATCHES = 8
BURST_ROWS = 8_000
"""More do not go together, for other calls wait until the core is done with a burst."""

PAUSE_SECONDS = 0.001
"""How long the first batch of a burst waits for the others at most."""


class Burst:
    """Hold batches until they are taken together; used on the event loop alone.

    `is_due` is set when the first of them has waited long enough.
    """

    def __init__(self) -> None:
        self.is_due = asyncio.Event()
        self._held: list[Received] = []
        self._rows = 0
        self._timer: asyncio.TimerHandle | None = None

    def has_room(self, received: Received) -> bool:
        """Return whether the batch may join those that are held; it may if there are none."""
        return not self._held or self._rows + _rows(received) <= BURST_ROWS

    def add(self, received: Received) -> None:
        """Hold a batch with those before it."""
        self._held.append(received)
        self._rows += _rows(received)

    @property
    def is_full(self) -> bool:
        """Return whether no other may join."""
        return len(self._held) >= BURST_BATCHES or self._rows >= BURST_ROWS

    def pause(self) -> None:
        """Wait for others, which does not prolong a pause under way."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(PAUSE_SECONDS, self.is_due.set)

    def take(self) -> list[Received]:
        """Return what is held, in order, and hold nothing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.is_due.clear()
        held, self._held, self._rows = self._held, [], 0
        return held


def _rows(received: Received) -> int:
    command = received.asked.command
    return command.rows if command else 0
