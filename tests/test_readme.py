"""README and docs/TWO_ASSETS.md can be typed as they stand: their sessions, and the client."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.server import Server
from tests.e2e.typed import ROOT, blocks, typed

README = (ROOT / "README.md").read_text()
TWO_ASSETS = (ROOT / "docs/TWO_ASSETS.md").read_text()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path) as running:
        yield running


@pytest.mark.e2e
def test_the_session_and_the_client_run_and_say_what_is_printed(server: Server) -> None:
    (session,) = (block for block in blocks(README, "sh") if "buf curl" in block)
    said = typed(server, ["bash", "-e"], session)
    for line in (
        '"reason": "REJECT_REASON_INSUFFICIENT_MARGIN"',
        "3000000000 atoms, would exceed the equity, 2180000000 atoms",
        '"state": "ACCOUNT_STATE_LIQUIDATING"',
        '"liquidationPriceTicks": "187578"',
        '"bankruptcyPriceTicks": "178200"',
    ):
        assert line in README, line
        assert line in said, line
    assert said.count('"missingAtoms": "0"') == 1
    (client,) = blocks(README, "python")
    printed = typed(server, [sys.executable, "-"], client).splitlines()
    assert printed[:3] == [
        "durable as 10 COMMAND_OUTCOME_APPLIED",
        "1 cancel_orders",
        "2 liquidation_order",
    ]


@pytest.mark.e2e
def test_the_session_with_two_assets_says_what_is_printed(server: Server) -> None:
    said = typed(server, ["bash", "-e"], "".join(blocks(TWO_ASSETS, "sh"))).splitlines()
    printed = "".join(blocks(TWO_ASSETS, "")[1:]).splitlines()
    place = 0
    for line in printed:
        assert line in said[place:], line
        place = said.index(line, place) + 1
    assert len(printed) > 40
