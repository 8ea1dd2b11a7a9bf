"""Ten questions are answered by file and line, and the answers stand where they are said to be.

Lines drift as files are changed: a few are let pass, and `make pages` counts anew.
"""

from pathlib import Path

import pytest

from docs.generate.tour import Answer, answers, lines_of, renumbered

ROOT = Path(__file__).parents[2]
TOUR = (ROOT / "tests/tour.txt").read_text()
MOST_DRIFT_LINES = 40


def test_there_are_ten_questions_with_an_answer_each() -> None:
    questions = [line for line in TOUR.splitlines() if line.endswith("?")]
    assert len(questions) == len(set(questions)) == 10
    blocks = TOUR.strip().split("\n\n")
    assert [len(list(answers(block))) for block in blocks] == [1] * 10


@pytest.mark.parametrize("answer", list(answers(TOUR)), ids=lambda answer: answer.file)
def test_an_answer_stands_where_it_is_said_to_be(answer: Answer) -> None:
    (line,) = lines_of(ROOT, answer)
    assert abs(line - answer.line) <= MOST_DRIFT_LINES, "run `make pages`"


def test_lines_are_counted_anew(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one\ntwo\nthree\n")
    assert renumbered(tmp_path, "Where?\n    a.py:7: two\n") == "Where?\n    a.py:2: two\n"
