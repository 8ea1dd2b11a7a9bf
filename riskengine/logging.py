"""Logs for the operator, on standard error: JSON a line, or text on a terminal.

The lines of calls are most of them, so `info` only notes what it is told and when. A moment later
many lines are made and handed over at once: a line alone costs a call several times as much. So
`info` does not go through processors when it is called, and `structlog.testing.capture_logs` sees
it only where logging is not configured by this module. A thread writes them (`log_stream`).

What libraries and Python itself have to say (`logging`, `warnings`, an exception that ends a
thread) goes the same way and has the same form. gRPC's core, which writes to standard error by
itself, is told to be silent where the package begins.
"""

import asyncio
import atexit
import json
import logging
import sys
import threading
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from threading import RLock
from time import time_ns
from types import TracebackType
from typing import Any, TypeAlias

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor

from riskengine.log_stream import END_SECONDS, LogStream
from riskengine.metrics.statistics import LogStatistics
from riskengine.units import NANOS_PER_MICRO, NANOS_PER_SECOND

LEVELS = {name: getattr(logging, name.upper()) for name in ("debug", "info", "warning", "error")}

HELD_SECONDS = 0.01
"""How long a line of level info is held back while an event loop runs, or until it is free."""

NOW = frozenset({"exc_info", "stack_info"})
"""Fields that say what is so when the line is made: it is made at once."""


_Noted: TypeAlias = tuple[int, str, dict[str, Any]]
"""When something happened (unix time in nanoseconds), its event and its fields."""


class _Lines:
    """Have lines written to standard error, those held back before all others.

    A full or closed log, or one that nobody reads, must not stop the engine.
    """

    def __init__(self, processors: Sequence[Processor], statistics: LogStatistics) -> None:
        self._processors = processors
        self._stream = LogStream(statistics, self._dropped_line)
        self._held: deque[_Noted] = deque()
        self._writing_loop: asyncio.AbstractEventLoop | None = None
        self._lock = RLock()
        atexit.register(self.end)

    def hold(self, noted: _Noted) -> None:
        """Have a line of level info written: by the loop of this thread, now if it has none."""
        self._held.append(noted)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._write(is_urgent=True)
        else:
            if self._writing_loop is not loop:
                self._writing_loop = loop
                loop.call_later(HELD_SECONDS, self._write_in_time)

    def msg(self, message: str) -> None:
        """Write a line now."""
        self._write(message, is_urgent=True)

    def end(self) -> None:
        """Write what is held, and wait a little for all that is not written yet."""
        self._write()
        self._stream.settle(END_SECONDS)

    debug = info = warning = error = critical = msg

    def _write_in_time(self) -> None:
        self._writing_loop = None
        self._write()

    def _write(self, *messages: str, is_urgent: bool = False) -> None:
        with self._lock:
            lines = []
            while self._held:
                lines.append(self._line(self._held.popleft()))
            lines += messages
            if lines:
                self._stream.put("\n".join([*lines, ""]), len(lines), now=is_urgent)

    def _dropped_line(self, count: int) -> str:
        return self._line((time_ns(), "log.dropped", {"lines": count}), "warning") + "\n"

    def _line(self, noted: _Noted, level: str = "info") -> str:
        """Return the line, or its bare event when its fields cannot be written."""
        nanos, event, fields = noted
        try:
            made: Any = {**fields, "event": event, "timestamp": _timestamp(nanos)}
            for processor in self._processors:
                made = processor(self, level, made)
        except Exception as error:  # noqa: BLE001 - others must not lose their lines by this one
            made = f"{event!r} could not be logged: {error!r}"
        return str(made)


def _add_timestamp(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Add when the line is made, unless it says when it was noted."""
    if "timestamp" not in event:
        event["timestamp"] = _timestamp(time_ns())
    return event


def _timestamp(nanos: int) -> str:
    seconds, nanos = divmod(nanos, NANOS_PER_SECOND)
    return f"{_second(seconds)}.{nanos // NANOS_PER_MICRO:06}Z"


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _json_line(_logger: object, _method: str, event: EventDict) -> str:
    """Return the line that `json.dumps` makes, at a third of its cost for texts and integers."""
    fields = [f"{_json(key)}: {_json(value)}" for key, value in event.items()]
    return f"{{{', '.join(fields)}}}"


def _json(value: object) -> str:
    if type(value) is str:
        return encode_basestring_ascii(value)
    return str(value) if type(value) is int else json.dumps(value, default=repr)


def _bound_logger(level: str, lines: _Lines) -> type[FilteringBoundLogger]:
    """Return structlog's class of loggers of this level, with an `info` that notes."""
    filtering = structlog.make_filtering_bound_logger(LEVELS[level])
    if LEVELS[level] > logging.INFO:
        return filtering

    def info(logger: Any, event: str, *args: Any, **fields: Any) -> None:
        if args or not NOW.isdisjoint(fields):
            filtering.info(logger, event, *args, **fields)
            return
        context = structlog.get_context(logger)
        lines.hold((time_ns(), event, {**context, **fields} if context else fields))

    return type("NotingLogger", (filtering,), {"info": info})


class _ToLines(logging.Handler):
    """Have the lines of libraries written as those of the engine are, under one name of event."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one."""
        log = structlog.get_logger(record.name)
        log.log(
            record.levelno,
            "library.line",
            logger=record.name,
            text=record.getMessage(),
            **({"exc_info": record.exc_info} if record.exc_info else {}),
        )


def configure_logging(level: str, form: str, statistics: LogStatistics | None = None) -> None:
    """Set the least level and the form (auto, json, console) of all logs of the process."""
    global _lines  # noqa: PLW0603 - a process has one standard error
    as_json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    processors: list[Any] = [structlog.processors.add_log_level, _add_timestamp]
    if as_json:
        processors += [structlog.processors.format_exc_info, _json_line]
    else:
        processors.append(structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()))
    lines = _lines = _Lines(processors, statistics or LogStatistics())
    structlog.configure(
        processors=processors,
        wrapper_class=_bound_logger(level, lines),
        logger_factory=lambda *_names: lines,
        cache_logger_on_first_use=True,
    )


def log_libraries() -> None:
    """Have what libraries and Python itself tell go the way of all lines, in this process."""
    logging.getLogger().addHandler(_ToLines())
    logging.captureWarnings(capture=True)
    threading.excepthook = _log_of_thread
    sys.excepthook = _log_of_process


def _log_of_thread(ended: threading.ExceptHookArgs) -> None:
    """Log what ended a thread, where Python would write it to standard error."""
    if ended.exc_value is not None:
        where = f"thread {ended.thread.name if ended.thread else '?'} ended"
        logging.getLogger("threading").error(where, exc_info=ended.exc_value)


def _log_of_process(
    _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
) -> None:
    """Log what ends the process."""
    logging.getLogger("process").critical("the process ends", exc_info=error)


def end_logging() -> None:
    """Wait a little for lines that are not written yet: the process is about to end."""
    if _lines is not None:
        _lines.end()


_lines: _Lines | None = None
