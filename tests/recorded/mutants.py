"""Show that the recorded journals see small changes: `make same-events-mutants`.

Each mutant is a copy of this tree in which one constant of the core is one larger, or one rounding
or comparison is the other one. It is built and plays the journals. A mutant that changes what the
engine says must be caught; one that changes only how much work it does must not.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
COPIED = ("ext", "loadtests", "proto", "riskengine", "tests", "pyproject.toml", "setup.py")
CORE = Path("ext/riskengine/core")
PATIENCE_SECONDS = 1_800


class MutantError(Exception):
    """Say that a mutant's place is not in the core, or more than once."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A text that stands once in the core, as a regular expression, and what is put there.

    `seen`: whether it changes what the engine says.
    """

    name: str
    pattern: str
    replacement: str
    seen: bool = True

    def apply(self, tree: Path) -> None:
        """Change the one place; raise `MutantError` when it is not one."""
        places = [
            (path, match)
            for path in sorted((tree / CORE).rglob("*.p[xy][dx]"))
            for match in re.finditer(self.pattern, path.read_text(), re.MULTILINE)
        ]
        if len(places) != 1:
            raise MutantError(f"{self.name}: {self.pattern!r} is found {len(places)} times")
        path, match = places[0]
        text = path.read_text()
        made = match.expand(self.replacement)
        path.write_text(text[: match.start()] + made + text[match.end() :])


def larger(name: str, *, seen: bool = True) -> Mutant:
    """Return the mutant in which an enumerator is one larger."""
    return Mutant(name, rf"^(\s+{name} = )([^#\n]+)", r"\1(\2) + 1", seen)


def larger_static(name: str) -> Mutant:
    """Return the mutant in which a constant of 64 bits is one larger."""
    return Mutant(name, rf"(RISKENGINE_{name} = )([^;]+);", r"\1\2 + 1;")


WORK_ALONE = (
    *("RESERVE_PART", "HEDGE_PART", "REFERENCE_SHARE", "WANTED_MORE", "WANTED_BITS", "SAMPLE_BITS"),
    *("SHORTEST_PPM", "MOST_BEHIND"),
)
"""How wide bands are, and how many holders are looked at."""

BOUNDS = (
    *("MAX_MARKETS", "MAX_FUNDS", "MAX_TIERS", "MAX_ROWS", "MAX_LEGS_PER_ACCOUNT"),
    *("MAX_SYMBOL_LENGTH", "MAX_FUND_ID", "MAX_STEP", "MAX_MULTIPLIER_EXPONENT"),
    *("MAX_REJECTIONS_KEPT", "MAX_FEE_PPM", "MAX_DELAY_MILLIS"),
)
WIDE_BOUNDS = ("MAX_ID", "MAX_NOTIONAL_ATOMS", "MAX_BALANCE_ATOMS", "MAX_SIDE_TOTAL_LOTS")


def turned(name: str, before: str, sign: str, after: str, other: str) -> Mutant:
    """Return the mutant in which a comparison is the other one at equality."""
    return Mutant(name, rf"({before}){sign}({after})", rf"\g<1>{other}\2")


MUTANTS = (
    Mutant("take-over level", r"(take_over_ppm = )666_667", r"\g<1>666_668"),
    Mutant("buffer", r"(liquidation_buffer_ppm = )(\d\w+)", r"\1\2 + 1"),
    Mutant("margin call level", r"(margin_call_ppm = )(\d\w+)", r"\1\2 + 1"),
    Mutant(
        "bankruptcy quote an atom less",
        r"(\) - )(mul_div_floor\(risk\.equity_atoms, release)",
        r"\g<1>1 - \2",
    ),
    Mutant("dust an atom more", r"< (market\.(?:rules\.)?dust_notional_atoms)", r"< \1 + 1"),
    Mutant("fee an atom more", r"(return )(mul_div_ceil\(\s+lots_value)", r"\g<1>1 + \2"),
    Mutant(
        "holder spares an atom",
        r"(else free_equity\(risk\) - paid_between\(desk\.running\.between, share\.account\))",
        r"\1 - 1",
    ),
    Mutant("discount a part more", r"(rules\.discount_ppm)(,\n\s+PPM,)", r"\1 + 1\2"),
    Mutant(
        "no gap",
        r"return market\.now\.previous_unit_value_atoms",
        "return market.now.unit_value_atoms",
    ),
    Mutant("least close a lot short", r"enough - too_little > 1", "enough - too_little > 2"),
    Mutant("withdrawable an atom less", r"(risk\.equity_atoms - kept)\)", r"\1 - 1)"),
    turned("gate closed", r"return found_loss\(books, gates, asset\) ", ">", " gate_level", ">="),
    turned("cleared", r"return surplus\(risk, \S+\.margin_call_clear_ppm\) ", ">=", " 0", ">"),
    turned("liquidatable", r"return free_equity\(risk\) ", "<", " 0", "<="),
    turned("called", r"return surplus\(risk, \S+\.margin_call_ppm\) ", "<", " 0", "<="),
    turned("taken over", r"return surplus\(risk, \S+\.take_over_ppm\) ", "<", " 0", "<="),
    Mutant("fund can carry", r"not is_liquidatable\((what_if\(.*)\)$", r"free_equity(\1) > 0"),
    turned("recovered", r"return surplus\(risk, recovery_ppm\(books\)\) ", ">=", " 0", ">"),
    turned("sliced", r"\.close_lots ", ">", " slice_lots", ">="),
    turned("least close", r"weight \* release\(books, leg, middle\) ", ">=", " need", ">"),
    turned("order accepted", r"return risk\.equity_atoms ", "<", " initial_atoms", "<="),
    turned("tier at its floor", r"floor_atoms ", "<=", " notional_atoms", "<"),
    turned("deadline reached", r"next_timer\([\w.]+\) ", "<=", r" [\w.]+time_nanos", "<"),
    *(larger(name) for name in ("PPM", "NANOS_PER_MILLI", "SCORE_PART_BITS", *BOUNDS)),
    *(larger_static(name) for name in WIDE_BOUNDS),
    *(larger(name, seen=False) for name in WORK_ALONE),
)


def play(mutant: Mutant, work: Path) -> list[tuple[str, str]]:
    """Build a mutant and play the journals; return those that differ, and the first entry each."""
    tree = work / "tree"
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name)
        else:
            shutil.copy2(source, tree / name)
    for built in (ROOT / "build").glob("*.linux-*"):  # what is as it was is not compiled again
        shutil.copytree(built, tree / "build" / built.name)
    mutant.apply(tree)
    setup = tree / "setup.py"  # it need not be fast, and is built sooner so
    setup.write_text(setup.read_text().replace('"-O3"', '"-O1"'))
    _run(tree, "setup.py", "--quiet", "build_ext", "--inplace", f"-j{len(os.sched_getaffinity(0))}")
    where = _run(tree, "-c", "import riskengine.core.engine as it; print(it.__file__)")
    assert Path(where.stdout.strip()).is_relative_to(tree), where.stdout
    done = _run(tree, "-m", "tests.recorded.compare", check=False)
    if done.returncode not in (0, 1):
        raise MutantError(f"{mutant.name}: {done.stderr}")
    return re.findall(r"^journal (\S+): entry (\d+)", done.stdout, re.MULTILINE)


def _run(tree: Path, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"PYTHONPATH": str(tree)}
    command = [sys.executable, *arguments]
    try:
        done = subprocess.run(
            command,
            cwd=tree,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise MutantError(f"{arguments[0]} does not end") from None
    if check and done.returncode:
        raise MutantError(f"{arguments[0]} ended with {done.returncode}: {done.stderr}")
    return done


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the mutants named, or all; return 1 if one is not seen as it should be."""
    parser = argparse.ArgumentParser(prog="python -m tests.recorded.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args(arguments)
    chosen = [one for one in MUTANTS if not options.names or one.name in options.names]
    if missing := set(options.names) - {one.name for one in chosen}:
        parser.error(f"no mutant is called {', '.join(sorted(missing))}")
    wrong = 0
    for mutant in chosen:
        with TemporaryDirectory(prefix="mutant-") as work:
            found = play(mutant, Path(work))
        is_right = bool(found) is mutant.seen
        wrong += not is_right
        verdict = "" if is_right else "WRONG: "
        first = f", first in {found[0][0]}, entry {found[0][1]}" if found else ""
        sys.stdout.write(f"{verdict}{mutant.name}: seen by {len(found)} journals{first}\n")
        sys.stdout.flush()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
