"""Files that may change while the server serves: looked at now and then, taken when they are right.

A change is taken once it has stood for two looks, so that what is written in several steps is not
judged in between; a rename replaces a file in one. What is wrong changes nothing: it is told once,
and what stood there before holds until it is mended.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Generic, NamedTuple, Protocol, TypeVar

import structlog

from riskengine.metrics.statistics import ChangeStatistics
from riskengine.service.credentials import Credentials, CredentialsError, read_credentials
from riskengine.service.threads import on_thread
from riskengine.service.tls import TlsError

LOOK_SECONDS = 0.5
"""How often it is looked after them."""

_LOG = structlog.get_logger("riskengine.access")

ReadT = TypeVar("ReadT")
_Stamp = tuple[tuple[int, int, int] | None, ...]


class CredentialsFile(NamedTuple):
    """The file of credentials; `has_certificates`: clients show some that are verified."""

    path: Path
    has_certificates: bool

    def read(self) -> Credentials:
        """Return what it says; raises `CredentialsError`."""
        try:
            raw = self.path.read_bytes()
            return read_credentials(raw, has_certificates=self.has_certificates)
        except OSError as error:
            raise CredentialsError(f"{self.path}: {error.strerror}") from error
        except CredentialsError as error:
            raise CredentialsError(f"{self.path}: {error}") from error


class Looking(Protocol):
    """Some files that are looked after."""

    async def look(self) -> None:
        """Look whether they changed."""
        ...


class Watched(Generic[ReadT]):
    """Some files that are taken together; used on the event loop, read on another thread.

    `value` is what they held at first, and `take` gets what they hold later; `refused` is the log
    line of what is wrong. Raises what `read` raises, at first.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        read: Callable[[], ReadT],
        refused: str,
        statistics: ChangeStatistics,
    ) -> None:
        self._paths = paths
        self._read = read
        self._refused = refused
        self._statistics = statistics
        self._judged = self._seen = _stamps(paths)
        self.value = read()
        self.take: Callable[[ReadT], object] = _ignored

    async def look(self) -> None:
        """Take a change that stands, or refuse it."""
        before, self._seen = self._seen, await on_thread(partial(_stamps, self._paths))
        if self._seen != before or self._seen == self._judged:
            return
        self._judged = self._seen
        try:
            read = await on_thread(self._read)
        except (CredentialsError, TlsError) as error:
            self._statistics.refused += 1
            self._statistics.is_refused = True
            _LOG.error(self._refused, error=str(error))
        else:
            self._statistics.taken += 1
            self._statistics.is_refused = False
            self.take(read)


def _ignored(_: object) -> None:
    """Take nothing: nobody goes by it yet."""


def _stamps(paths: Sequence[Path]) -> _Stamp:
    return tuple(map(_stamp, paths))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Return what changes with a file, None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
