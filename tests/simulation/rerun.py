"""Run a script of commands through engine and oracle: python -m tests.simulation.rerun FILE."""

import sys
from pathlib import Path

from tests.simulation.commands import read_script
from tests.simulation.side_by_side import SideBySide


def main(path: Path) -> None:
    pair = SideBySide()
    for number, command in enumerate(read_script(path)):
        try:
            pair.apply(command)
        except AssertionError:
            sys.stderr.write(f"command {number}: {command}\n")
            raise
    sys.stdout.write(pair.engine.state_hash() + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
