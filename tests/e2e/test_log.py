"""The log of a real server: nobody who does not read it holds it up, and each line is JSON."""

import fcntl
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import common_pb2
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from tests.e2e import venue
from tests.e2e.pages import page, sample
from tests.e2e.server import WAIT_SECONDS, Client, Server, client_of, poll
from tests.service import requests

pytestmark = pytest.mark.e2e


def ask_often(client: Client, times: int) -> None:
    """Make calls that leave a line each."""
    request = account_pb.ListAccountsRequest()
    with ThreadPoolExecutor(8) as threads:
        list(
            threads.map(
                lambda _: client.account.ListAccounts(request, timeout=WAIT_SECONDS), range(times)
            )
        )


@pytest.mark.slow
def test_a_pipe_that_nobody_reads_stops_nothing(tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.log_path = tmp_path / "pipe"
    os.mkfifo(server.log_path)
    reading = os.open(server.log_path, os.O_RDONLY | os.O_NONBLOCK)
    fcntl.fcntl(reading, fcntl.F_SETPIPE_SZ, 4096)
    with server, client_of(server) as client:
        venue.open_venue(client, ((1, 100_000),))

        def dropped() -> float:
            return sample(page(server), "riskengine_log_dropped_lines_total")

        while not dropped():
            ask_often(client, 1_000)
        venue.mark(client, 9_999)
        os.set_blocking(reading, True)
        lines: list[dict[str, object]] = []
        reader = threading.Thread(target=read_all, args=(reading, lines))
        reader.start()
        poll(lambda: any(line["event"] == "log.dropped" for line in lines), "told")
        ask_often(client, 10)
        assert server.terminate() == 0
    reader.join(WAIT_SECONDS)
    told = [line for line in lines if line["event"] == "log.dropped"]
    assert sum(int(str(line["lines"])) for line in told) >= 1
    assert told[0]["level"] == "warning"
    assert lines[-1]["event"] == "server.end"


def read_all(descriptor: int, lines: list[dict[str, object]]) -> None:
    with os.fdopen(descriptor) as pipe:
        lines.extend(json.loads(line) for line in pipe)


def test_a_server_whose_log_is_never_read_ends(tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.log_path = tmp_path / "pipe"
    os.mkfifo(server.log_path)
    reading = os.open(server.log_path, os.O_RDONLY | os.O_NONBLOCK)
    fcntl.fcntl(reading, fcntl.F_SETPIPE_SZ, 4096)
    with server, client_of(server) as client:
        ask_often(client, 100)
        assert server.terminate() == 0
    os.close(reading)


def test_business_is_told_and_order_checks_are_not(server: Server) -> None:
    with client_of(server) as client:
        venue.open_venue(client, ((1, 100_000), (2, 10_000_000)), fund_atoms=10_000_000)
        venue.trade(client, (1, 2, 10_000, 100))
        check = risk_pb.CheckOrderRequest(
            account_id=2, market_id=1, side=common_pb2.SIDE_LONG, size_lots=1, price_ticks=10_000
        )
        for _ in range(20):
            client.risk.CheckOrder(check)
        venue.mark(client, 9_450)
        order = venue.instructions(client, 1, 2)[1].liquidation_order
        client.risk.ReportLiquidations(requests.report(order.liquidation_id))
        sequence = client.state().sequence
    assert server.terminate() == 0
    lines = [json.loads(line) for line in server.log().splitlines()]
    assert [line for line in lines if line.get("rpc") == "RiskService.CheckOrder"] == []
    told = {line["event"]: line for line in lines if line["event"].startswith(("liq", "fund."))}
    assert told["liquidation.started"]["first_accounts"] == [1]
    assert told["fund.took_over"]["sequence"] == sequence
    assert told["fund.took_over"]["first_markets"] == [1]
    assert told["liquidation.ended"]["sequence"] == sequence


def test_why_a_port_cannot_be_bound_is_json_too(server: Server, tmp_path: Path) -> None:
    taken = Server(tmp_path / "second", listen=server.grpc_address)
    taken.folder.mkdir()
    taken.launch()
    assert taken.wait() == 1
    lines = [json.loads(line) for line in taken.log().splitlines()]
    assert lines[-1]["event"] == "server.not_started"
    assert lines[-1]["error"].endswith(f"{server.grpc_address}: Address already in use")
