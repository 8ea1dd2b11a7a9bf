"""A moment of a log as an operator names it, a sequence or a time, and as tools show it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from riskengine.commands import RULES
from riskengine.persistence.files import Files
from riskengine.persistence.rules import RulesSpan
from riskengine.persistence.survey import Survey
from riskengine.units import NANOS_PER_SECOND

NANOS_DIGITS = 16
"""A number of so many digits or more is a time: no log has as many commands."""

MAX_NANOS = (1 << 63) - 1
_FRACTION = re.compile(r"[.,](\d+)")
_FRACTION_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Moment:
    """A place in a log: right after a sequence, or after the last command at or before a time.

    Exactly one of the two is set; the time is in nanoseconds of the log.
    """

    sequence: int | None = None
    time_nanos: int | None = None


def parse_moment(text: str) -> Moment:
    """Return the moment that a text names; raises ValueError that says what is allowed."""
    if text.isascii() and text.isdigit():
        value = int(text)
        if value > MAX_NANOS:
            raise ValueError(f"{text} is out of bounds; allowed: up to {MAX_NANOS}")
        return Moment(time_nanos=value) if len(text) >= NANOS_DIGITS else Moment(value)
    return Moment(time_nanos=_nanos_of(text))


def _nanos_of(text: str) -> int:
    found = _FRACTION.search(text)
    digits = found.group(1) if found else ""
    whole = text.replace(found.group(), "", 1) if found else text
    try:
        moment = datetime.fromisoformat(whole)
    except ValueError:
        raise ValueError(
            f"{text!r} is neither a sequence, nor nanoseconds since 1970 (at least "
            f"{NANOS_DIGITS} digits), nor a time as 2026-11-30T12:00:00Z"
        ) from None
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no zone; add Z, or an offset as +01:00")
    if len(digits) > _FRACTION_DIGITS:
        raise ValueError(f"{text!r} is finer than a nanosecond")
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    seconds = since.days * 86_400 + since.seconds
    return seconds * NANOS_PER_SECOND + int(digits.ljust(_FRACTION_DIGITS, "0"))


def shown_time(time_nanos: int) -> str:
    """Return a time of the log in ISO 8601, in UTC, to the nanosecond."""
    seconds, nanos = divmod(time_nanos, NANOS_PER_SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanos:09d}Z"


def shown_rules(spans: Sequence[RulesSpan]) -> str:
    """Return under which rules records were decided: `3`, or `2 up to 512, 3 from 513 on`."""
    if not spans:
        return str(RULES)
    if len(spans) == 1:
        return str(spans[0].rules)
    *before, last = spans
    parts = [f"{span.rules} up to {span.to_sequence}" for span in before]
    return ", ".join([*parts, f"{last.rules} from {last.from_sequence} on"])


def sequence_at(files: Files, survey: Survey, moment: Moment) -> int:
    """Return the last sequence of a log at a moment; one before its first if there is none.

    A sequence is returned as it is. Raises `JournalDamaged` and OSError.
    """
    if moment.sequence is not None:
        return moment.sequence
    assert moment.time_nanos is not None
    for span in reversed(survey.spans):
        begun = survey.time_of(files, span)
        if begun is not None and begun <= moment.time_nanos:
            return _last_until(files, survey, span.header.first_sequence, moment.time_nanos)
    return survey.first_sequence - 1


def _last_until(files: Files, survey: Survey, from_sequence: int, time_nanos: int) -> int:
    last = from_sequence
    for record in survey.read(files, from_sequence):
        if record.time_nanos > time_nanos:
            break
        last = record.sequence
    if last == survey.last_sequence and survey.damage is not None:
        raise survey.damage
    return last
