"""Record journals with the code of this checkout: `python -m tests.recorded.record [NAME...]`.

A journal is what the code answered when it was recorded, so that later code can be held to it. To
add one, give it a line in `SOURCES`, check out the revision that is to be the rule, build it, and
run this there with the new name; `--revision` is written into the file and names the contract that
is kept beside it. What exists already is only written over when it is named. Commands of the
simulations that never went through a service become the requests that would ask for them.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import riskengine.api.v1
from riskengine.persistence import LogRecord
from riskengine.simulator.options import DemoOptions
from tests.recorded import bounds, edges, sources
from tests.recorded.compare import play
from tests.recorded.journal import (
    FOLDER,
    Header,
    Journal,
    contract_path,
    read_journal,
    recorded_names,
    write_journal,
)
from tests.recorded.recorder import Recorder
from tests.simulation.commands import Command

Source = Callable[[], Sequence[Command] | Sequence[LogRecord]]

DEMO = partial(DemoOptions, seconds=0.0, plain=True)
STATEFUL_SEEDS = range(1, 11)
SOAK_SEED = 1_000_000


def _sources() -> Iterator[tuple[str, str, Source]]:
    """Yield name, description and source of every journal."""
    for seed, accounts, step, policy in (
        (1, 1_500, 15, "queue"),
        (2, 1_000, 15, "pro_rata"),
        (3, 1_000, 20, "queue"),
    ):
        options = DEMO(seed=seed, accounts=accounts, step_seconds=step, policy=policy)
        about = f"demo, seed {seed}, {accounts} accounts, a step of {step} s, {policy}"
        yield f"demo-seed-{seed}", about, partial(sources.demo, options)
    for offset in range(6):
        seed, count = SOAK_SEED + offset, 1_000
        about = f"soak against the oracle, seed {seed}, its first {count} commands"
        yield f"soak-oracle-{seed}", about, partial(sources.walk, seed, count)
    for offset in range(8):
        seed, count = SOAK_SEED + offset, 600
        about = f"soak of the index, seed {seed}, its first {count} commands"
        yield f"soak-index-{seed}", about, partial(sources.index_walk, seed, count)
    about = "rankings of 250 accounts in a crash, seed 3, 200 commands"
    yield "rankings-seed-3", about, partial(sources.crowd, 3, 250, 200)
    about = "October path of the benchmarks, seed 2025, 1,500 accounts, a step of 15 s"
    yield "october", about, partial(sources.october, 1_500, 15, 2025)
    for folder in ("core", "scenarios"):
        about = f"what tests/{folder} does to engines, one after the other"
        yield f"tests-{folder}", about, partial(sources.tested, f"tests/{folder}")
    yield "edges", "accounts that stand an atom apart at each threshold", edges.edges
    yield "bounds", "each bound of the core, and one step past it", bounds.bounds
    yield "capacity", "as many funds and markets as there may be, and one more", bounds.capacity
    for seed in STATEFUL_SEEDS:
        about = f"stateful test, seed {seed}"
        yield f"stateful-{seed}", about, partial(sources.stateful, seed)


SOURCES = {name: (about, source) for name, about, source in _sources()}


def recorded(header: Header, commands: Iterable[Command | LogRecord]) -> Journal:
    """Return the journal of commands or of a service's records."""
    recorder = Recorder(header)
    for command in commands:
        if isinstance(command, LogRecord):
            recorder.record(command.kind, command.time_nanos, command.payload)
        else:
            recorder.command(command)
    return recorder.finish()


def main(arguments: Sequence[str] | None = None) -> int:
    """Record the journals named, or those that are missing."""
    parser = argparse.ArgumentParser(prog="python -m tests.recorded.record", description=__doc__)
    parser.add_argument("--revision", help="default: that of the checkout, which must be clean")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(SOURCES):
        parser.error(f"no source is called {', '.join(sorted(unknown))}")
    revision = options.revision or _clean_revision()
    missing = [name for name in SOURCES if name not in recorded_names()]
    FOLDER.mkdir(parents=True, exist_ok=True)
    contract_path(revision).write_bytes(_descriptors())
    for name in options.names or missing:
        about, source = SOURCES[name]
        path = write_journal(recorded(Header(name, revision, about), source()))
        journal = read_journal(name)
        play(journal)
        _say(journal, path)
    return 0


def _descriptors() -> bytes:
    (folder,) = riskengine.api.v1.__path__
    return (Path(folder) / "riskengine.binpb").read_bytes()


def _clean_revision() -> str:
    """Return the revision that this code is, in short; raises ValueError when it is none."""
    changed = _git("status", "--porcelain", "--", "riskengine", "ext", "proto")
    if changed:
        raise ValueError(f"this code is no revision's: {changed}")
    return _git("rev-parse", "--short=7", "HEAD")


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _say(journal: Journal, path: Path) -> None:
    instructions = sum(len(entry.instructions) for entry in journal.entries)
    size = path.stat().st_size
    sys.stdout.write(
        f"{journal.header.name}: {len(journal.entries)} entries, {instructions} instructions, "
        f"{size} bytes\n"
    )


if __name__ == "__main__":
    sys.exit(main())
