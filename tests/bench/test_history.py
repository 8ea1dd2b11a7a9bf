"""One line a run, with what it was measured of."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from loadtests.bench import history
from loadtests.bench.profiles import QUICK
from loadtests.bench.report import Run

RUN = Run(QUICK, ["a machine", "a kernel"], {"mark_us": 1.5, "a_us": 2.0}, 9.0)


def git(folder: Path, *arguments: str) -> None:
    named = ("-c", "user.name=a", "-c", "user.email=a@b")
    subprocess.run(["git", *named, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "file").write_text("one")
    git(tmp_path, "add", "file")
    git(tmp_path, "commit", "-qm", "First")
    return tmp_path


def test_a_revision_is_named_with_its_changes(checkout: Path) -> None:
    named = history.revision(checkout)
    assert len(named) == 10
    (checkout / "other").touch()
    assert history.revision(checkout) == named
    (checkout / "file").write_text("two")
    assert history.revision(checkout) == f"{named}+"


def test_outside_git_there_is_no_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert history.revision(tmp_path) == ""


def test_a_line_holds_the_run() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert json.loads(history.history_line(RUN, "abc+", at)) == {
        "date": "2026-01-02T03:04:05+00:00",
        "revision": "abc+",
        "profile": "quick",
        "seed": QUICK.seed,
        "machine": ["a machine", "a kernel"],
        "rows": {"a_us": 2.0, "mark_us": 1.5},
    }


def test_lines_are_added(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    for _ in range(2):
        history.append_to_history(RUN, path)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["rows"] for line in lines] == [RUN.results, RUN.results]
