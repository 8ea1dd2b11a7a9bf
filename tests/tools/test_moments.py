"""A moment of a log is a sequence or a time, and is found to the nanosecond."""

import pytest

from riskengine.persistence.files import Files
from riskengine.tools.moments import Moment, parse_moment, sequence_at, shown_time
from tests.tools.support import Source


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("0", Moment(0)),
        ("999999999999999", Moment(999_999_999_999_999)),
        ("1000000000000000", Moment(time_nanos=1_000_000_000_000_000)),
        ("1970-01-01T00:00:01Z", Moment(time_nanos=1_000_000_000)),
        ("1970-01-01 01:00:01.5+01:00", Moment(time_nanos=1_500_000_000)),
        ("2026-11-30T12:00:00.123456789Z", Moment(time_nanos=1_796_040_000_123_456_789)),
    ],
)
def test_a_text_names_a_moment(text: str, moment: Moment) -> None:
    assert parse_moment(text) == moment


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yesterday", "neither a sequence, nor nanoseconds"),
        ("-1", "neither a sequence, nor nanoseconds"),
        ("", "neither a sequence, nor nanoseconds"),
        ("2026-11-30T12:00:00", "has no zone"),
        ("2026-11-30T12:00:00.1234567891Z", "finer than a nanosecond"),
        (str(1 << 63), f"allowed: up to {(1 << 63) - 1}"),
    ],
)
def test_what_names_none_is_told(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_moment(text)


def test_a_time_is_shown_as_it_is_read() -> None:
    nanos = 1_796_040_000_000_000_001
    assert shown_time(nanos) == "2026-11-30T12:00:00.000000001Z"
    assert parse_moment(shown_time(nanos)) == Moment(time_nanos=nanos)


def test_the_last_command_at_or_before_a_time_is_found(source: Source) -> None:
    survey = source.data.survey()
    assert len(survey.spans) >= 3
    for sequence in range(1, source.sequence + 1):
        for moved, expected in ((-1, sequence - 1), (0, sequence), (1, sequence)):
            moment = Moment(time_nanos=source.times[sequence] + moved)
            assert sequence_at(Files(), survey, moment) == expected
    assert sequence_at(Files(), survey, Moment(7)) == 7
