"""The real server as a process of its own, with a data folder that is kept or goes with it."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from riskengine.simulator.client import IN_THE_CLEAR, Callers
from riskengine.simulator.secured import secure

READY = "riskengine ready "
DATA_NAME, LOG_NAME = "data", "server.log"
MOST_GAP_SECONDS = 3_153_600_000
"""A run that was stopped goes on whenever somebody wants."""

SNAPSHOT_SECONDS = 10
"""A server whose data is kept takes a snapshot this often: one minute is too short for more."""
START_SECONDS = 60.0
STOP_SECONDS = 10.0
LOG_LINES_SHOWN = 15
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)  # loaded here: little may be done between fork and exec


class ServerError(Exception):
    """The server did not start, or ended while it was needed; the text has the end of its log."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """Where a started server listens, and what its callers show."""

    process: asyncio.subprocess.Process
    folder: Path
    grpc_address: str
    metrics_address: str
    callers: Callers = IN_THE_CLEAR

    async def fail_when_ended(self) -> None:
        """Wait for the process to end, which it should not; raise `ServerError`."""
        code = await self.process.wait()
        raise ServerError(f"the server ended with code {code}\n{_log_end(self.folder)}")


@contextlib.asynccontextmanager
async def running_server(
    metrics_port: int, kept: Path | None = None, *, secured: bool = False
) -> AsyncIterator[RunningServer]:
    """Start a server on a free port; stop it at the end, whatever happens.

    Its data and its log lie in `kept` and stay; without it, in a folder that is removed. With
    `secured` all goes over mutual TLS; raises `CertificatesError` then.
    """
    with contextlib.ExitStack() as stack:
        folder = kept or Path(stack.enter_context(_temporary_folder()))
        environment = _environment(folder, metrics_port, is_kept=kept is not None)
        callers = IN_THE_CLEAR
        if secured:
            settings, callers = secure(Path(stack.enter_context(_temporary_folder())))
            environment |= {f"RISKENGINE_{name}": text for name, text in settings.items()}
        process = await _start(folder, environment)
        try:
            ready = await _ready_line(process, folder)
            yield RunningServer(process, folder, ready["grpc"], ready["metrics"], callers)
        finally:
            await _stop(process)


def _temporary_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="riskengine-demo-", ignore_cleanup_errors=True)


def _environment(folder: Path, metrics_port: int, *, is_kept: bool) -> dict[str, str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("RISKENGINE_")
    }
    environment |= {
        "RISKENGINE_LISTEN": "127.0.0.1:0",
        "RISKENGINE_METRICS_LISTEN": f"127.0.0.1:{metrics_port}",
        "RISKENGINE_DATA_DIR": str(folder.resolve() / DATA_NAME),
        "RISKENGINE_LOG_LEVEL": "warning",
    }
    if not (folder / DATA_NAME).exists():
        environment["RISKENGINE_CREATE"] = "true"
    if is_kept:
        environment["RISKENGINE_SNAPSHOT_INTERVAL_SECONDS"] = str(SNAPSHOT_SECONDS)
        environment["RISKENGINE_MAX_START_GAP_SECONDS"] = str(MOST_GAP_SECONDS)
    else:
        environment["RISKENGINE_SNAPSHOT_AT_STOP_MILLIS"] = "0"
    return environment


async def _start(folder: Path, environment: dict[str, str]) -> asyncio.subprocess.Process:
    with (folder / LOG_NAME).open("wb") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "riskengine", "serve"),
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the demo, which then stops the server
            preexec_fn=_end_with_parent,
        )


def _end_with_parent() -> None:
    """Have the kernel kill the server if this process is killed itself; Linux only."""
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


async def _ready_line(process: asyncio.subprocess.Process, folder: Path) -> dict[str, str]:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            while line := (await process.stdout.readline()).decode():
                if line.startswith(READY):
                    # The data folder comes last: there may be blanks in it.
                    words = line.removeprefix(READY).split(maxsplit=2)
                    return dict(word.split("=", 1) for word in words)
    except TimeoutError:
        raise ServerError(
            f"the server was not ready after {START_SECONDS:.0f} s\n{_log_end(folder)}"
        ) from None
    raise ServerError(f"the server did not start\n{_log_end(folder)}")


async def _stop(process: asyncio.subprocess.Process) -> None:
    """End the process: politely, then not."""
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except BaseException as error:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        if not isinstance(error, TimeoutError):
            raise
        await process.wait()


def _log_end(folder: Path) -> str:
    try:
        lines = (folder / LOG_NAME).read_text(errors="replace").splitlines()
    except OSError as error:
        return f"its log cannot be read: {error}"
    return "\n".join(["the end of its log:", *lines[-LOG_LINES_SHOWN:]])
