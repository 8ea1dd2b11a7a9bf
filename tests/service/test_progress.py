"""A long recovery is shown, a short one is not, and a log that cannot be written stops nothing."""

import io
import json
import sys

import pytest
import structlog
from rich.console import Console
from structlog.testing import capture_logs

from riskengine import progress
from riskengine.logging import configure_logging
from riskengine.progress import shown_progress


def shown(is_terminal: bool) -> str:
    text = io.StringIO()
    with shown_progress("replaying", Console(file=text, force_terminal=is_terminal)) as update:
        for done_bytes in range(0, 1_001, 100):
            update(done_bytes, 1_000)
    return text.getvalue()


def test_a_short_recovery_shows_nothing() -> None:
    with capture_logs() as logs:
        assert shown(is_terminal=True) == shown(is_terminal=False) == ""
    assert logs == []


def test_a_long_one_is_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SHORT_SECONDS", -1.0)
    assert "replaying" in shown(is_terminal=True)


def test_a_long_one_is_lines_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LINE_SECONDS", -1.0)
    with capture_logs() as logs:
        assert shown(is_terminal=False) == ""
    assert logs[3] == {
        "event": "recovery.progress",
        "log_level": "info",
        "step": "replaying",
        "done_bytes": 300,
        "bytes": 1_000,
    }


class FullDisk(io.StringIO):
    def write(self, _text: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_log_that_cannot_be_written_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = structlog.get_config()
    monkeypatch.setattr(sys, "stderr", FullDisk())
    try:
        configure_logging("info", "json")
        structlog.get_logger("test").info("lost")
    finally:
        structlog.configure(**before)


def test_a_line_of_the_log_is_json_whatever_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    before = structlog.get_config()
    text = io.StringIO()
    monkeypatch.setattr(sys, "stderr", text)
    values = {"text": 'a "b"\n\u20ac', "number": -3, "flag": True, "none": None, "rate": 0.5}
    try:
        configure_logging("info", "json")
        structlog.get_logger("test").info(
            "said", **values, nested={"a": [1]}, other=ValueError("x")
        )
    finally:
        structlog.configure(**before)
    line = json.loads(text.getvalue())
    assert line.pop("timestamp").endswith("Z")
    expected = {"event": "said", "level": "info", "nested": {"a": [1]}, "other": "ValueError('x')"}
    assert line == values | expected
