"""Shows a run while it goes on: a live picture, or plain lines."""

import time
from typing import Protocol

from rich.console import Console
from rich.live import Live

from riskengine.simulator.picture import picture
from riskengine.simulator.scene import Scene
from riskengine.simulator.tally import LONG, SHORT, Stage
from riskengine.simulator.wording import dollars, percent
from riskengine.units import PPM

PICTURES_PER_SECOND = 8
LINE_SECONDS = 5.0
MAX_NOTES = 60
"""Plain lines for notable events; later ones are left out, and their number is told."""


class View(Protocol):
    """Where a run shows itself."""

    def status(self, text: str, *, passing: bool = False) -> None:
        """Tell what is under way before the play begins; what passes is told where it can go."""

    def is_due(self) -> bool:
        """Tell whether a new scene is wanted by now."""

    def show(self, scene: Scene) -> None:
        """Show the present scene."""

    def note(self, text: str) -> None:
        """Tell a notable event."""

    def close(self) -> None:
        """Give the terminal back."""


class LiveView:
    """A picture that is drawn anew several times a second on the terminal's other screen."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._status = console.status("", spinner="dots")
        self._drawn = 0.0

    def status(self, text: str, *, passing: bool = False) -> None:
        """Show a spinner with the text."""
        self._status.update(text)
        self._status.start()

    def is_due(self) -> bool:
        """Tell whether the last picture is an eighth of a second old."""
        return time.monotonic() - self._drawn >= 1.0 / PICTURES_PER_SECOND

    def show(self, scene: Scene) -> None:
        """Draw the picture."""
        drawn = picture(scene, self._console.width, self._console.height)
        if self._live is None:
            self._status.stop()
            self._live = Live(drawn, console=self._console, screen=True, auto_refresh=False)
            self._live.start()
        self._live.update(drawn, refresh=True)
        self._drawn = time.monotonic()  # from its end: a slow terminal does not take all the time

    def note(self, text: str) -> None:
        """Leave it to the scene, which has the last notes."""

    def close(self) -> None:
        """Leave the other screen."""
        self._status.stop()
        if self._live is not None:
            self._live.stop()


class PlainView:
    """A line every few seconds and one for each notable event, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told = time.monotonic()
        self._notes = 0

    def status(self, text: str, *, passing: bool = False) -> None:
        """Write the text, unless it passes."""
        if not passing:
            self._line(text)

    def is_due(self) -> bool:
        """Tell whether the last line is some seconds old."""
        return time.monotonic() - self._told >= LINE_SECONDS

    def show(self, scene: Scene) -> None:
        """Write one line of numbers."""
        self._told = time.monotonic()
        self._line(plain_line(scene))

    def note(self, text: str) -> None:
        """Write the event, unless too many were written."""
        self._notes += 1
        if self._notes <= MAX_NOTES:
            self._line(f"  * {text}")

    def close(self) -> None:
        """Tell how many events were left out."""
        if self._notes > MAX_NOTES:
            self._line(f"  * and {self._notes - MAX_NOTES} more events")

    def _line(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


def plain_line(scene: Scene) -> str:
    """Return a scene in one line."""
    prices = " ".join(f"{market.name} {percent(market.change_ppm)}" for market in scene.markets)
    counts = [scene.closed[stage, LONG].count + scene.closed[stage, SHORT].count for stage in Stage]
    share = scene.fund_atoms / max(1, scene.fund_start_atoms)
    return (
        f"[{100 * scene.step // scene.steps:3d} %] {scene.clock[-8:]} {prices}"
        f" | margin calls {scene.margin_calls:,} | closed: orders {counts[0]:,},"
        f" taken over {counts[1]:,}, ADL {counts[2]:,}"
        f" | fund {dollars(scene.fund_atoms)} ({share * PPM / 10_000:.0f} %)"
        f" | decision p99 {scene.decision_millis[1]:.1f} ms"
    )
