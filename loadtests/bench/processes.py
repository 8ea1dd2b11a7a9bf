"""Servers as processes of their own, on a core of their own."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY = "riskengine ready "
STOP_SECONDS = 60.0
PR_SET_PDEATHSIG = 1


class ServerError(Exception):
    """Say that a server did not start or did not stop as it should, and where its log is."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that takes calls."""

    process: subprocess.Popen[str]
    address: str
    core: int

    def cpu_seconds(self) -> float:
        """Return the processor time that the process has used, of user and kernel."""
        text = Path(f"/proc/{self.process.pid}/stat").read_text()
        user, system = text.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(module: str, arguments: Sequence[str], core: int, log: Path) -> Iterator[Server]:
    """Run `python -m module`, which must print a ready line, on one core; stop it at the end."""

    def settle() -> None:
        os.sched_setaffinity(0, {core})
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)

    environment = {name: text for name, text in os.environ.items() if "RISKENGINE_" not in name}
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            preexec_fn=settle,  # noqa: PLW1509 - no other thread runs yet
        )
    try:
        yield Server(process, _ready_address(process, log), core)
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        if process.stdout is not None:
            process.stdout.close()
    _stop(process, log)


def _ready_address(process: subprocess.Popen[str], log: Path) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(READY):
            words = line.removeprefix(READY).split()
            return dict(word.split("=", 1) for word in words)["grpc"]
    raise ServerError(f"a server ended before it was ready; see {log}")


def _stop(process: subprocess.Popen[str], log: Path) -> None:
    process.terminate()
    try:
        code = process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise ServerError(f"a server was still there after {STOP_SECONDS:g} s") from None
    if code:
        raise ServerError(f"a server ended with code {code}; see {log}")
