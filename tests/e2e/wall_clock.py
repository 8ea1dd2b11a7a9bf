"""A wall clock of a server that a test sets, while real time goes on."""

import subprocess
from pathlib import Path

from tests.e2e.server import Server

SOURCE = Path(__file__).with_name("wall_clock.c")


class WallClock:
    """Hold how far a server's wall clock is ahead; it may be stepped while the server runs."""

    def __init__(self, folder: Path) -> None:
        self._ahead = folder / "ahead"
        self._shim = folder / "wall_clock.so"
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", self._shim, SOURCE, "-ldl"], check=True)
        self.step_to(0)

    def step_to(self, ahead_seconds: int) -> None:
        """Have it be so far ahead of the world's time."""
        new = self._ahead.with_suffix(".new")
        new.write_text(str(ahead_seconds))
        new.replace(self._ahead)

    def give_to(self, server: Server) -> Server:
        """Have a server go by it from its next start on."""
        server.environment |= {"LD_PRELOAD": str(self._shim), "WALL_AHEAD": str(self._ahead)}
        return server
