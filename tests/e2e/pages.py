"""The pages of a server's metrics port."""

import json
import re
import urllib.error
import urllib.request
from typing import Any

from tests.e2e.server import WAIT_SECONDS, Server


def fetch(address: str, path: str) -> tuple[int, str]:
    """Return status and body."""
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=WAIT_SECONDS) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def page(server: Server) -> str:
    status, body = fetch(server.metrics_address, "/metrics")
    assert status == 200
    return body


def sample(text: str, series: str) -> float:
    """Return the value of one series of a page."""
    found = re.search(rf"^{re.escape(series)} (\S+)$", text, re.MULTILINE)
    assert found, series
    return float(found[1])


def readiness(address: str) -> tuple[int, dict[str, Any]]:
    status, body = fetch(address, "/readyz")
    return status, json.loads(body)
