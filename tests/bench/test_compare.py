"""Comparing two checkouts: medians, which way is worse, what is held, and the exit code."""

import json
import math
import os
import re
import subprocess
from pathlib import Path

import pytest

from loadtests.bench import compare
from loadtests.bench.compare import (
    CompareError,
    Plan,
    Running,
    Side,
    Tree,
    check_same_work,
    measure,
    take_turns,
)
from loadtests.bench.comparison import Comparison, Limits, Row, Runs, comparison_lines
from loadtests.bench.profiles import FULL, QUICK
from loadtests.bench.taking_turns import TOKEN

LIMITS = Limits(1.10, 176.0, re.compile(""))
NEEDS = {"memory": "columns"}


def compared(here: Runs, base: Runs, limits: Limits = LIMITS) -> Comparison:
    return Comparison.of(here, base, limits)


@pytest.mark.parametrize(
    ("key", "here", "base", "ratio"),
    [
        ("mark_us_mean_1m", [3.0, 1.0, 2.0], [1.0, 3.0], 1.0),
        ("mark_us_mean_1m", [2.2, 2.2, 99.0], [2.0, 2.0], 1.1),
        ("trades_per_s_core_1m", [50.0], [100.0], 2.0),
        ("trades_per_s_core_1m", [100.0], [50.0], 0.5),
        ("check_order_per_s", [80.0], [100.0], 1.25),
        ("mark_speedup_vs_numpy_1m", [80.0], [100.0], 1.25),
        ("hedged_recomputes_per_mark_1m", [0.0], [0.0], 1.0),
        ("hedged_recomputes_per_mark_1m", [0.1], [0.0], math.inf),
    ],
)
def test_a_ratio_above_one_is_worse(
    key: str, here: list[float], base: list[float], ratio: float
) -> None:
    assert Row(key, here, base).ratio == pytest.approx(ratio)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("mark_us_p999_1m", ""),
        ("replay_trades_per_s", ""),
        ("trades_per_s_grpc_durable", ""),
        ("hedged_recomputes_per_mark_1m", ""),
        ("bytes_per_position_1m", ""),
        ("mark_us_max_1m", "longest"),
        ("numpy_us_p50_1m", "peer"),
        ("trades_per_s_grpc_echo", "peer"),
        ("echo_roundtrip_ms_p50", "peer"),
        ("journal_sync_ms_p50", "peer"),
        ("crash_liquidations_1m", "work"),
        ("mark_orders_per_mark_1m", "work"),
        ("replay_trades", "work"),
        ("mark_100ppm_count_10k", "work"),
        ("hedged_positions_per_account_1m", "work"),
        ("mark_speedup_vs_scan_1m", "peer"),
    ],
)
def test_what_is_ours_is_held(key: str, kind: str) -> None:
    assert Row(key, [1.0], [1.0]).kind == kind


def test_a_row_is_worse_beyond_the_limit_alone() -> None:
    base = {"mark_us_mean_1m": [100.0], "replay_trades_per_s": [110.0]}
    assert not compared({"mark_us_mean_1m": [110.0], "replay_trades_per_s": [100.0]}, base).is_worse
    found = compared({"mark_us_mean_1m": [110.1], "replay_trades_per_s": [99.9]}, base)
    assert set(found.worse) == set(base)
    assert [row.key for row in found.rows] == ["replay_trades_per_s", "mark_us_mean_1m"]


def test_what_is_not_held_is_shown_and_not_worse() -> None:
    here = {"numpy_us_p50_1m": [9.0], "crash_bad_debts_1m": [3.0], "mark_us_mean_1m": [1.0]}
    base = {"numpy_us_p50_1m": [1.0], "crash_bad_debts_1m": [2.0], "mark_us_mean_1m": [1.0]}
    found = compared(here, base)
    assert not found.is_worse
    text = "\n".join(comparison_lines(found, "abc"))
    assert re.search(r"`numpy_us_p50_1m` .* 9.00 .* peer ", text)
    assert re.search(r"`crash_bad_debts_1m` .* work, differs ", text)
    assert text.endswith("1 rows held to 1.1 times, 176 bytes a position: none is worse")


