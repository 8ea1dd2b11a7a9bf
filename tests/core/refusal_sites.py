"""Which refusals the core can give, read from its sources.

Every refusal goes through `refuse` or `refuse_in_detail`. A guard that is given the field by its
caller stands for one refusal for each of its callers' fields, and so on upward.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tests.core_sources import arguments, core_files, without_texts

FUNCTION = re.compile(r"^cdef (?:inline )?\w+ (\w+)\(", re.MULTILINE)
CALL = re.compile(r"\b(refuse\w*)\(")
ROOTS = {"refuse", "refuse_in_detail"}

Pair = tuple[str, str]


class Call(NamedTuple):
    caller: str
    parameters: tuple[str, ...]
    callee: str
    arguments: tuple[str, ...]


def _calls() -> Iterator[Call]:
    for path in core_files():
        source = without_texts(path.read_text())
        found = [*FUNCTION.finditer(source)]
        ends = [*(match.start() for match in found), len(source)]
        for match, end in zip(found, ends[1:], strict=True):
            parameters = tuple(part.split()[-1] for part in arguments(source, match.end()))
            for call in CALL.finditer(source, match.end(), end):
                yield Call(match[1], parameters, call[1], arguments(source, call.end()))


def _constant(word: str, prefix: str) -> str | None:
    return word.removeprefix(prefix) if word.startswith(prefix) else None


def refusals_of_the_core() -> set[Pair]:
    """Return the name of the reason and of the field of every refusal."""
    calls = [*_calls()]
    parameters = {call.caller: call.parameters for call in calls}
    forms: dict[str, set[Pair]] = {root: {("reason", "field")} for root in ROOTS}
    grows = True
    while grows:
        grows = False
        for call in calls:
            names = parameters.get(call.callee, ("refusal", "reason", "field"))
            given = dict(zip(names, call.arguments, strict=False))
            mine = forms.setdefault(call.caller, set())
            for reason, field in [*forms.get(call.callee, ())]:
                form = (given.get(reason, reason), given.get(field, field))
                grows |= form not in mine
                mine.add(form)
    return {
        (reason, field.lower())
        for found in forms.values()
        for reason, field in (
            (_constant(reason, "REJECT_REASON_"), _constant(field, "FIELD_"))
            for reason, field in found
        )
        if reason and field
    }
