"""Clocks that step, and starts after a gap, on a real server whose wall clock is set."""

import time
from pathlib import Path

import grpc
import pytest

from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1.instructions_pb2 import Instruction
from riskengine.units import NANOS_PER_SECOND
from tests.e2e import venue
from tests.e2e.pages import page, readiness, sample
from tests.e2e.server import HELD, Client, Server, client_of, poll
from tests.e2e.wall_clock import WallClock
from tests.service import requests

pytestmark = pytest.mark.e2e

HOUR, YEAR = 3_600, 31_536_000
ALWAYS = {"snapshot_at_stop_millis": 0}


@pytest.fixture
def clock(tmp_path: Path) -> WallClock:
    return WallClock(tmp_path)


def have_liquidated(client: Client, timeout_millis: int) -> None:
    """Have account 1 liquidated: 3 rich lots behind it, its order is open."""
    deposits = ((1, 130_000), (3, 10**9))
    venue.open_venue(client, deposits, fund_atoms=10**9, timeout_millis=timeout_millis)
    venue.trade(client, (1, 3, 10_000, 100))
    venue.mark(client, 9_100)
    assert client.state().open_liquidation_count == 1


def bodies(client: Client) -> list[str]:
    last = client.state().instruction_sequence
    found: list[Instruction] = venue.instructions(client, 1, last)
    return [str(one.WhichOneof("body")) for one in found]


@pytest.mark.rule("TM-6")
def test_a_deadline_stands_still_while_the_server_is_down(tmp_path: Path) -> None:
    """Down for longer than its term; the venue's fill is the first call, and it is in time."""
    with Server(tmp_path, **ALWAYS) as server:
        with client_of(server) as client:
            have_liquidated(client, timeout_millis=3_000)
            (order,) = (
                one.liquidation_order
                for one in venue.instructions(client, 1, client.state().instruction_sequence)
                if one.WhichOneof("body") == "liquidation_order"
            )
        server.kill()
        time.sleep(3.5)
        server.start()
        with client_of(server) as client:
            lots = venue.account(client, 1).positions[0].size_lots
            row = (3, 1, 9_100, order.size_lots)
            venue.trade(client, row, liquidation_id=order.liquidation_id)
            assert venue.account(client, 1).positions[0].size_lots == lots - order.size_lots
            assert "take_over" not in bodies(client)
            venue.check_money(client)


@pytest.mark.rule("TM-6")
@pytest.mark.parametrize("ahead_seconds", [HOUR, YEAR, -HOUR, -YEAR])
def test_a_clock_that_steps_and_comes_back_neither_ends_nor_holds_up_a_deadline(
    tmp_path: Path, clock: WallClock, ahead_seconds: int
) -> None:
    with clock.give_to(Server(tmp_path)) as server, client_of(server) as client:
        have_liquidated(client, timeout_millis=1_500)
        clock.step_to(ahead_seconds)
        time_nanos = venue.accepted(
            client.account.Deposit(requests.deposit(3, 1)).result
        ).time_nanos
        assert abs(time_nanos - time.time_ns()) < 60 * NANOS_PER_SECOND
        assert client.state().open_liquidation_count == 1
        poll(lambda: abs(offset(server) - ahead_seconds) < 30, "the offset is told")
        clock.step_to(0)
        poll(lambda: client.state().open_liquidation_count == 0, "the order ends")
        assert "clock.apart" in server.log()
        venue.check_money(client)


def offset(server: Server) -> float:
    return sample(page(server), "riskengine_clock_offset_seconds")


@pytest.mark.rule("TM-6")
def test_a_start_under_a_clock_that_is_behind_goes_on_from_the_log(
    tmp_path: Path, clock: WallClock
) -> None:
    clock.step_to(HOUR)
    with clock.give_to(Server(tmp_path, **ALWAYS)) as server:
        with client_of(server) as client:
            have_liquidated(client, timeout_millis=1_500)
            before = client.state()
        server.kill()
        clock.step_to(0)
        server.start()
        with client_of(server) as client:
            after = client.state()
            assert after.sequence == before.sequence + 1
            assert 0 <= after.time_nanos - before.time_nanos < 60 * NANOS_PER_SECOND
            assert after.open_liquidation_count == 1
            poll(lambda: client.state().open_liquidation_count == 0, "the order ends")


