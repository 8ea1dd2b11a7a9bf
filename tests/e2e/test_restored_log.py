"""After a restore: who goes by numbers of the log before is told that this is another one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.api.v1.state_pb2 import StreamStateRequest
from riskengine.service.identity import EXPECTED_LOG_ID
from tests.e2e import venue
from tests.e2e.reference import random_batches
from tests.e2e.server import WAIT_SECONDS, Client, Server, client_of
from tests.e2e.test_command_line import riskengine
from tests.e2e.test_resume import open_levered, swing

pytestmark = pytest.mark.e2e


def log_ids(client: Client) -> set[str]:
    """Return the id of the log as each answer tells it that bears one."""
    request = risk_pb.StreamInstructionsRequest(from_instruction_sequence=1)
    stream = client.risk.StreamInstructions(request, timeout=WAIT_SECONDS)
    state = client.account.StreamState(StreamStateRequest(), timeout=WAIT_SECONDS)
    confirm = risk_pb.ConfirmInstructionsRequest(consumer_id="watcher")
    answers: list[Any] = [
        client.state(),
        client.admin.GetServerStatus(admin_pb.GetServerStatusRequest()),
        client.admin.ListAssets(admin_pb.ListAssetsRequest()),
        client.admin.ListMarkets(admin_pb.ListMarketsRequest()),
        client.admin.ListInsuranceFunds(admin_pb.ListInsuranceFundsRequest()),
        client.admin.ListConsumers(admin_pb.ListConsumersRequest()),
        client.account.ListAccounts(account_pb.ListAccountsRequest()),
        client.risk.ListLiquidations(risk_pb.ListLiquidationsRequest()),
        client.risk.ConfirmInstructions(confirm),
        next(stream),
        next(state).head,
    ]
    stream.cancel()
    state.cancel()
    return {answer.log_id for answer in answers}


Ask = Callable[[Client, str], object]


def _stream(client: Client, expected: str) -> object:
    request = risk_pb.StreamInstructionsRequest(
        from_instruction_sequence=5, expected_log_id=expected
    )
    return next(client.risk.StreamInstructions(request, timeout=WAIT_SECONDS))


def _confirm(client: Client, expected: str) -> object:
    """Confirm as a consumer of its own: its first confirmation is on disk when it is answered."""
    request = risk_pb.ConfirmInstructionsRequest(
        consumer_id="venue", through_instruction_sequence=4, expected_log_id=expected
    )
    return client.risk.ConfirmInstructions(request)


def _submit(client: Client, expected: str) -> object:
    batches = iter(random_batches(1, "engine", 1))
    metadata = ((EXPECTED_LOG_ID, expected),)
    return next(client.risk.Submit(batches, metadata=metadata, timeout=WAIT_SECONDS))


ASKED: dict[str, Ask] = {
    "a stream of instructions": _stream,
    "a confirmation": _confirm,
    "a stream of batches": _submit,
}


def test_an_old_consumer_is_told_that_the_log_is_another_one(tmp_path: Path) -> None:
    data, backup, restored = tmp_path / "data", tmp_path / "backup", tmp_path / "second/data"
    with Server(tmp_path) as server:
        with client_of(server) as client:
            open_levered(client)
            swing(client, 10)
            (before,) = log_ids(client)
            for ask in ASKED.values():
                ask(client, before)
        done = riskengine("backup", "--data-dir", str(data), "--to", str(backup))
        assert done.returncode == 0, done.stderr
    done = riskengine("restore", "--from", str(backup), "--to", str(restored))
    assert done.returncode == 0, done.stderr
    with Server(tmp_path / "second") as second, client_of(second) as client:
        state = client.state()
        assert state.log_id != before
        assert f"from log id            {before}" in done.stdout
        for what, ask in ASKED.items():
            with pytest.raises(grpc.RpcError) as caught:
                ask(client, before)
            assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION, what
            said = caught.value.details() or ""
            assert said.startswith(f"this server's log is {state.log_id}, not {before}: "), what
        after = client.state()
        assert after.sequence == state.sequence
        listed = client.admin.ListConsumers(admin_pb.ListConsumersRequest())
        confirmed = {
            one.consumer_id: one.confirmed_instruction_sequence for one in listed.consumers
        }
        assert confirmed == {"venue": 4, "watcher": 0}
        assert log_ids(client) == {state.log_id}
        for ask in ASKED.values():
            ask(client, state.log_id)
        venue.check_money(client)
        detail = riskengine("health", "--address", second.grpc_address, "--detail")
        assert f"log {state.log_id}" in detail.stdout
