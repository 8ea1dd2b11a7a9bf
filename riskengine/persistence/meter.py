"""Progress over a long read, reported about once a chunk so that it costs nothing a record."""

from riskengine.persistence.command_log import ReadProgress

STEP_BYTES = 1 << 20


class Meter:
    """Report bytes done out of a total; `base_bytes` is what earlier segments came to."""

    def __init__(self, progress: ReadProgress | None, total_bytes: int) -> None:
        self.base_bytes = 0
        self._progress = progress
        self._total_bytes = total_bytes
        self._next_bytes = STEP_BYTES

    def reach(self, offset: int) -> None:
        """Note the offset reached in the current segment."""
        done_bytes = self.base_bytes + offset
        if done_bytes >= self._next_bytes:
            self._next_bytes = done_bytes + STEP_BYTES
            if self._progress is not None:
                self._progress(done_bytes, self._total_bytes)

    def finish(self) -> None:
        """Report the whole as done."""
        if self._progress is not None:
            self._progress(self._total_bytes, self._total_bytes)
