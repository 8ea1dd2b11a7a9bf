"""Each line that the code logs at warning or above stands in docs/OPERATIONS.md, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from riskengine.persistence.instruction_recovery import BEGUN_ANEW, MADE_AGAIN, SET_ASIDE
from riskengine.service.business_log import EVENT_NAMES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/OPERATIONS.md").read_text()
EVENT = re.compile(r"[a-z_]+\.[a-z_]+")
QUIET = {"info", "debug", "get_logger"}
NOT_ABOVE = {"instructions.alarm_over", *EVENT_NAMES.values()}
"""Of level info, by a method that is chosen where it is logged, or by a name from a table."""


def names_in_page() -> list[str]:
    _, _, rest = PAGE.partition("<!-- log lines:")
    table, end, _ = rest.partition("<!-- end of log lines -->")
    assert end
    return re.findall(r"^- `([a-z_.]+)` \((?:warning|error|critical)\): ", table, re.MULTILINE)


def logged(source: str) -> Iterator[str]:
    """Yield the names of events in a module that logs, but for those of level info and below."""
    tree = ast.parse(source)
    quiet = {
        id(part)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in QUIET
        for part in call.args
    }
    for part in ast.walk(tree):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and id(part) not in quiet:
            if EVENT.fullmatch(part.value):
                yield part.value
            elif EVENT.fullmatch(part.value + "x"):  # the front of a name that is put together
                yield from (part.value + done for done in (SET_ASIDE, MADE_AGAIN, BEGUN_ANEW))


def names_in_code() -> set[str]:
    modules = [path.read_text() for path in (ROOT / "riskengine").rglob("*.py")]
    found = {name for text in modules if "structlog.get_logger(" in text for name in logged(text)}
    assert {"snapshot.not_verified", "consumers.not_written", "recovery.tail_cut"} <= found
    return found - NOT_ABOVE


def test_every_line_stands_in_the_page_and_no_other() -> None:
    found = names_in_page()
    assert found == sorted(found)
    assert set(found) == names_in_code()


def test_a_line_of_level_info_is_none_of_them() -> None:
    source = """
import structlog
_LOG = structlog.get_logger("some.where")
_LOG.info("this.quiet", path="a.b c")
_LOG.error("that.loud")
tell = _LOG.error
tell(f"put_together.{done}")
"""
    assert set(logged(source)) == {
        "that.loud",
        *(f"put_together.{done}" for done in (SET_ASIDE, MADE_AGAIN, BEGUN_ANEW)),
    }
