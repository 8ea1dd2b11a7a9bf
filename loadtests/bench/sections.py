"""The sections of a run, each in a process of its own: `python -m loadtests.bench.sections`.

A section starts with nothing in memory, cannot disturb another, and can be pinned to a core.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from loadtests.bench.profiles import Profile

Results = dict[str, float]
Section = Callable[[Profile, Path], Results]

SECTIONS = {
    "columns": ("loadtests.bench.memory_section", "write_columns"),
    "memory": ("loadtests.bench.memory_section", "run"),
    "marks": ("loadtests.bench.mark_section", "run"),
    "trades": ("loadtests.bench.trade_section", "run"),
    "grpc": ("loadtests.bench.grpc_section", "run"),
    "replay": ("loadtests.bench.replay_section", "run"),
    "crash": ("loadtests.bench.crash_section", "run"),
    "wave": ("loadtests.bench.wave_section", "run"),
    "views": ("loadtests.bench.view_section", "run"),
    "stream": ("loadtests.bench.stream_section", "run"),
}
"""In the order in which they run: `memory` reads what `columns` wrote, `replay` what `grpc` did."""

NEEDS = {"memory": "columns", "replay": "grpc"}


class SectionError(Exception):
    """Say which section failed; its own output has the reason."""


def run_in_process(name: str, profile: Profile, work: Path) -> Results:
    """Run a section in a process of its own and return its results; raises SectionError."""
    output = work / f"{name}.json"
    arguments = (name, profile.to_text(), str(work), str(output))
    done = subprocess.run(
        [sys.executable, "-m", "loadtests.bench.sections", *arguments], check=False
    )
    if done.returncode:
        raise SectionError(f"section {name} ended with code {done.returncode}")
    results: Results = json.loads(output.read_text())
    return results


def run_here(name: str, profile: Profile, work: Path) -> Results:
    """Run a section in this process."""
    module, function = SECTIONS[name]
    section: Section = getattr(import_module(module), function)
    return section(profile, work)


def main() -> None:
    """Run the section of the command line and write its results."""
    name, profile, work, output = sys.argv[1:]
    results = run_here(name, Profile.from_text(profile), Path(work))
    Path(output).write_text(json.dumps(results))


if __name__ == "__main__":
    main()
