"""A wave that is cut into pieces, on a real server: what is answered meanwhile, and a kill -9."""

from pathlib import Path

import pytest

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import common_pb2
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.api.v1.instructions_pb2 import Instruction
from riskengine.commands import CommandKind
from riskengine.machine.machine import Machine
from riskengine.machine.replay import replay
from riskengine.persistence import LogRecord
from riskengine.tools.folder import DataFolder
from tests.e2e import venue
from tests.e2e.server import WAIT_SECONDS, Client, Server, client_of
from tests.e2e.test_command_line import riskengine
from tests.service import requests

pytestmark = pytest.mark.e2e

PENDING = common_pb2.REJECT_REASON_ALLOCATION_PENDING
VICTIMS = range(1, 301)
MAKER, OTHER = 900, 901
LOW_TICKS = 9_100
NO_SNAPSHOTS = {"snapshot_interval_seconds": 0, "snapshot_at_stop_millis": 0}
ORDER = risk_pb.CheckOrderRequest(
    account_id=OTHER, market_id=1, side=common_pb2.SIDE_LONG, size_lots=1, price_ticks=LOW_TICKS
)


def open_venue(client: Client, units: int) -> None:
    """Make a venue in which a mark of 9,100 liquidates 300 accounts."""
    asset, fund = requests.create_asset(), requests.create_fund()
    venue.accepted(client.admin.CreateAsset(asset).result)
    venue.accepted(client.admin.CreateInsuranceFund(fund).result)
    levels = requests.set_risk_parameters(work_units=units)
    venue.accepted(client.admin.SetRiskParameters(levels).result)
    market = requests.set_market(timeout_millis=3_600_000)
    venue.accepted(client.admin.SetMarket(market).result)
    venue.mark(client, requests.PRICE_TICKS)
    paid = [*((account_id, 130_000) for account_id in VICTIMS), (MAKER, 10**9), (OTHER, 10**9)]
    batch = requests.submit_deposits("bank", 1, *paid)
    (answer,) = client.risk.Submit(iter([batch]))
    venue.accepted(answer.result)
    for first in VICTIMS[::100]:
        rows = [(account_id, MAKER, 10_000, 100) for account_id in range(first, first + 100)]
        venue.trade(client, *rows)


def is_pending(client: Client) -> bool:
    checked = client.risk.CheckOrder(ORDER)
    return checked.rejection.reason == PENDING


def at_rest(client: Client) -> admin_pb.GetStateResponse:
    """Return the state with its hash, which waits for the end of the work."""
    state = client.state()
    assert state.state_hash
    return state


@pytest.mark.rule("WK-4")
def test_a_wave_in_pieces_holds_nobody_up(server: Server, client: Client) -> None:
    open_venue(client, units=1)
    begun = venue.mark(client, LOW_TICKS)
    assert is_pending(client)
    paid = venue.accepted(client.account.Deposit(requests.deposit(OTHER, 500)).result)
    withdrawn = client.account.Withdraw(requests.withdraw(OTHER, 1)).result
    assert (withdrawn.sequence, withdrawn.rejections[0].reason) == (0, PENDING)
    assert "pending" in withdrawn.rejections[0].message
    margin = venue.account(client, OTHER).margin
    assert (margin.balance_atoms, margin.withdrawable_atoms) == (10**9 + 500, 0)
    middle = client.admin.GetState(admin_pb.GetStateRequest())
    assert {check.missing_atoms for check in middle.conservation} == {"0"}
    marked = client.risk.UpdateMarkPrices.future(requests.mark(LOW_TICKS + 1))
    taken = client.admin.TakeSnapshot.future(admin_pb.TakeSnapshotRequest())
    behind = [
        requests.submit_trades("engine", 1, (OTHER, MAKER, LOW_TICKS, 1)),
        requests.submit_deposits("engine", 2, (OTHER, 1)),
    ]
    stream = client.risk.Submit(iter(behind), timeout=WAIT_SECONDS)
    assert is_pending(client)
    after = marked.result(WAIT_SECONDS).result
    assert [answer.batch_sequence for answer in stream] == [1, 2]
    assert begun.sequence < paid.sequence < middle.sequence < after.sequence
    snapshot = taken.result(WAIT_SECONDS)
    state = at_rest(client)
    assert state.open_liquidation_count == len(VICTIMS)
    assert not is_pending(client)
    margin = venue.account(client, OTHER).margin
    assert margin.withdrawable_atoms == margin.equity_atoms - margin.initial_atoms > 0
    continued = [one.sequence for one in journal(server) if one.kind == CommandKind.CONTINUE]
    assert begun.sequence < min(continued[0], paid.sequence)
    assert paid.sequence < continued[-1]
    ended = continued[len(VICTIMS) - 2]
    assert after.sequence > ended
    assert snapshot.sequence > ended
    assert "work.done" in server.log()


