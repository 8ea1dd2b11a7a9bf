"""Run a script of commands through index and scan: python -m tests.simulation.index.rerun FILE."""

import sys
from pathlib import Path

from tests.simulation.commands import read_script
from tests.simulation.index.interleaved import GO_ON, Straight
from tests.simulation.index.pair import Pair


def main(path: Path) -> None:
    commands = read_script(path)
    has_pieces = any(command.name == GO_ON for command in commands)
    pair = Straight() if has_pieces else Pair(audit_every=1)
    for number, command in enumerate(commands):
        try:
            pair.apply(command)
        except AssertionError:
            sys.stderr.write(f"command {number}: {command}\n")
            raise
    pair.finish()
    end = "work is pending" if pair.index.has_work else pair.index.state_hash()
    sys.stdout.write(end + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