def test_the_bytes_of_a_position_have_a_limit_of_their_own() -> None:
    def of(here: float, base: float) -> list[str]:
        return list(
            compared({"bytes_per_position_1m": [here]}, {"bytes_per_position_1m": [base]}).worse
        )

    assert of(176.0, 170.0) == []
    assert of(176.5, 176.5) == ["bytes_per_position_1m"]
    assert of(150.0, 100.0) == ["bytes_per_position_1m"]
    assert of(200.0, 100.0) == ["bytes_per_position_1m"]


def test_only_the_rows_that_are_asked_for_are_held() -> None:
    here, base = (
        {"mark_us_mean_1m": [9.0], "replay_trades_per_s": [1.0]},
        {
            "mark_us_mean_1m": [1.0],
            "replay_trades_per_s": [1.0],
        },
    )
    asked = Limits(1.1, 176.0, re.compile("^replay"))
    assert not compared(here, base, asked).is_worse
    assert "not asked" in "\n".join(comparison_lines(compared(here, base, asked), "abc"))


def test_nothing_compared_is_no_success() -> None:
    assert compared({}, {}).is_worse
    assert compared({"new_us": [1.0]}, {"old_us": [1.0]}).is_worse


def test_runs_that_overlap_are_told() -> None:
    text = "\n".join(
        comparison_lines(compared({"a_us": [1.0, 4.0, 5.0]}, {"a_us": [1.0, 2.0]}), "abc")
    )
    assert "WORSE, runs overlap" in text
    assert text.endswith("worse: a_us")


class MadeUpTree(Tree):
    """Begins sections that run for as many turns as their names have letters."""

    def begin(self, name: str, profile: str, work: Path) -> Running:
        assert work.is_dir()
        output = work / f"{name}.json"
        ran.append((self.name, name))
        output.write_text(json.dumps({f"{name}_us": float(len(ran))}))
        (from_us, to_it), (from_it, to_us) = os.pipe(), os.pipe()
        os.write(to_us, TOKEN * len(name))
        os.close(to_us)
        process = subprocess.Popen(["cat"], stdin=from_us, stdout=subprocess.DEVNULL)
        os.close(from_us)
        return Running(f"{self.name}: section {name}", process, to_it, from_it, output)


ran: list[tuple[str, str]] = []


@pytest.fixture
def sides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Side, Side]:
    ran.clear()
    monkeypatch.setattr(compare, "BUILD", tmp_path)
    monkeypatch.setattr(Running, "end", lambda section: json.loads(section.output.read_text()))
    plan = Plan(QUICK.to_text(), ["columns", "memory", "marks"], NEEDS)
    older = Plan(QUICK.to_text(), ["columns", "memory", "marks", "gone"], NEEDS)
    return (
        Side(MadeUpTree("here", tmp_path), plan, {}, {}),
        Side(MadeUpTree("base", tmp_path), older, {}, {}),
    )


def test_sections_are_run_side_by_side(sides: tuple[Side, Side], tmp_path: Path) -> None:
    measure(*sides, (), 2)
    assert ran == [
        *(("here", "columns"), ("base", "columns"), ("here", "memory"), ("base", "memory")),
        *(("base", "columns"), ("here", "columns"), ("base", "memory"), ("here", "memory")),
        *(("here", "marks"), ("base", "marks"), ("base", "marks"), ("here", "marks")),
    ]
    assert sides[0].runs == {"columns_us": [1, 6], "memory_us": [3, 8], "marks_us": [9, 12]}
    assert sides[1].runs == {"columns_us": [2, 5], "memory_us": [4, 7], "marks_us": [10, 11]}
    assert sides[0].unit_of["memory_us"] == ("columns", "memory")
    assert list(tmp_path.iterdir()) == []


STUB_TIMING = """
from contextlib import contextmanager

@contextmanager
def no_collector():
    yield
"""
STUB_SECTIONS = """
import json
import os
import sys

def main():
    from loadtests.bench.timing import no_collector
    name, parts, work, output = sys.argv[1:]
    with open("told", "a") as told:
        for part in range(int(parts)):
            with no_collector():
                print(name, part, file=told, flush=True)
    if name == "fails":
        sys.exit(3)
    json.dump({"parts": int(parts)}, open(output, "w"))
"""


