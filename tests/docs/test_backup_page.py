"""The commands of docs/BACKUP.md can be typed in its order, and say what is printed below them."""

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from riskengine.cli import main
from riskengine.tools.moments import parse_moment
from riskengine.tools.reports import MAX_COLUMNS
from tests.e2e.typed import blocks
from tests.service import requests
from tests.tools.support import STEP_NANOS, Source

PAGE = (Path(__file__).parents[2] / "docs/BACKUP.md").read_text()
COMMANDS = re.findall(r"^```sh\n(riskengine .*)\n```\n```\n((?:.*\n)*?)```$", PAGE, re.MULTILINE)
SEQUENCES = 3_010
"""The page names sequences up to 1,400, and a time within them."""

LABEL = re.compile(r"^ *[a-z]+( [a-z]+)*(?=  |$)")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Work in a folder where a server has left its data."""
    (time,) = re.findall(r"--until (\S+Z)$", PAGE, re.MULTILINE)
    named_nanos = parse_moment(time).time_nanos
    assert named_nanos is not None
    begin_nanos = named_nanos - (SEQUENCES - 100) * STEP_NANOS
    source = Source(
        tmp_path / "riskengine-data", begin_nanos=begin_nanos, instruction_bytes=1 << 16
    ).open_venue()
    source.send(requests.deposit(17), requests.trades((17, 2, 10_000, 5)))
    source.play(SEQUENCES // 2)
    source.snapshot()
    source.play(SEQUENCES // 4)
    source.snapshot()
    source.play(SEQUENCES - source.sequence).close()
    before = Path.cwd()
    os.chdir(tmp_path)
    yield tmp_path
    os.chdir(before)


def labels(line: str, text: str) -> set[str]:
    """Return what stands in the first column; of one record, what every record has."""
    found = (LABEL.match(row) for row in text.splitlines())
    names = {match.group() for match in found if match}
    if "inspect record " in line:
        names = {name for name in names if not name.startswith(" ")}
    return {name.strip() for name in names}


def test_every_command_does_what_the_page_says(folder: Path) -> None:
    assert len(COMMANDS) == len(blocks(PAGE, "sh")) - len(blocks(PAGE, "text")) == 12
    for line, printed in COMMANDS:
        name, *arguments = shlex.split(line)
        done = CliRunner().invoke(main, arguments)
        assert (name, done.exit_code) == ("riskengine", 0), line + done.output
        if arguments[:2] != ["inspect", "records"]:  # a line each
            assert max(map(len, done.output.splitlines())) <= MAX_COLUMNS, done.output
        missing = labels(line, printed) - labels(line, done.output)
        assert missing == set(), line
    assert (folder / "backup/backup.json").exists()
    assert (folder / "restored/journal").exists()


def test_every_tool_is_on_the_page() -> None:
    words = {tuple(line.split()[1:2]) for line, _ in COMMANDS}
    assert words == {("backup",), ("verify",), ("restore",), ("replay",), ("inspect",)}
    for option in (
        "--until",
        "--deep",
        "--format json",
        "--prune-before",
        "--keep-days",
        "--kind",
        "--account",
        "--market",
    ):
        assert option in PAGE
