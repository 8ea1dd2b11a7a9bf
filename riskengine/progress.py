"""How far a long recovery is: a bar on a terminal, log lines elsewhere, nothing if it is short."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import structlog
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from riskengine.persistence import ReadProgress

SHORT_SECONDS = 1.0
LINE_SECONDS = 5.0

_LOG = structlog.get_logger("riskengine.recovery")


@contextmanager
def shown_progress(step: str, console: Console) -> Iterator[ReadProgress]:
    """Give a function that is told bytes done and bytes in all, and show them from time to time."""
    if console.is_terminal:
        with _bar(step, console) as update:
            yield update
    else:
        yield _lines(step)


@contextmanager
def _bar(step: str, console: Console) -> Iterator[ReadProgress]:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    progress = Progress(*columns, TimeRemainingColumn(), console=console, transient=True)
    task = progress.add_task(step, total=None)
    start = monotonic()

    def update(done_bytes: int, total_bytes: int) -> None:
        if not progress.live.is_started and monotonic() - start > SHORT_SECONDS:
            progress.start()
        progress.update(task, completed=done_bytes, total=total_bytes)

    try:
        yield update
    finally:
        progress.stop()


def _lines(step: str) -> ReadProgress:
    last = monotonic()

    def update(done_bytes: int, total_bytes: int) -> None:
        nonlocal last
        if monotonic() - last > LINE_SECONDS:
            last = monotonic()
            _LOG.info("recovery.progress", step=step, done_bytes=done_bytes, bytes=total_bytes)

    return update
