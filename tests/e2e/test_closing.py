"""An account's way out over the wire: flattened, paid out, closed, and opened again."""

import grpc
import pytest

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import common_pb2
from tests.e2e import venue
from tests.e2e.server import Client, Server, client_of
from tests.service import requests

pytestmark = pytest.mark.e2e

LEAVING, STAYING, OTHER = 5, 6, 7


def close(client: Client, batch_sequence: int) -> common_pb2.CommandResult:
    request = requests.close_account(LEAVING)
    request.key.CopyFrom(requests.key("office", batch_sequence))
    return client.account.CloseAccount(request).result


def listed_ids(client: Client) -> list[int]:
    answer = client.account.ListAccounts(account_pb.ListAccountsRequest())
    return [account.account_id for account in answer.accounts]


def refused(result: common_pb2.CommandResult) -> tuple[str, int, int]:
    assert result.outcome == common_pb2.COMMAND_OUTCOME_REFUSED
    (rejection,) = result.rejections
    assert rejection.field == "account_id"
    return common_pb2.RejectReason.Name(rejection.reason), rejection.value, rejection.limit


def assert_gone(client: Client) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        venue.account(client, LEAVING)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    assert listed_ids(client) == [STAYING]
    assert client.state().account_count == 1
    venue.check_money(client)


def test_an_account_leaves_and_its_id_comes_back(server: Server) -> None:
    with client_of(server) as client:
        venue.open_venue(client, ((LEAVING, 1_000), (STAYING, 1_000_000)))
        venue.trade(client, (LEAVING, STAYING, 10_000, 1))
        assert refused(close(client, 1)) == ("REJECT_REASON_HAS_POSITIONS", 1, 0)
        venue.trade(client, (STAYING, LEAVING, 10_000, 1))
        assert refused(close(client, 2)) == ("REJECT_REASON_HAS_BALANCE", 1_000, 0)
        venue.accepted(client.account.Withdraw(requests.withdraw(LEAVING, 1_000)).result)
        first = venue.accepted(close(client, 3))
        assert_gone(client)
        again = close(client, 3)
        assert (again.sequence, again.duplicate) == (first.sequence, True)
        assert refused(close(client, 4)) == ("REJECT_REASON_UNKNOWN_ACCOUNT", LEAVING, 0)
        before = client.state()

    server.kill()
    server.start()
    with client_of(server) as client:
        venue.check_only_started(client.state(), before)
        assert_gone(client)
        assert close(client, 3) == again
        # Another account has its slot, and its id comes back as a new account.
        for account_id in (OTHER, LEAVING):
            venue.accepted(client.account.Deposit(requests.deposit(account_id, 7)).result)
        assert close(client, 3) == again
        view = venue.account(client, LEAVING)
        assert (view.margin.balance_atoms, list(view.positions)) == (7, [])
        assert listed_ids(client) == [LEAVING, STAYING, OTHER]
        venue.check_money(client)
        before = client.state()

    assert server.terminate() == 0
    server.start()
    with client_of(server) as client:
        venue.check_only_started(client.state(), before)
