"""What a fund was worth and paid in 8 hours is of the log: a restart forgets none of it."""

from collections.abc import Callable
from urllib.request import urlopen

import pytest

from riskengine.api.v1 import admin_service_pb2 as admin_pb
from tests.e2e import venue
from tests.e2e.server import Client, Server, client_of
from tests.service.requests import FUND

pytestmark = pytest.mark.e2e

LEVERED, MAKER = 1, 2
DRAWDOWN = f'riskengine_insurance_fund_drawdown_ratio{{fund="{FUND}"}}'


def lose_3000(client: Client) -> None:
    """Have a fund of 10,000 pay 3,000, which is all that it may, and take nothing over."""
    venue.open_venue(client, ((LEVERED, 100_000), (MAKER, 10_000_000)), fund_atoms=10_000)
    parameters = client.state().parameters
    parameters.fund_market_notional_ppm = 1
    parameters.fund_drawdown_ppm = 300_000
    parameters.fund_resume_ppm = 250_000
    request = admin_pb.SetRiskParametersRequest(parameters=parameters)
    venue.accepted(client.admin.SetRiskParameters(request).result)
    venue.trade(client, (LEVERED, MAKER, 10_000, 100))
    venue.mark(client, 8_970)
    venue.check_money(client)


def fund_of(client: Client) -> admin_pb.InsuranceFund:
    (fund,) = client.admin.ListInsuranceFunds(admin_pb.ListInsuranceFundsRequest()).funds
    return fund


def drawdown(server: Server) -> str:
    with urlopen(f"http://{server.metrics_address}/metrics", timeout=10) as page:
        lines: list[str] = page.read().decode().splitlines()
    return next(line for line in lines if line.startswith(DRAWDOWN)).split()[-1]


@pytest.mark.rule("FD-9", "FD-11")
@pytest.mark.parametrize("end", [Server.kill, Server.terminate], ids=["killed", "stopped"])
def test_a_drawdown_outlasts_a_restart(server: Server, end: Callable[[Server], object]) -> None:
    with client_of(server) as client:
        lose_3000(client)
        before = fund_of(client)
        assert (before.equity_atoms, before.peak_equity_atoms) == (7_000, 10_000)
        assert (before.is_stopped, before.paid_atoms) == (True, 3_000)
    assert drawdown(server) == "0.3"
    end(server)
    server.start()
    with client_of(server) as client:
        assert fund_of(client) == before
    assert drawdown(server) == "0.3"
