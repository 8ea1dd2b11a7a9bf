"""Whether the service takes calls: open, then shutting down or failed, and never back.

Meanwhile it may pause: calls are refused until it goes on, and what was taken waits.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from riskengine.service.errors import CallError, CallReason
from riskengine.service.gate import Gate


class CallsUnderWay:
    """Count a call as long as the body of a `with` lasts."""

    def __init__(self) -> None:
        self._calls = 0
        self._gate = Gate()

    def __enter__(self) -> None:
        self._calls += 1

    def __exit__(self, *_error: object) -> None:
        self._calls -= 1
        self._gate.look()

    async def idle(self) -> None:
        """Return when there is none."""
        await self._gate.until(lambda: not self._calls)


class Availability:
    """Hold why calls are refused, None while they are taken; used on the event loop alone."""

    def __init__(self) -> None:
        self.refusal: CallError | None = None
        self._pause: CallError | None = None
        self._listeners: Counter[Callable[[], object]] = Counter()
        """How many wait for each; callers may share one."""
        self.under_way = CallsUnderWay()

    def check(self) -> None:
        """Raise `CallError` unless calls are taken."""
        if self.refusal is not None:
            raise self.refusal_now()
        if self._pause is not None:
            raise self._pause.fresh()

    def pause(self, refusal: CallError) -> None:
        """Refuse calls until `resume`."""
        self._pause = refusal

    def resume(self) -> None:
        """Take calls again."""
        self._pause = None

    def refusal_now(self) -> CallError:
        """Return why calls are refused, as an error to raise; they must be refused."""
        assert self.refusal is not None
        return self.refusal.fresh()

    async def idle(self) -> None:
        """Return when no call is under way."""
        await self.under_way.idle()

    def shut_down(self) -> None:
        """Take no more calls; what was taken is still answered."""
        self._close(CallError(CallReason.SHUTTING_DOWN))

    def fail(self, cause: BaseException) -> None:
        """Take no more calls: the journal has failed for good."""
        self._close(CallError(CallReason.JOURNAL_FAILED, cause=str(cause)))

    @property
    def has_failed(self) -> bool:
        """Return whether the journal failed."""
        refusal = self.refusal
        return refusal is not None and refusal.reason is CallReason.JOURNAL_FAILED

    @contextmanager
    def notify(self, listener: Callable[[], object]) -> Iterator[None]:
        """Call `listener` when calls are no longer taken, at once if that is so already."""
        if self.refusal is not None:
            listener()
        self._listeners[listener] += 1
        try:
            yield
        finally:
            self._listeners[listener] -= 1
            if not self._listeners[listener]:
                del self._listeners[listener]

    def _close(self, refusal: CallError) -> None:
        self.refusal = refusal
        for listener in list(self._listeners):
            listener()
