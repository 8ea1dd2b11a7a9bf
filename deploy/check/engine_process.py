"""A risk engine as a process of its own, on free ports, its journal in a given folder."""

import re
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

READY = re.compile(r"^riskengine ready grpc=(\S+) metrics=(\S+)")


class EngineProcess:
    """Run `riskengine serve` from `with` to its end; the addresses are known once it is ready."""

    def __init__(self, folder: Path) -> None:
        self.grpc_address = ""
        self.metrics_address = ""
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        log_path = self._folder / "engine.log"
        with log_path.open("wb") as log:
            process = self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "riskengine", "serve", "--create"),
                    *("--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"),
                    *("--data-dir", str(self._folder / "journal")),
                ],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert process.stdout is not None
        ready = READY.match(process.stdout.readline())
        if ready is None:
            process.kill()
            self._end()
            raise RuntimeError(f"the engine did not start; {log_path.read_text()[-2_000:]}")
        self.grpc_address, self.metrics_address = ready.groups()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process is not None
        self._process.terminate()
        self._end()

    def _end(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        self._process.wait()
        self._process.stdout.close()
