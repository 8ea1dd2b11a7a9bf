"""A real Prometheus as a process of its own, that scrapes one address each second."""

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Self

FETCH = Path(__file__).parents[1] / "prometheus" / "fetch.sh"
FETCH_FAILED = 75

CONFIGURATION = """\
global:
  scrape_interval: 1s
  scrape_timeout: 1s
scrape_configs:
  - job_name: riskengine
    static_configs:
      - targets: ["{target}"]
"""


class ToolsUnavailableError(Exception):
    """Say that Prometheus is not installed and its package cannot be had, with apt's words."""


def tools_folder() -> Path:
    """Return the folder of `prometheus` and `promtool`, fetched if need be."""
    done = subprocess.run([FETCH], capture_output=True, text=True, check=False)
    if done.returncode == FETCH_FAILED:
        raise ToolsUnavailableError(f"apt cannot be reached: {done.stderr.strip()}")
    done.check_returncode()
    return Path(done.stdout.strip())


class PrometheusServer:
    """Run Prometheus on a free port, its data in `folder`, from `with` to its end."""

    def __init__(self, tools: Path, folder: Path, target: str) -> None:
        self.tools = tools
        self._folder = folder
        self._target = target
        self._url = ""
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        configuration = self._folder / "prometheus.yml"
        configuration.write_text(CONFIGURATION.format(target=self._target), encoding="utf-8")
        address = f"127.0.0.1:{free_port()}"
        self._url = f"http://{address}"
        with (self._folder / "prometheus.log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    self.tools / "prometheus",
                    f"--config.file={configuration}",
                    f"--storage.tsdb.path={self._folder / 'data'}",
                    f"--web.listen-address={address}",
                    "--log.level=warn",
                ],
                stdout=log,
                stderr=log,
                # One thread: the check shares its machine with the engine.
                env={**os.environ, "GOMAXPROCS": "1"},
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait()

    def query(self, expr: str) -> list[tuple[dict[str, str], float]]:
        """Return labels and value of each series that an expression has now.

        Raises ValueError with Prometheus' words for an expression that it refuses, OSError while
        Prometheus starts.
        """
        query = urllib.parse.urlencode({"query": expr})
        try:
            data = self._get(f"/api/v1/query?{query}")["data"]
        except urllib.error.HTTPError as error:
            if error.code == HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            raise ValueError(f"{expr}: {error.read().decode()}") from error
        series = data["result"] if data["resultType"] == "vector" else [data["result"]]
        return [(one["metric"], float(one["value"][1])) for one in series]

    def wait_for(self, expr: str, timeout_seconds: float) -> None:
        """Wait until an expression has a series; TimeoutError with the server's log if not."""
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            try:
                if self.query(expr):
                    return
            except OSError:
                self._check_alive()
            time.sleep(0.1)
        raise TimeoutError(f"no series of {expr} after {timeout_seconds} s; {self._log()}")

    def _get(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(self._url + path, timeout=10) as answer:
            content: dict[str, Any] = json.load(answer)
            return content

    def _check_alive(self) -> None:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"Prometheus ended; {self._log()}")

    def _log(self) -> str:
        return (self._folder / "prometheus.log").read_text(encoding="utf-8")[-2_000:]


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
