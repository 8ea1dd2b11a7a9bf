"""Compare this checkout with a revision in one interleaved run: `make bench-compare BASE=revision`.

The revision is taken out of the repository into build/compare, built there, and measured by its own
benchmarks, section by section beside this checkout's: one of the two runs at a time, until it has
timed a part (see `taking_turns`), so that what the machine's other users do meets both alike. A row
is the median over its runs. Sections that have a worse row are measured again, twice at most, and
the medians are then those of all runs: of many rows some are worse by chance, and what is worse
stays so. Both run in the same Python environment; the core that each imports is checked to be its
own.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from loadtests.bench.comparison import Comparison, Limits, Runs, comparison_lines
from loadtests.bench.taking_turns import TOKEN

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build"
BUILT = ".built"
TAKING_TURNS = Path(__file__).with_name("taking_turns.py")
RUNS = 3
TIMES_AGAIN = 2
WORST_RATIO, MOST_POSITION_BYTES = 1.10, 176.0

ASK = """
import json
import riskengine.core.engine
from loadtests.bench import profiles, sections
print(json.dumps({
    "core": riskengine.core.engine.__file__,
    "profile": profiles.%s.to_text(),
    "sections": list(sections.SECTIONS),
    "needs": sections.NEEDS,
}))
"""


class CompareError(Exception):
    """Say why the two cannot be compared."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A built checkout with benchmarks of its own."""

    name: str
    path: Path

    def run(self, *arguments: str) -> str:
        """Run Python in the tree and return what it prints; raises CompareError."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.path,
            env=os.environ | {"PYTHONPATH": str(self.path)},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CompareError(f"{self.name}: python {arguments[0]} ended with {done.returncode}")
        return done.stdout

    def begin(self, name: str, profile: str, work: Path) -> "Running":
        """Begin one of its sections in a process of its own, which waits for its first turn."""
        output = work / f"{name}.json"
        (from_us, to_it), (from_it, to_us) = os.pipe(), os.pipe()
        arguments = (str(from_us), str(to_us), name, profile, str(work), str(output))
        process = subprocess.Popen(
            [sys.executable, "-P", str(TAKING_TURNS), *arguments],
            cwd=self.path,
            env=os.environ | {"PYTHONPATH": str(self.path)},
            stdout=subprocess.DEVNULL,
            pass_fds=(from_us, to_us),
        )
        os.close(from_us)
        os.close(to_us)
        return Running(f"{self.name}: section {name}", process, to_it, from_it, output)

    def plan(self, profile: str) -> "Plan":
        """Ask the tree what it measures; raises CompareError when it imports another's core."""
        said = json.loads(self.run("-c", ASK % profile))
        core = Path(said["core"])
        if not core.is_relative_to(self.path):
            raise CompareError(f"{self.name} imports the core of {core}")
        return Plan(said["profile"], said["sections"], said["needs"])


@dataclass(frozen=True, slots=True)
class Running:
    """A section that runs in turns; its descriptors are closed once it has ended."""

    name: str
    process: subprocess.Popen[bytes]
    to_it_fd: int
    from_it_fd: int
    output: Path

    def take_turn(self) -> bool:
        """Let it run until it has timed a part; return False once it has ended."""
        with suppress(BrokenPipeError):
            os.write(self.to_it_fd, TOKEN)
        return bool(os.read(self.from_it_fd, 1))

    def end(self) -> dict[str, float]:
        """Return its results once it has ended; raises CompareError when it failed."""
        if code := self.process.wait():
            raise CompareError(f"{self.name} ended with {code}")
        results: dict[str, float] = json.loads(self.output.read_text())
        return results

    def close(self) -> None:
        """End it if it has not ended."""
        os.close(self.to_it_fd)  # who waits for a turn ends by this
        self.process.wait()
        os.close(self.from_it_fd)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a tree measures: its profile and sections, and which section needs which before it."""

    profile: str
    sections: Sequence[str]
    needs: Mapping[str, str]

    def units(self) -> list[list[str]]:
        """Return the sections in order, those that need each other together."""
        needed = set(self.needs.values())
        return [
            [self.needs[name], name] if name in self.needs else [name]
            for name in self.sections
            if name not in needed
        ]


def check_same_work(here: Plan, base: Plan) -> None:
    """Raise CompareError when rows of the same name would mean something else."""
    ours, theirs = json.loads(here.profile), json.loads(base.profile)
    differing = sorted(key for key in ours.keys() & theirs.keys() if ours[key] != theirs[key])
    if differing:
        raise CompareError(f"the profiles differ in {', '.join(differing)}")


def checked_out(revision: str) -> Tree:
    """Return the built tree of a revision; raises CompareError when there is none."""
    full = _git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").decode().strip()
    path = BUILD / "compare" / full
    tree = Tree(revision, path)
    if not (path / BUILT).exists():
        path.mkdir(parents=True, exist_ok=True)
        with tarfile.open(fileobj=BytesIO(_git("archive", full))) as archive:
            archive.extractall(path, filter="data")
        _note(f"building {revision} in {path.relative_to(ROOT)}")
        jobs = len(os.sched_getaffinity(0))
        tree.run("setup.py", "--quiet", "build_ext", "--inplace", f"-j{jobs}")
        (path / BUILT).touch()
    return tree


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: its tree, what that measures, and what was measured."""

    tree: Tree
    plan: Plan
    runs: Runs
    unit_of: dict[str, tuple[str, ...]]
    """The sections, run together, that give a row."""

    @classmethod
    def of(cls, tree: Tree, profile: str) -> "Side":
        """Ask a tree for its plan."""
        return cls(tree, tree.plan(profile), {}, {})

    def begin(self, name: str, work: Path) -> Running:
        """Begin a section in a folder of this side's."""
        folder = work / self.tree.name
        folder.mkdir(exist_ok=True)
        return self.tree.begin(name, self.plan.profile, folder)

    def keep(self, unit: Sequence[str], results: Mapping[str, float]) -> None:
        """Keep the results of a section of these, which were run together."""
        for key, value in results.items():
            self.runs.setdefault(key, []).append(value)
            self.unit_of[key] = tuple(unit)