def journal(server: Server) -> list[LogRecord]:
    folder = DataFolder.existing(server.folder / "data")
    return [*folder.survey().read(folder.files, 1)]


def accounts(client: Client) -> list[account_pb.Account]:
    request = account_pb.ListAccountsRequest(page_size=1_000)
    return [*client.account.ListAccounts(request).accounts]


def told(client: Client, count: int) -> list[Instruction]:
    """Return all instructions without what goes by when they were made."""
    found = venue.instructions(client, 1, count)
    for one in found:
        one.sequence = one.time_nanos = 0
        if one.HasField("liquidation_order"):
            one.liquidation_order.deadline_nanos = 0
    return found


def tool(server: Server, *words: str) -> str:
    done = riskengine(*words, "--data-dir", str(server.folder / "data"))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.rule("WK-5")
def test_a_server_that_is_killed_in_the_middle_goes_on(tmp_path: Path) -> None:
    """What it comes to is what an undisturbed one does, which does all at once."""
    for name in ("whole", "cut"):
        (tmp_path / name).mkdir()
    with Server(tmp_path / "whole", **NO_SNAPSHOTS) as whole, client_of(whole) as client:
        open_venue(client, units=0)
        venue.mark(client, LOW_TICKS)
        state = at_rest(client)
        wanted = accounts(client), told(client, state.instruction_sequence)
    with Server(tmp_path / "cut", **NO_SNAPSHOTS) as cut:
        with client_of(cut) as client:
            open_venue(client, units=1)
            begun = venue.mark(client, LOW_TICKS).sequence
        cut.kill()
        last = journal(cut)[-1]
        assert begun <= last.sequence < begun + len(VICTIMS) - 1
        pending = f"work is pending at sequence {last.sequence}"
        assert pending in " ".join(tool(cut, "replay").split())
        assert pending in " ".join(tool(cut, "verify", "--deep").split())
        assert pending in " ".join(tool(cut, "inspect", "state").split())
        shown = riskengine("inspect", "record", str(begun), "--data-dir", str(cut.folder / "data"))
        assert f"work is pending at sequence {begun}" in " ".join(shown.stdout.split())
        restored = tmp_path / "restored/data"
        source = ("--from", str(cut.folder / "data"), "--to", str(restored))
        done = riskengine("restore", *source, "--until", str(begun))
        assert done.returncode == 0, done.stderr
        assert f"work is pending at sequence {begun}" in " ".join(done.stdout.split())
        for again in (cut, Server(tmp_path / "restored", **NO_SNAPSHOTS)):
            with again, client_of(again) as client:
                state = at_rest(client)
                assert (accounts(client), told(client, state.instruction_sequence)) == wanted
                assert "work.done" in again.log()
                machine = Machine()
                replay(machine, journal(again))
                assert machine.engine.state_hash() == state.state_hash
                assert again.terminate() == 0


@pytest.mark.rule("WK-5")
def test_a_stop_in_the_middle_takes_no_snapshot_and_the_start_goes_on(server: Server) -> None:
    with client_of(server) as client:
        open_venue(client, units=1)
        venue.mark(client, LOW_TICKS)
    assert server.terminate() == 0
    assert "snapshot.work_pending" in server.log()
    ended = len(journal(server))
    server.start()
    with client_of(server) as client:
        state = at_rest(client)
        assert state.open_liquidation_count == len(VICTIMS)
        assert state.sequence > ended
