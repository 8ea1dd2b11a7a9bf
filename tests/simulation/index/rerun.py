"""Run a script of commands through index and scan: python -m tests.simulation.index.rerun FILE."""

import sys
from pathlib import Path

from tests.simulation.commands import read_script
from tests.simulation.index.pair import Pair


def main(path: Path) -> None:
    pair = Pair(audit_every=1)
    for number, command in enumerate(read_script(path)):
        try:
            pair.apply(command)
        except AssertionError:
            sys.stderr.write(f"command {number}: {command}\n")
            raise
    pair.finish()
    sys.stdout.write(pair.index.state_hash() + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
