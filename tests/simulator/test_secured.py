"""The demo over mutual TLS: the same story, told by callers of which each has its role."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import grpc
import pytest

from riskengine.api.v1 import account_service_pb2, admin_service_pb2, risk_service_pb2
from riskengine.client_files import ClientFiles
from riskengine.simulator.client import Callers, open_client
from riskengine.simulator.main import EXIT_USAGE
from riskengine.simulator.server_process import running_server
from tests.simulator.test_demo import COMMAND, SHORT_RUN, run

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

FORBIDDEN = grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.usefixtures("authority")
async def test_a_secured_run_is_the_same_story_and_money_is_conserved() -> None:
    short = replace(SHORT_RUN, accounts=500)
    plain, _ = await run(short)
    secured, text = await run(replace(short, secure=True))
    found = secured.reconciliation
    assert (found.missing_atoms, found.differences) == (0, [])
    assert secured.figures == plain.figures
    assert "All goes over mutual TLS" in text


@pytest.mark.usefixtures("authority")
async def test_each_caller_of_a_run_may_what_it_is_for(tmp_path: Path) -> None:
    async with running_server(0, tmp_path, secured=True) as server:
        venue, desk, operator = server.callers
        assert len({venue.cert, desk.cert, operator.cert}) == 3
        swapped = Callers(venue=desk, desk=venue, operator=venue)
        async with open_client(server.grpc_address, swapped) as client:
            check = client.risk.CheckOrder(risk_service_pb2.CheckOrderRequest(account_id=1))
            paid = client.admin.WriteOff(admin_service_pb2.WriteOffRequest())
            assert await check.code() is FORBIDDEN
            assert await paid.code() is FORBIDDEN
        async with open_client(server.grpc_address, server.callers) as client:
            state = await client.admin.GetState(admin_service_pb2.GetStateRequest())
            assert state.sequence == 0
            await client.account.ListAccounts(account_service_pb2.ListAccountsRequest())
        ca_alone = ClientFiles(ca=venue.ca)
        async with open_client(server.grpc_address, Callers(*[ca_alone] * 3)) as client:
            call = client.admin.GetState(admin_service_pb2.GetStateRequest())
            assert await call.code() is grpc.StatusCode.UNAVAILABLE


def test_what_is_missing_for_it_is_told(tmp_path: Path) -> None:
    environment = os.environ | {"PATH": str(tmp_path)}
    done = subprocess.run(
        [*COMMAND, "--accounts", "500", "--secure"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == EXIT_USAGE
    assert done.stderr == (
        "riskengine demo: --secure: openssl, which makes the certificates, is not installed\n"
    )
