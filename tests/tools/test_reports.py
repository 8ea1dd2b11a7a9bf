"""What tools print: columns for people, bars on a terminal alone, on standard error."""

import io

import pytest
from rich.console import Console

from riskengine import progress
from riskengine.tools.folder import DataFolder
from riskengine.tools.progress import steps_on
from riskengine.tools.reports import MAX_COLUMNS, rows_text
from riskengine.tools.verify import verify
from tests.tools.support import Source


def test_values_stand_in_two_columns_and_rows_below_their_name() -> None:
    values = {
        "last_sequence": 7,
        "is_open": True,
        "snapshots": [3, 5],
        "notes": [],
        "rows": [{"a": 1, "b": "x"}, {"a": 2, "b": False}],
        "nested": {"inner_rows": [{"c": [{"d": 4}]}]},
    }
    assert rows_text(values).splitlines() == [
        "last sequence  7",
        "is open        yes",
        "snapshots      3, 5",
        "notes          none",
        "rows",
        "  a=1  b=x",
        "  a=2  b=no",
        "nested",
        "  inner rows",
        "    c",
        "      d=4",
    ]


def test_a_row_that_fits_in_no_line_takes_several() -> None:
    row = {f"name_{number}": "x" * 20 for number in range(5)}
    lines = rows_text({"rows": [row]}).splitlines()
    assert len(lines) == 1 + len(row)
    assert max(map(len, lines)) <= MAX_COLUMNS


def test_a_long_text_goes_on_below_its_beginning() -> None:
    text = " ".join(["word"] * 30)
    lines = rows_text({"notes": [text, "another"], "more": 1}).splitlines()
    assert MAX_COLUMNS == 80
    assert max(map(len, lines)) <= MAX_COLUMNS
    assert len(lines) == 4
    assert all(line.startswith("       word") for line in lines[1:3])
    path = "/" + "x" * 100
    assert rows_text({"path": path}) == f"path  {path}"


@pytest.mark.parametrize("is_terminal", [True, False])
def test_bars_are_for_terminals(
    source: Source, monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool
) -> None:
    monkeypatch.setattr(progress, "SHORT_SECONDS", -1.0)
    text = io.StringIO()
    console = Console(file=text, force_terminal=is_terminal, width=120)
    assert verify(DataFolder.existing(source.folder), steps_on(console), deep=True).is_whole
    shown = text.getvalue()
    assert ("verifying: journal" in shown) is is_terminal
    assert ("verifying: snapshots" in shown) is is_terminal
