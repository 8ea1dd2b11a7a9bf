"""An upgrade to a release that decides by other rules, on the folder of the one before."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from riskengine.api.v1.admin_service_pb2 import TakeSnapshotRequest
from riskengine.commands import RULES
from tests.e2e import venue
from tests.e2e.server import NotStartedError, Server, client_of
from tests.e2e.test_command_line import riskengine
from tests.e2e.test_snapshots import NEVER, snapshots
from tests.persistence.rules import OTHER, decided_by, rules_of
from tests.service import requests
from tests.tools.support import image

pytestmark = pytest.mark.e2e

AT_STOP = NEVER | {"snapshot_at_stop_millis": 10_000}


def deposit(server: Server) -> None:
    with client_of(server) as client:
        venue.accepted(client.account.Deposit(requests.deposit(1, 5)).result)


class Facts(NamedTuple):
    """What a restart leaves as it was, but that each start is a command."""

    sequence: int
    instruction_sequence: int
    log_id: str

    def behind(self, starts: int) -> "Facts":
        return self._replace(sequence=self.sequence + starts)


def facts(server: Server) -> Facts:
    with client_of(server) as client:
        state = client.state()
        return Facts(state.sequence, state.instruction_sequence, state.log_id)


def test_a_server_of_other_rules_goes_on_where_the_one_before_was_stopped(tmp_path: Path) -> None:
    journal = tmp_path / "data/journal"
    with Server(tmp_path, **AT_STOP) as server:
        with client_of(server) as client:
            venue.open_venue(client, ((1, 5), (2, 5)))
            client.risk.UpdateMarkPrices(requests.mark(10_000))
            client.admin.TakeSnapshot(TakeSnapshotRequest())
        before = facts(server)
        assert server.terminate() == 0
        last = before.sequence
        assert int(snapshots(tmp_path)[0].stem) == last, "it is behind what the one before noted"
        decided_by(journal)
        server.start()
        assert "recovery.other_rules" in server.log()
        assert facts(server) == before.behind(1)
        deposit(server)
        went_on = facts(server)
        server.kill()
        server.start()
        assert facts(server) == went_on.behind(1)
        assert rules_of(journal) == [(1, OTHER), (last + 1, RULES)]
        deposit(server)
        went_on = facts(server)
        server.kill()
        server.start()
        assert facts(server) == went_on.behind(1)
        verified = riskengine("verify", "--deep", "--data-dir", str(tmp_path / "data"))
        assert verified.returncode == 0, verified.stdout
        shown = re.search(r"rules +(.*)", verified.stdout)
        assert shown is not None
        assert shown.group(1) == f"{OTHER} up to {last}, {RULES} from {last + 1} on"
        assert server.terminate() == 0
        assert rules_of(journal) == [(last + 1, RULES)], "trimmed as any"
        server.start()
        assert facts(server) == went_on.behind(2)
        deposit(server)
        assert facts(server) == went_on.behind(2 + 1)  # and a deposit


def test_a_server_that_was_killed_is_to_be_stopped_by_its_own_release_first(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Server(tmp_path, **AT_STOP) as server:
        with client_of(server) as client:
            venue.open_venue(client, ((1, 5),))
            client.admin.TakeSnapshot(TakeSnapshotRequest())
        deposit(server)
        last = facts(server)
        server.kill()
        decided_by(data / "journal")
        before = image(data)
        with pytest.raises(NotStartedError, match="exit code 1") as caught:
            server.start()
        assert f"Start the release of rules {OTHER} on it" in str(caught.value)
        assert "Traceback" not in str(caught.value)
        assert image(data) == before
        decided_by(data / "journal", RULES)
        server.start()
        assert server.terminate() == 0
        decided_by(data / "journal")
        server.start()
        assert facts(server) == last.behind(2)
