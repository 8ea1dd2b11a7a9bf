"""How often a caller may call: as its entry in the file of credentials says, if it does.

What the books need from outside is never refused for that: trades, marks, reports, deposits, and
streams. A caller that asks too much is refused questions and all else, and nobody but it.
"""

from collections.abc import Callable
from time import monotonic_ns

from riskengine.service.credentials import Caller
from riskengine.service.errors import CallError, CallReason
from riskengine.units import NANOS_PER_MILLI, NANOS_PER_SECOND


class Rates:
    """Hold each caller to its rate; a second's calls may come at once. On the event loop alone."""

    def __init__(self, now_nanos: Callable[[], int] = monotonic_ns) -> None:
        self._now_nanos = now_nanos
        self._due_nanos: dict[str, int] = {}
        """By caller, when all its calls so far would have been made at its rate."""

    def take(self, caller: Caller) -> None:
        """Count a call; raises `CallError` when it comes too soon."""
        if caller.calls_per_second is None:
            return
        now_nanos = self._now_nanos()
        step_nanos = NANOS_PER_SECOND // caller.calls_per_second
        due_nanos = max(self._due_nanos.get(caller.name, 0), now_nanos) + step_nanos
        early_nanos = due_nanos - now_nanos - NANOS_PER_SECOND
        if early_nanos > 0:
            raise CallError(
                CallReason.TOO_MANY_OF_CALLER,
                caller=caller.name,
                limit=caller.calls_per_second,
                retry_millis=-(-early_nanos // NANOS_PER_MILLI),
            )
        self._due_nanos[caller.name] = due_nanos

    def keep(self, names: frozenset[str]) -> None:
        """Forget callers that there are no more."""
        self._due_nanos = {name: due for name, due in self._due_nanos.items() if name in names}
