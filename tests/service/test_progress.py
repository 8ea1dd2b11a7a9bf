"""A long recovery is shown, a short one is not."""

import io

import pytest
from rich.console import Console
from structlog.testing import capture_logs

from riskengine import progress
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
