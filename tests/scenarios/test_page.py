"""docs/scenarios.md says all of the language of scenarios, and its examples play as they stand."""

import re
from pathlib import Path

import pytest

from tests.scenarios.play import COMMANDS, STATEMENTS, play
from tests.scenarios.telling import EVENT_FIELDS
from tests.scenarios.words import MARKET_FIELDS, NAMED, RISK_FIELDS, VENUE_FIELDS

PAGE = (Path(__file__).parents[2] / "docs/scenarios.md").read_text()
EXAMPLES = re.findall(r"^```play\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
TABLED = re.findall(r"`([^`\n]+)`", "\n".join(re.findall(r"^\|.*\|$", PAGE, re.MULTILINE)))


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_plays(number: int) -> None:
    play(EXAMPLES[number])


def test_every_form_of_a_line_is_in_the_tables() -> None:
    forms = {**COMMANDS, **STATEMENTS}
    missing = [form for form in forms if not any(re.fullmatch(form, line) for line in TABLED)]
    assert missing == []


@pytest.mark.parametrize("fields", [MARKET_FIELDS, RISK_FIELDS, EVENT_FIELDS, VENUE_FIELDS, NAMED])
def test_every_field_is_named(fields: dict[str, object]) -> None:
    words = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]+)`", PAGE))))
    assert set(fields) <= words


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("given A deposits", "not understood", id="no command"),
        pytest.param("given A deposits 5\nthen A balance=6", "balance_atoms=5", id="untrue"),
        pytest.param("given A deposits 5\nthen A balanec=0", "no field", id="no field"),
        pytest.param("given A withdraws 5", "UNKNOWN_ACCOUNT|rejections", id="a refusal unstated"),
        pytest.param("given A deposits 5\nthen BAD_DEBT A", "no event is left", id="no event"),
        pytest.param(
            "given market 1\nand A deposits 5\nand mark 9\nand A stands at 1 at 9",
            "events that are not stated",
            id="an event unstated",
        ),
    ],
)
def test_what_is_not_so_fails(text: str, complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        play(text)
