"""The process of a server as the system sees it: descriptors, modes of files, signals, its end.

It may be the first process of a container, which the kernel ends by no signal that it does not
handle: so a start handles them too.
"""

import asyncio
import os
import signal
from threading import Timer
from types import FrameType
from typing import NoReturn

import structlog

from riskengine.logging import end_logging
from riskengine.persistence.descriptors import RESERVE, raise_limit

EXIT_NOT_STARTED = 1
EXIT_BUG = 70
EXIT_JOURNAL_FAILED = 74
EXIT_BY_SIGNAL = 128

END_SIGNALS = (signal.SIGTERM, signal.SIGINT)
OWN_DESCRIPTORS = 192
"""What the server needs besides connections: files, the metrics port, clones, libraries."""

RESERVED_DESCRIPTORS = 16
"""Of these, held for the files of the journal alone."""

OWNER_ONLY = 0o077

_LOG = structlog.get_logger("riskengine")


def prepare_process() -> int:
    """Take what the system gives; return how many connections there are descriptors for."""
    os.umask(OWNER_ONLY)
    limit = raise_limit()
    RESERVE.hold(RESERVED_DESCRIPTORS)
    return max(limit - OWN_DESCRIPTORS, limit // 4)


def end_on_signals() -> None:
    """Have a start that does not serve yet end at once by SIGTERM and SIGINT: nothing is lost."""
    for number in END_SIGNALS:
        signal.signal(number, _end_by_signal)


def _end_by_signal(number: int, _frame: FrameType | None) -> None:
    _LOG.info("server.stop", signal=signal.Signals(number).name, during="start")
    end_logging()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(EXIT_BY_SIGNAL + number)  # the first process of a container goes on past its own kill


def ignore_signals() -> None:
    """Have no more signals change anything, also those that come once the loop is closed.

    The loop would give each its default again, which ends the process with another exit code and
    without its last lines.
    """
    loop = asyncio.get_running_loop()
    for number in END_SIGNALS:
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_IGN)


def exit_for_bug(error: BaseException) -> NoReturn:
    """End at once: the state may be half changed."""
    try:
        _LOG.critical("engine.bug", exc_info=error)
        end_logging()
    finally:
        os._exit(EXIT_BUG)


def end_within(seconds: float) -> None:
    """Have the process end after so long in any case, as if the journal had failed.

    A disk that does not answer may hold up any step of an orderly end.
    """

    def end() -> None:
        _LOG.error("server.end_forced", seconds=seconds)
        end_logging()
        os._exit(EXIT_JOURNAL_FAILED)

    timer = Timer(seconds, end)
    timer.daemon = True
    timer.start()