def measure(
    here: Side, base: Side, wanted: Sequence[str], runs: int, *, base_first: bool = False
) -> None:
    """Run what both measure side by side; raises CompareError."""
    common = [unit for unit in here.plan.units() if unit in base.plan.units()]
    if unknown := set(wanted).difference(*common):
        raise CompareError(f"both have no section {', '.join(sorted(unknown))}")
    for unit in common:
        if wanted and not set(unit) & set(wanted):
            continue
        for run in range(runs):
            sides = (here, base) if (run + base_first) % 2 == 0 else (base, here)
            first, second = (side.tree.name for side in sides)
            _note(f"{' and '.join(unit)}: run {run + 1} of {runs}, {first} beside {second}")
            run_unit(sides, unit)


def run_unit(sides: Sequence[Side], unit: Sequence[str]) -> None:
    """Run sections, one after the other, on both sides in turns, and keep their results."""
    with TemporaryDirectory(prefix="run-", dir=BUILD) as work:
        for name in unit:
            with ExitStack() as stack:
                running = []
                for side in sides:
                    running.append(side.begin(name, Path(work)))
                    stack.callback(running[-1].close)
                take_turns(running)
                for side, section in zip(sides, running, strict=True):
                    side.keep(unit, section.end())


def take_turns(running: Sequence[Running]) -> None:
    """Let sections run in turns until all have ended."""
    left = list(running)
    while left:
        left = [section for section in left if section.take_turn()]


def compare(here: Side, base: Side, options: argparse.Namespace) -> Comparison:
    """Measure both, what is worse again, and return the comparison; raises CompareError."""
    limits = Limits(options.worst_ratio, options.most_position_bytes, re.compile(options.rows))
    measure(here, base, options.only or (), options.runs)
    comparison = Comparison.of(here.runs, base.runs, limits)
    for time in range(TIMES_AGAIN):
        doubtful = {here.unit_of[key] for key in comparison.worse}
        if not doubtful:
            break
        _note(f"worse so far, measured again: {', '.join(comparison.worse)}")
        names = sorted(name for unit in doubtful for name in unit)
        measure(here, base, names, options.runs, base_first=time % 2 == 0)
        comparison = Comparison.of(here.runs, base.runs, limits)
    return comparison


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare and print the rows; return 1 if one is worse than the limits, 2 on failure."""
    options = _parser().parse_args(arguments)
    profile = "QUICK" if options.quick else "FULL"
    BUILD.mkdir(exist_ok=True)
    try:
        here, base = (
            Side.of(tree, profile) for tree in (Tree("here", ROOT), checked_out(options.base))
        )
        check_same_work(here.plan, base.plan)
        comparison = compare(here, base, options)
    except CompareError as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(comparison_lines(comparison, options.base)))
    return 1 if comparison.is_worse else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m loadtests.bench.compare", description=__doc__)
    parser.add_argument("base", help="revision to compare with")
    parser.add_argument("--quick", action="store_true", help="up to 100,000 accounts")
    parser.add_argument("--runs", type=_runs, default=RUNS, help="of each of the two; 3")
    parser.add_argument("--only", action="append", metavar="SECTION", help="may be repeated")
    parser.add_argument("--rows", default="", metavar="REGEX", help="the rows that are held")
    parser.add_argument("--worst-ratio", type=float, default=WORST_RATIO)
    parser.add_argument("--most-position-bytes", type=float, default=MOST_POSITION_BYTES)
    return parser


def _runs(text: str) -> int:
    runs = int(text)
    if runs < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return runs


def _git(*arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        raise CompareError(f"git {' '.join(arguments)}: {done.stderr.decode() or 'not found'}")
    return done.stdout


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
