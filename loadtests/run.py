"""Start a server of its own, load it with Locust, write reports: `make load`.

Exit code 1 when a call failed, an atom is missing or the server did not stop cleanly; 2 when a
setting is wrong.
"""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from loadtests.settings import settings_from_environment

REPORT_FOLDER = Path("build/load")
START_SECONDS = 30.0
STOP_SECONDS = 30.0
POLL_SECONDS = 0.05


class ServerError(Exception):
    """Say that the server did not start or did not stop as it should."""


def _wait_for_address(server: subprocess.Popen[bytes], data_folder: Path) -> str:
    """Return HOST:PORT of the server's gRPC listener once it is ready."""
    deadline = time.monotonic() + START_SECONDS
    addresses = data_folder / "addresses.json"
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise ServerError(f"exited with {server.returncode} at start")
        if addresses.exists():
            return str(json.loads(addresses.read_text())["grpc"])
        time.sleep(POLL_SECONDS)
    raise ServerError(f"not ready after {START_SECONDS:g} s")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        code = server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
        raise ServerError(f"killed: still there {STOP_SECONDS:g} s after SIGTERM") from None
    if code != 0:
        raise ServerError(f"exited with {code}")


@contextmanager
def _server(log: Path) -> Iterator[str]:
    """Run a server on free ports with a journal of its own, and yield its HOST:PORT."""
    with TemporaryDirectory(prefix="riskengine-load-") as folder, log.open("wb") as output:
        free_port = "127.0.0.1:0"
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "riskengine", "serve", "--create", "--data-dir", folder),
                *("--listen", free_port, "--metrics-listen", free_port),
            ],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield _wait_for_address(server, Path(folder))
        finally:
            _stop(server)


def _locust(address: str) -> int:
    """Run Locust to its end and return its exit code."""
    command = [
        *(sys.executable, "-m", "locust", "--locustfile", "loadtests/locustfile.py"),
        *("--headless", "--only-summary", "--host", address),
        *("--csv", str(REPORT_FOLDER / "load"), "--html", str(REPORT_FOLDER / "report.html")),
    ]
    return subprocess.run(command, check=False).returncode


def _exit_on_signal(number: int, _: object) -> None:
    sys.exit(128 + number)


def main() -> int:
    """Return the exit code of the whole."""
    signal.signal(signal.SIGTERM, _exit_on_signal)
    try:
        settings_from_environment()
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    REPORT_FOLDER.mkdir(parents=True, exist_ok=True)
    log = REPORT_FOLDER / "server.log"
    try:
        with _server(log) as address:
            code = _locust(address)
    except ServerError as error:
        print(f"server {error}; see {log}", file=sys.stderr)
        return 1
    print(f"reports: {REPORT_FOLDER}/report.html, {REPORT_FOLDER}/load_stats.csv")
    return 1 if code else 0


if __name__ == "__main__":
    sys.exit(main())
