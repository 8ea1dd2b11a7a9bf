"""The table of worked cases at the end of a run of the tests."""

import pytest

from tests.vectors.cases import read_topics
from tests.vectors.status import table


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show how many of the worked cases are run, if any was."""
    reports = [
        report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])
    ]
    if any(report.nodeid.startswith("tests/vectors/test_vectors.py") for report in reports):
        terminalreporter.section("worked cases (`make vectors` gives the reasons)")
        for line in table(read_topics()):
            terminalreporter.write_line(line)
