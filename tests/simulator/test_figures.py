"""Figures of a run are kept, read again, and told beside those of another run."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from riskengine.simulator.figures import (
    Figures,
    FiguresError,
    lines_beside,
    read_figures,
    write_figures,
)
from riskengine.simulator.main import EXIT_USAGE, demo
from riskengine.simulator.options import DemoOptions
from riskengine.simulator.summary import print_beside

BEFORE = Path(__file__).parent.parent / "data" / "demo_before.json"


def told(now: Figures, before: Figures | None) -> str:
    output = StringIO()
    print_beside(Console(file=output, width=120), now, before)
    return output.getvalue()


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    kept = read_figures(BEFORE)
    write_figures(tmp_path / "figures.json", kept)
    assert read_figures(tmp_path / "figures.json") == kept


def test_the_figures_kept_are_those_of_the_default_run() -> None:
    kept, options = read_figures(BEFORE), DemoOptions()
    assert (kept.seed, kept.accounts, kept.policy) == (
        options.seed,
        options.accounts,
        options.policy,
    )
    assert kept.title == options.path().title


def test_another_run_of_the_same_market_stands_in_brackets() -> None:
    before = replace(read_figures(BEFORE), kept_atoms=1_000_000, found_atoms=4_000_000)
    now = replace(before, kept_atoms=3_000_000)
    assert dict(lines_beside(now, before))["equity of the solvent"] == (
        "$3.00 kept of $4.00 ($1.00 kept of $4.00)"
    )
    assert "$3.00 kept of $4.00 ($1.00 kept of $4.00)" in told(now, before)
    assert before.under in told(now, before)


def test_a_run_of_another_market_is_not_compared() -> None:
    before = read_figures(BEFORE)
    text = told(replace(before, seed=2), before)
    assert "Nothing to compare with" in text
    assert "kept of" not in text
    assert told(before, None) == ""


@pytest.mark.parametrize("content", ["", "[]", '{"title": "x"}'])
def test_a_file_without_figures_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "figures.json"
    path.write_text(content)
    with pytest.raises(FiguresError, match=r"figures\.json"):
        read_figures(path)
    result = CliRunner().invoke(demo, ["--beside", str(path)])
    assert result.exit_code == EXIT_USAGE
    assert "figures.json" in result.output
