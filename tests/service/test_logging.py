"""Each line of the log is written, in order and whole, and none of them stops the engine."""

import asyncio
import io
import json
import logging as stdlib_logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog

from riskengine import log_stream, logging
from riskengine.logging import configure_logging

Captured = pytest.CaptureFixture[str]
NAMES = ("first", "second", "third", "fourth")
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def log() -> Iterator[Any]:
    """A logger of a process that logs JSON at level info."""
    before = structlog.get_config()
    configure_logging("info", "json")
    yield structlog.get_logger("test")
    structlog.configure(**before)


def events(capsys: Captured) -> list[str]:
    """Return what was written since this was last asked."""
    return [json.loads(line)["event"] for line in written(capsys).splitlines()]


def written(capsys: Captured) -> str:
    """Return what was handed over to be written, once it is."""
    assert logging._lines is not None
    logging._lines._stream.settle(5)
    return capsys.readouterr().err


def test_a_line_is_json_whatever_its_values(log: Any, capsys: Captured) -> None:
    values = {"text": 'a "b"\n\u20ac', "number": -3, "flag": True, "none": None, "rate": 0.5}
    log.info("said", **values, nested={"a": [1]}, other=ValueError("x"))
    line = json.loads(capsys.readouterr().err)
    assert line.pop("timestamp").endswith("Z")
    expected = {"event": "said", "level": "info", "nested": {"a": [1]}, "other": "ValueError('x')"}
    assert line == values | expected


def test_what_is_bound_to_a_logger_is_in_its_lines(log: Any, capsys: Captured) -> None:
    log.bind(call=7).info("said", rows=2)
    line = json.loads(capsys.readouterr().err)
    assert (line["call"], line["rows"]) == (7, 2)


def test_without_a_loop_a_line_is_written_at_once(log: Any, capsys: Captured) -> None:
    log.info("first")
    assert events(capsys) == ["first"]


def test_a_loop_writes_many_lines_at_once(log: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[str] = []

    def write(text: str) -> bool:
        writes.append(text)
        return True

    monkeypatch.setattr(log_stream, "_written", write)

    async def call() -> None:
        writes.clear()
        log.info("first")
        log.info("second")
        assert writes == []
        await asyncio.sleep(logging.HELD_SECONDS)
        await asyncio.sleep(0)

    for _loop in range(2):
        asyncio.run(call())
        assert logging._lines is not None
        logging._lines._stream.settle(5)
        (text,) = writes
        assert [json.loads(line)["event"] for line in text.splitlines()] == ["first", "second"]


def test_a_line_tells_when_it_was_said_not_when_it_was_written(log: Any, capsys: Captured) -> None:
    async def call() -> datetime:
        log.info("said")
        said = datetime.now(UTC)
        await asyncio.sleep(10 * logging.HELD_SECONDS)
        return said

    said = asyncio.run(call())
    assert datetime.fromisoformat(json.loads(written(capsys))["timestamp"]) <= said


def test_a_warning_is_written_at_once_after_what_was_held(log: Any, capsys: Captured) -> None:
    async def call() -> list[str]:
        log.info("first")
        log.warning("second")
        return events(capsys)

    assert asyncio.run(call()) == ["first", "second"]
    assert events(capsys) == []


def test_another_thread_writes_what_the_loop_holds(log: Any, capsys: Captured) -> None:
    async def call() -> list[str]:
        log.info("first")
        await asyncio.to_thread(log.info, "second")
        return events(capsys)

    assert asyncio.run(call()) == ["first", "second"]


def test_what_an_ended_loop_held_comes_with_the_next_line(log: Any, capsys: Captured) -> None:
    async def call() -> None:
        log.info("first")

    asyncio.run(call())
    log.info("second")
    assert events(capsys) == ["first", "second"]


def test_lines_below_the_level_are_not_written(capsys: Captured) -> None:
    before = structlog.get_config()
    configure_logging("warning", "json")
    log = structlog.get_logger("test")
    log.info("first")
    log.warning("second")
    structlog.configure(**before)
    assert events(capsys) == ["second"]


def test_one_line_that_cannot_be_made_costs_no_other(log: Any, capsys: Captured) -> None:
    endless: dict[str, Any] = {}
    endless["itself"] = endless

    async def call() -> None:
        log.info("first")
        log.info("second", value=endless)
        log.info("third", value={(1, 2): 3})
        log.warning("fourth")

    asyncio.run(call())
    lines = written(capsys).splitlines()
    assert [name in line for name, line in zip(NAMES, lines, strict=True)] == [True] * 4
    assert "ValueError" in lines[1]
    assert "TypeError" in lines[2]


def test_a_line_may_have_any_field_and_an_argument(log: Any, capsys: Captured) -> None:
    log.info("said", time_nanos=5)
    log.warning("said", time_nanos=5)
    log.info("said %s", "twice", time_nanos=5)
    lines = [json.loads(line) for line in written(capsys).splitlines()]
    assert [line["event"] for line in lines] == ["said", "said", "said twice"]
    for line in lines:
        assert line["time_nanos"] == 5
        assert abs(datetime.now(UTC) - datetime.fromisoformat(line["timestamp"])) < A_MINUTE


def test_the_exception_of_now_is_in_a_line_though_a_loop_runs(log: Any, capsys: Captured) -> None:
    async def call() -> None:
        try:
            raise KeyError("lost")
        except KeyError:
            log.info("caught", exc_info=True)

    asyncio.run(call())
    assert "KeyError: 'lost'" in json.loads(written(capsys))["exception"]


class FullDisk(io.StringIO):
    def write(self, _text: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_log_that_cannot_be_written_stops_nothing(
    log: Any, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", FullDisk())
        log.info("lost")
        log.error("lost")
    log.info("kept")
    assert events(capsys) == ["kept", "log.dropped"]


def test_lines_of_libraries_have_the_form_of_all(log: Any, capsys: Captured) -> None:
    handler = logging._ToLines()
    library = stdlib_logging.getLogger("some.library")
    library.addHandler(handler)
    try:
        library.warning("%s lost", "connection")
        try:
            raise KeyError("lost")
        except KeyError:
            library.exception("failed")
    finally:
        library.removeHandler(handler)
    first, second = (json.loads(line) for line in written(capsys).splitlines())
    assert (first["event"], first["level"]) == ("library.line", "warning")
    assert (first["logger"], first["text"]) == ("some.library", "connection lost")
    assert (second["level"], second["text"]) == ("error", "failed")
    assert "KeyError: 'lost'" in second["exception"]


def test_dropped_lines_are_told_in_the_form_of_all(log: Any) -> None:
    assert logging._lines is not None
    line = json.loads(logging._lines._dropped_line(7))
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "log.dropped", "level": "warning", "lines": 7}
