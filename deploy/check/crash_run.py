"""Play the small crash against a real engine while a real Prometheus watches it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc

from deploy.check.crash import Crash
from deploy.check.engine_process import EngineProcess
from deploy.check.prometheus_server import PrometheusServer

START_SECONDS = 20.0
ROUNDS = 8
PAUSE_SECONDS = 0.5
"""Between rounds, so that the crash spans several scrapes."""


@contextmanager
def watched_crash(
    tools: Path, folder: Path, rounds: int = ROUNDS
) -> Iterator[tuple[PrometheusServer, EngineProcess]]:
    """Yield both servers, still running, when the crash has been played and scraped."""
    with (
        EngineProcess(folder) as engine,
        PrometheusServer(tools, folder, engine.metrics_address) as server,
        grpc.insecure_channel(engine.grpc_address) as channel,
    ):
        crash = Crash(channel)
        try:
            crash.set_up()
            server.wait_for("riskengine_market_info", START_SECONDS)
            for _ in range(rounds):
                crash.round()
                time.sleep(PAUSE_SECONDS)
            server.wait_for("changes(riskengine_command_sequence[3s]) == 0", START_SECONDS)
            yield server, engine
        finally:
            crash.close()
