"""Bars on a terminal while a tool reads or writes much, and nothing elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from rich.console import Console

from riskengine.persistence import ReadProgress
from riskengine.progress import shown_progress

Steps = Callable[[str], AbstractContextManager[ReadProgress | None]]
"""Give the progress of a step that is named; None where nobody looks."""


@contextmanager
def unseen(_step: str) -> Iterator[ReadProgress | None]:
    """Show nothing."""
    yield None


def steps_on(console: Console) -> Steps:
    """Show bars on a console if it is a terminal."""
    if not console.is_terminal:
        return unseen

    @contextmanager
    def shown(step: str) -> Iterator[ReadProgress | None]:
        with shown_progress(step, console) as update:
            yield update

    return shown