@pytest.mark.rule("TM-7")
def test_an_operator_puts_a_log_forward_that_began_behind(tmp_path: Path, clock: WallClock) -> None:
    clock.step_to(-HOUR)
    with clock.give_to(Server(tmp_path)) as server, client_of(server) as client:
        have_liquidated(client, timeout_millis=1_500)
        clock.step_to(0)
        now_nanos = time.time_ns()
        venue.accepted(client.admin.SetLogTime(requests.set_log_time(now_nanos)).result)
        assert client.state().time_nanos >= now_nanos
        assert client.state().open_liquidation_count == 1
        poll(lambda: client.state().open_liquidation_count == 0, "the order ends")
        (refusal,) = client.admin.SetLogTime(requests.set_log_time(now_nanos)).result.rejections
        assert (refusal.field, refusal.value) == ("log_time_nanos", now_nanos)
        poll(lambda: abs(offset(server)) < 30, "the clocks are together")


def held(client: Client) -> None:
    """Check that no command is taken, and that reads are."""
    batch = requests.submit_deposits("bank", 1, (3, 1))
    batch.key.incarnation = 1
    for call in (
        lambda: client.account.Deposit(requests.deposit(3, 1)),
        lambda: client.admin.SetLogTime(requests.set_log_time(2**62)),
        lambda: client.admin.TakeSnapshot(admin_pb.TakeSnapshotRequest()),
        lambda: list(client.risk.Submit(iter([batch]))),
    ):
        with pytest.raises(grpc.RpcError) as caught:
            call()
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert "ConfirmStart" in str(caught.value.details())
    assert venue.account(client, 3).margin.balance_atoms


@pytest.mark.rule("TM-6")
def test_a_clock_that_is_years_ahead_at_the_start_is_not_for_ever(
    tmp_path: Path, clock: WallClock
) -> None:
    with clock.give_to(Server(tmp_path, **ALWAYS)) as server:
        with client_of(server) as client:
            have_liquidated(client, timeout_millis=1_500)
            before = client.state()
        server.kill()
        clock.step_to(30 * YEAR)
        server.launch()
        server.wait_until_ready(HELD)
        status, told = readiness(server.metrics_address)
        assert (status, told["phase"]) == (503, "start not confirmed")
        assert "ConfirmStart" in str(told["reason"])
        assert sample(page(server), "riskengine_start_held") == 1
        assert sample(page(server), "riskengine_ready") == 0
        with client_of(server) as client:
            held(client)
            assert client.state().sequence == before.sequence
            with pytest.raises(grpc.RpcError) as caught:
                client.admin.ConfirmStart(admin_pb.ConfirmStartRequest(log_time_nanos=1))
            assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
            now_nanos = time.time_ns()
            begun = client.admin.ConfirmStart(
                admin_pb.ConfirmStartRequest(log_time_nanos=now_nanos)
            )
            assert begun.sequence == before.sequence + 1
            assert begun.gap_nanos == begun.time_nanos - before.time_nanos
            assert 0 <= begun.time_nanos - now_nanos < NANOS_PER_SECOND
            server.wait_until_ready()
            assert readiness(server.metrics_address)[0] == 200
            poll(lambda: client.state().open_liquidation_count == 0, "the order ends")
            assert abs(client.state().time_nanos - time.time_ns()) < 60 * NANOS_PER_SECOND
            with pytest.raises(grpc.RpcError) as caught:
                client.admin.ConfirmStart(admin_pb.ConfirmStartRequest())
            assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
            venue.check_money(client)


def test_a_server_that_is_held_ends_when_it_is_asked_to(tmp_path: Path, clock: WallClock) -> None:
    with clock.give_to(Server(tmp_path, max_start_gap_seconds=60)) as server:
        with client_of(server) as client:
            venue.open_venue(client, ((3, 1),))
            sequence = client.state().sequence
        assert server.terminate() == 0
        clock.step_to(61)
        server.launch()
        server.wait_until_ready(HELD)
        assert server.terminate() == 0
        clock.step_to(0)
        server.start()
        with client_of(server) as client:
            assert client.state().sequence == sequence + 1
