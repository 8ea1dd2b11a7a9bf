"""Show that every expression of the dashboard has data in a real Prometheus during the demo.

`python -m deploy.check`, or `make check-dashboards`. With the word `crash` it plays the small crash
of the tests instead. Exit codes: 0 all have data, 1 some have not (they are named), 75 Prometheus
cannot be had.
"""

import sys
import tempfile
from pathlib import Path

from deploy.check.crash_run import watched_crash
from deploy.check.demo_run import watched_demo
from deploy.check.expressions import DASHBOARD_PATH, expressions
from deploy.check.prometheus_server import ToolsUnavailableError, tools_folder
from deploy.check.report import Finding, evaluate, table

EXIT_UNAVAILABLE = 75


def main(arguments: list[str]) -> int:
    """Run the check and print its table; return the exit code."""
    try:
        tools = tools_folder()
    except ToolsUnavailableError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_UNAVAILABLE
    play = _crash if arguments == ["crash"] else watched_demo
    with tempfile.TemporaryDirectory(prefix="riskengine-check-") as folder:
        findings = play(tools, Path(folder))
    empty = [found for found in findings if not found.has_data]
    sys.stdout.write(f"{table(findings)}\n")
    sys.stdout.write(f"{len(findings)} expressions, {len(empty)} without data\n")
    for found in empty:
        sys.stdout.write(f"no data: {found.expression.panel}: {found.expression.expr}\n")
    return 1 if empty else 0


def _crash(tools: Path, folder: Path) -> list[Finding]:
    with watched_crash(tools, folder) as (server, _):
        return evaluate(server, expressions(DASHBOARD_PATH))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