@pytest.fixture
def stub(tmp_path: Path) -> Tree:
    """Return a tree whose sections tell into a file what they time."""
    folder = tmp_path / "loadtests" / "bench"
    folder.mkdir(parents=True)
    (folder / "timing.py").write_text(STUB_TIMING)
    (folder / "sections.py").write_text(STUB_SECTIONS)
    return Tree("stub", tmp_path)


def test_one_runs_at_a_time_until_it_has_timed_a_part(stub: Tree, tmp_path: Path) -> None:
    sections = [stub.begin(name, parts, tmp_path) for name, parts in (("a", "3"), ("b", "1"))]
    take_turns(sections)
    assert (tmp_path / "told").read_text().split() == ["a", "0", "b", "0", "a", "1", "a", "2"]
    assert [section.end() for section in sections] == [{"parts": 3}, {"parts": 1}]
    for section in sections:
        section.close()


def test_a_section_that_fails_is_named(stub: Tree, tmp_path: Path) -> None:
    section = stub.begin("fails", "0", tmp_path)
    take_turns([section])
    with pytest.raises(CompareError, match="stub: section fails ended with 3"):
        section.end()
    section.close()


def test_a_section_that_gets_no_turn_any_more_ends(stub: Tree, tmp_path: Path) -> None:
    section = stub.begin("a", "2", tmp_path)
    assert section.take_turn()
    section.close()
    assert section.process.returncode == 1
    assert (tmp_path / "told").read_text().split() == ["a", "0"]


def test_sections_can_be_chosen(sides: tuple[Side, Side]) -> None:
    measure(*sides, ("memory",), 2)
    assert {name for _, name in ran} == {"columns", "memory"}
    with pytest.raises(CompareError, match="both have no section gone"):
        measure(*sides, ("gone",), 2)


def test_other_profiles_are_not_compared() -> None:
    plans = [Plan(profile.to_text(), [], {}) for profile in (FULL, QUICK)]
    check_same_work(plans[0], plans[0])
    with pytest.raises(CompareError, match="the profiles differ in accounts, "):
        check_same_work(*plans)
    values = json.loads(FULL.to_text()) | {"new_setting": 1}
    check_same_work(plans[0], Plan(json.dumps(values), [], {}))


def test_a_tree_must_import_its_own_core(tmp_path: Path) -> None:
    here = Tree("here", compare.ROOT).plan("QUICK")
    units = [["columns", "memory"], ["marks"], ["trades"], ["grpc", "replay"]]
    units += [["crash"], ["wave"], ["views"], ["stream"]]
    assert here.units() == units
    (tmp_path / "loadtests").symlink_to(compare.ROOT / "loadtests")
    with pytest.raises(CompareError, match="bare imports the core of"):
        Tree("bare", tmp_path).plan("QUICK")


def test_a_tree_whose_benchmark_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(CompareError, match="broken: python -c ended with 3"):
        Tree("broken", tmp_path).run("-c", "raise SystemExit(3)")


def test_a_revision_that_is_not_there_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert compare.main(["no-such-revision"]) == 2
    assert "no-such-revision" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("here_us", "code", "times"),
    [((1.1,), 0, 1), ((1.2, 1.0), 0, 2), ((1.3, 1.2, 1.0), 1, 3), ((1.2, 1.2, 1.2), 1, 3)],
)
def test_the_exit_code_says_whether_a_row_stays_worse(
    here_us: tuple[float, ...],
    code: int,
    times: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[tuple[list[str], bool]] = []

    def made_up(
        here: Side, base: Side, wanted: list[str], runs: int, *, base_first: bool = False
    ) -> None:
        assert runs == 3
        for side, value in ((here, here_us[len(asked)]), (base, 1.0)):
            side.runs.setdefault("mark_us_mean_1m", []).append(value)
            side.unit_of["mark_us_mean_1m"] = ("marks",)
        asked.append((wanted, base_first))

    monkeypatch.setattr(compare, "checked_out", lambda name: Tree(name, compare.ROOT))
    monkeypatch.setattr(compare, "measure", made_up)
    assert compare.main(["abc", "--quick", "--runs", "3", "--only", "marks"]) == code
    out, err = capsys.readouterr()
    assert "| `mark_us_mean_1m` |" in out
    assert err.count("measured again: mark_us_mean_1m") == times - 1
    assert asked == [(["marks"], False), (["marks"], True), (["marks"], False)][:times]
