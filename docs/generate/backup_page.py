"""Write what the commands of docs/BACKUP.md print below them: `make backup-page`, some two minutes.

A demo of the default seed is played and kept, and the commands are typed in the order of the page:
the first ones while it plays. Ids of logs and times are others each time that this is run, the
story is the same; where the page names a time or a record, it is that of this run. What a demo does
not show stands in a `text` block, and is left as it is.
"""

import os
import re
import shlex
import subprocess
import sys
import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from textwrap import fill

from click.testing import CliRunner

from riskengine.cli import main as riskengine
from riskengine.persistence import JournalError
from riskengine.persistence.mark import read_mark
from riskengine.tools.folder import DataFolder
from riskengine.units import NANOS_PER_SECOND

PAGE = Path(__file__).parents[2] / "docs/BACKUP.md"
DATA = Path("demo/data")
BACKED_UP = (3_600, 4_400)
"""Sequences from which on the first and the second backup are made."""

RESTORED = 3_370
"""The time that is restored is the second after this command."""

INSPECTED = 800
"""A deposit behind this sequence is inspected, one that ends a margin call."""

FLIPPED = 495_928
"""Offset of a bit that is flipped in a copy of the backup."""

BLOCK = re.compile(r"^```sh\n(riskengine .*)\n```\n```\n((?:.*\n)*?)```$", re.MULTILINE)
FAULT = re.compile(r"^```\n(  FAULT: backup/.*\n(?:  .*\n)*)```$", re.MULTILINE)
TIME = re.compile(r"(?<=--until )\d{4}-\S+Z")
RECORD = re.compile(r"(?<=inspect record )\d+")
POLL_SECONDS = 0.05
MAX_SECONDS = 600


def typed(line: str) -> str:
    """Run a command and return what it prints."""
    name, *arguments = shlex.split(line)
    done = CliRunner().invoke(riskengine, arguments, env={"RISKENGINE_DATA_DIR": str(DATA)})
    if (name, done.exit_code) != ("riskengine", 0):
        raise RuntimeError(f"{line}: exit code {done.exit_code}\n{done.output}")
    return done.output


def reached(sequence: int, demo: "subprocess.Popen[bytes]") -> None:
    """Wait until the demo's journal is durable up to a sequence."""
    folder = DataFolder(DATA)
    end = time.monotonic() + MAX_SECONDS
    while time.monotonic() < end and demo.poll() is None:
        try:
            if read_mark(folder.files, folder.journal).sequence >= sequence:
                return
        except (FileNotFoundError, JournalError):
            pass  # It has not begun yet.
        time.sleep(POLL_SECONDS)
    raise RuntimeError(f"the demo did not come to sequence {sequence}")


def time_named() -> str:
    """Return the whole second that follows on the command whose time is restored."""
    folder = DataFolder(DATA)
    (record,) = islice(folder.survey().read(folder.files, RESTORED), 1)
    second = record.time_nanos // NANOS_PER_SECOND + 1
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%SZ}"


def record_named() -> str:
    """Return the sequence of the record that is inspected."""
    told = typed(f"riskengine inspect records --from {INSPECTED} --kind deposits")
    for line in told.splitlines():
        sequence = line.split()[0]
        if typed(f"riskengine inspect record {sequence}").count("margin call cleared") == 1:
            return sequence
    raise RuntimeError(f"no deposit behind {INSPECTED} ends a margin call")


def fault() -> str:
    """Return what verify says of a backup in a copy of which one bit was flipped."""
    home = Path.cwd()
    copytree("backup", "copy/backup")
    os.chdir("copy")
    try:
        (path,) = Path("backup/journal").glob("*.log")
        with path.open("r+b") as file:
            file.seek(FLIPPED + 60)
            byte = file.read(1)[0]
            file.seek(FLIPPED + 60)
            file.write(bytes([byte ^ 1]))
        done = CliRunner().invoke(riskengine, ["verify", "--data-dir", "backup"])
    finally:
        os.chdir(home)
    (line,) = re.findall(r"^  FAULT: .*$", done.output, re.MULTILINE)
    return str(line)


def folded(line: str) -> str:
    """Return a line of a fault in as many as the page has room for."""
    return fill(line.strip(), 100, initial_indent="  ", subsequent_indent="  ") + "\n"


def written(page: str) -> str:
    """Return the page with what its commands print now."""
    demo = subprocess.Popen(
        [sys.executable, "-m", "riskengine", "demo", "--plain", "--data-dir", "demo"],
        stdout=subprocess.DEVNULL,
    )
    printed: dict[str, list[str]] = {}
    lines = [line for line, _ in BLOCK.findall(page)]
    try:
        for sequence in BACKED_UP:
            reached(sequence, demo)
            printed.setdefault("riskengine backup --to backup", []).append(
                typed("riskengine backup --to backup")
            )
        if demo.wait(MAX_SECONDS):
            raise RuntimeError(f"the demo ended with exit code {demo.returncode}")
    finally:
        demo.kill()
    until, record = time_named(), record_named()
    page = RECORD.sub(record, TIME.sub(until, page))
    for line in [RECORD.sub(record, TIME.sub(until, line)) for line in lines]:
        if line not in printed:
            printed[line] = [typed(line)]
    page = BLOCK.sub(
        lambda found: f"```sh\n{found[1]}\n```\n```\n{printed[found[1]].pop(0)}```", page
    )
    told = folded(fault())
    return FAULT.sub(lambda _: f"```\n{told}```", page)


def main() -> None:
    """Write the page."""
    page = PAGE.read_text()
    home = Path.cwd()
    with TemporaryDirectory(prefix="riskengine-page-") as folder:
        os.chdir(folder)
        try:
            page = written(page)
        finally:
            os.chdir(home)
    PAGE.write_text(page)


if __name__ == "__main__":
    main()
