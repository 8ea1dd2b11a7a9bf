"""A section that takes turns with another revision's: `compare` runs it in each of the two.

What ends a timed part in both, `timing.no_collector`, hands over as well, and waits until the other
has ended one of its own. So of the two one runs at a time, and what the machine's other users do
meets both alike, part by part. The script is this checkout's; all that it imports is the tree's.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

TOKEN = b"."


class Turns:
    """The turns of this process: it may run while it has the token."""

    def __init__(self, receive_fd: int, send_fd: int) -> None:
        self._receive_fd = receive_fd
        self._send_fd = send_fd

    def wait(self) -> None:
        """Return when it is this process's turn; end it when nobody gives turns any more."""
        if not os.read(self._receive_fd, 1):
            sys.exit("nobody gives turns any more")

    def hand_over(self) -> None:
        """Let the other run, and wait for the next turn."""
        os.write(self._send_fd, TOKEN)
        self.wait()


def main() -> None:
    """Run the section of the command line: two descriptors, then as `sections`."""
    turns = Turns(int(sys.argv[1]), int(sys.argv[2]))
    del sys.argv[1:3]
    turns.wait()
    from loadtests.bench import timing  # noqa: PLC0415 - even to import takes a turn

    untimed = timing.no_collector

    @contextmanager
    def timed_part() -> Iterator[None]:
        with untimed():
            yield
        turns.hand_over()

    timing.no_collector = timed_part
    from loadtests.bench import sections  # noqa: PLC0415 - its sections import what was replaced

    sections.main()


if __name__ == "__main__":
    main()
