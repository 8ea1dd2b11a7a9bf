"""Whoever asks about margin asks one of the four verbs: tiers and rates stay in their room."""

import re
from pathlib import Path

CORE = Path(__file__).parents[2] / "ext/riskengine/core"
TIERS_OR_RATES = re.compile(
    r"\btiers\[|\btier_(of|count)\b|\b(initial|maintenance)_(rate_ppm|ceil|deduction)\b"
    r"|\bmargin\.tiers\b"
)
RULES_OF_A_MARKET = {
    *("books/market.pxd", "books/fields.pyx", "commands/markets.pyx"),
    *("face/parse.pyx", "face/views.pyx"),
}
"""Who holds, hashes, guards, reads and shows what an operator has set."""


def test_only_the_margin_room_knows_tiers_and_rates() -> None:
    users = {
        path.relative_to(CORE).as_posix()
        for path in CORE.rglob("*.p[xy][dx]")
        if TIERS_OR_RATES.search(path.read_text())
    }
    outside = {name for name in users if not name.startswith("margin/")}
    assert outside == RULES_OF_A_MARKET | {"face/testing.pyx"}
