"""Play the demo while a real Prometheus watches its server."""

import subprocess
import sys
from pathlib import Path

from deploy.check.expressions import DASHBOARD_PATH, expressions
from deploy.check.prometheus_server import PrometheusServer, free_port
from deploy.check.report import Finding, Watch

START_SECONDS = 90.0
LOOK_SECONDS = 5.0
DEMO_SECONDS = 45


def watched_demo(tools: Path, folder: Path) -> list[Finding]:
    """Return what each expression of the dashboard had while the demo ran.

    Raises RuntimeError with the end of its output when the demo fails.
    """
    port = free_port()
    output = folder / "demo.log"
    with (
        PrometheusServer(tools, folder, f"127.0.0.1:{port}") as server,
        output.open("wb") as log,
        subprocess.Popen(_command(port), stdout=log, stderr=log) as demo,
    ):
        try:
            server.wait_for("riskengine_market_info", START_SECONDS)
            watch = Watch(server, expressions(DASHBOARD_PATH))
            while not _ended(demo):
                watch.look()
        finally:
            demo.terminate()
    if demo.returncode != 0:
        raise RuntimeError(f"the demo ended with {demo.returncode}; {output.read_text()[-2_000:]}")
    return watch.findings


def _command(port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "riskengine", "demo", "--plain"),
        *("--metrics-port", str(port), "--seconds", str(DEMO_SECONDS)),
    ]


def _ended(demo: subprocess.Popen[bytes]) -> bool:
    """Wait a while, and tell whether the demo has ended."""
    try:
        demo.wait(LOOK_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True
