"""Run the benchmarks: `make bench`, `make bench-quick`, `python -m loadtests.bench --help`."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from loadtests.bench.history import append_to_history
from loadtests.bench.machine import machine_lines, memory_read_ns
from loadtests.bench.profiles import FULL, QUICK, Profile, label
from loadtests.bench.report import MEMORY_KEY, Run, report
from loadtests.bench.sections import NEEDS, SECTIONS, SectionError, run_in_process
from loadtests.bench.targets import with_ratios

BUILD = Path("build")


def run_sections(profile: Profile, names: Sequence[str], build: Path) -> Run:
    """Run sections in turn, each in a process of its own; raises SectionError."""
    began, machine = perf_counter(), machine_lines()
    results: dict[str, float] = {}
    build.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="bench-", dir=build) as work:
        for name in names:
            print(f"{name} ...", file=sys.stderr, flush=True)
            results[f"{MEMORY_KEY}_{name}"] = memory_read_ns()
            results |= run_in_process(name, profile, Path(work))
    complete = with_ratios(results, label(profile.smallest), label(profile.largest))
    return Run(profile, machine, complete, perf_counter() - began)


def chosen_sections(wanted: Sequence[str] | None) -> list[str]:
    """Return the sections wanted and those that they need, in order; all when none is named."""
    if not wanted:
        return list(SECTIONS)
    needed = {*wanted, *(NEEDS[name] for name in wanted if name in NEEDS)}
    return [name for name in SECTIONS if name in needed]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, write build/bench.json and build/bench.md (or bench-quick), and print the tables.

    A whole run adds a line to bench-history.jsonl.
    """
    parser = argparse.ArgumentParser(prog="python -m loadtests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smaller run, of 100,000 accounts")
    parser.add_argument(
        "--only", action="append", choices=list(SECTIONS), help="a section; may be repeated"
    )
    options = parser.parse_args(arguments)
    profile = QUICK if options.quick else FULL
    try:
        run = run_sections(profile, chosen_sections(options.only), BUILD)
    except SectionError as error:
        print(error, file=sys.stderr)
        return 1
    text = report(run)
    if not options.only:
        name = "bench-quick" if options.quick else "bench"
        ordered = dict(sorted(run.results.items()))
        (BUILD / f"{name}.json").write_text(json.dumps(ordered, indent=1) + "\n")
        (BUILD / f"{name}.md").write_text(text)
        if profile is FULL:
            append_to_history(run)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
