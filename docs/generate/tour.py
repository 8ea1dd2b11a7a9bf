"""tests/tour.txt: questions of a newcomer, each answered by file, line and the text that is there.

When is an account liquidatable?
    docs/rules/margin.md:76: ### MG-6 Liquidatable
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ANSWER = re.compile(r"^    ([^\s:]+):(\d+): (.+)$")


class Answer(NamedTuple):
    """A place: a file below the repository, a line, and what the line holds."""

    file: str
    line: int
    text: str


def answers(tour: str) -> Iterator[Answer]:
    """Yield the answers; raises ValueError for a line that is neither question nor answer."""
    for line in tour.splitlines():
        if found := ANSWER.match(line):
            yield Answer(found[1], int(found[2]), found[3])
        elif line and not line.endswith("?"):
            raise ValueError(f"neither a question nor an answer: {line}")


def lines_of(root: Path, answer: Answer) -> list[int]:
    """Return the numbers of the lines of the answer's file that hold its text."""
    texts = (root / answer.file).read_text().splitlines()
    return [number for number, text in enumerate(texts, 1) if answer.text in text]


def renumbered(root: Path, tour: str) -> str:
    """Return the tour with the lines where its texts stand now; each must stand in one."""
    for answer in answers(tour):
        (line,) = lines_of(root, answer)
        place = f"    {answer.file}:"
        tour = tour.replace(f"{place}{answer.line}: {answer.text}", f"{place}{line}: {answer.text}")
    return tour
