"""A venue that is brought over from one server to another, with what the first one says of it."""

from pathlib import Path

import grpc
import pytest

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import common_pb2 as common_pb
from riskengine.api.v1.instructions_pb2 import Instruction, LiquidationOrder
from tests.e2e import venue
from tests.e2e.server import WAIT_SECONDS, Client, Server, client_of
from tests.service import requests

pytestmark = pytest.mark.e2e

FUND_ACCOUNT = 2**62 + requests.FUND
DEPOSITS = {1: 1_000_000, 2: 1_000_000, 3: 4_500, FUND_ACCOUNT: 40_000}
CRASH_TICKS = 9_200


def report(client: Client) -> admin_pb.GetLoadReportResponse:
    return client.admin.GetLoadReport(admin_pb.GetLoadReportRequest(), timeout=WAIT_SECONDS)


def play(client: Client) -> LiquidationOrder:
    """Open the venue that is to be brought over; return its open order, of which a lot is filled.

    Account 1 bought at two prices, so its average price is no number of ticks.
    """
    venue.open_venue(client, [(one, DEPOSITS[one]) for one in (1, 2, 3)], fund_atoms=40_000)
    venue.trade(client, (1, 2, 10_000, 10), (1, 2, 10_003, 3), (3, 2, 10_000, 4))
    venue.mark(client, CRASH_TICKS)
    last = client.state().instruction_sequence
    told = venue.instructions(client, 1, last)
    (order,) = (one.liquidation_order for one in told if one.WhichOneof("body") == BEGUN)
    assert order.size_lots > 1
    venue.trade(client, (2, 3, CRASH_TICKS, 1), liquidation_id=order.liquidation_id)
    return order


BEGUN = "liquidation_order"


def accounts(client: Client) -> list[account_pb.Account]:
    """Return every account of a trader, and that of the fund, with positions."""
    listed = client.account.ListAccounts(account_pb.ListAccountsRequest(page_size=1_000))
    names = [one.account_id for one in listed.accounts]
    return [venue.account(client, one) for one in (*names, FUND_ACCOUNT)]


def load(client: Client, held: list[account_pb.Account], order: LiquidationOrder) -> None:
    """Load what another server said of its accounts, and its open order."""
    admin = client.admin
    venue.accepted(admin.CreateAsset(requests.create_asset()).result)
    venue.accepted(admin.CreateInsuranceFund(requests.create_fund()).result)
    venue.accepted(admin.SetMarket(requests.set_market()).result)
    venue.mark(client, CRASH_TICKS)
    venue.accepted(admin.BeginLoading(requests.begin_loading(order.liquidation_id)).result)
    rows = [(one.account_id, one.margin.balance_atoms, DEPOSITS[one.account_id]) for one in held]
    venue.accepted(admin.LoadAccounts(requests.load_accounts(*rows)).result)
    positions = [
        (one.account_id, position.size_lots, position.cost_atoms)
        for one in held
        for position in one.positions
    ]
    venue.accepted(admin.LoadPositions(requests.load_positions(*positions)).result)
    orders = requests.load_liquidations(order, filled_lots=[1])
    venue.accepted(admin.LoadLiquidations(orders).result)


def bodies(told: list[Instruction]) -> list[Instruction]:
    """Return instructions without the numbers that count a log, and without its time."""
    for one in told:
        one.ClearField("instruction_sequence")
        one.ClearField("sequence")
        one.ClearField("time_nanos")
    return told


def end_order(client: Client, order: LiquidationOrder) -> list[Instruction]:
    """Fill what is left of the order, and return what is instructed from then on."""
    before = client.state().instruction_sequence
    row = (2, order.account_id, CRASH_TICKS, order.size_lots - 1)
    venue.trade(client, row, liquidation_id=order.liquidation_id)
    return bodies(venue.instructions(client, before + 1, client.state().instruction_sequence))


@pytest.mark.rule("LD-5", "LD-7", "LD-9", "LD-10", "LD-12")
def test_a_venue_is_brought_over_to_the_atom(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    with (
        Server(tmp_path / "first") as first,
        Server(tmp_path / "second") as second,
        client_of(first) as origin,
    ):
        order = play(origin)
        held = accounts(origin)
        with client_of(second) as client:
            load(client, held, order)
            loading = client.state()
            assert loading.venue_mode == common_pb.VENUE_MODE_LOADING
            refusal = client.risk.ApplyTrades(requests.trades((1, 2, 10_000, 1))).result
            assert refusal.rejections[0].reason == common_pb.REJECT_REASON_LOADING

        second.kill()
        second.start()
        with client_of(second) as client:
            assert client.state() == loading
            found = report(client)
            (money,), (market,) = found.conservation, found.markets
            assert int(money.missing_atoms) == market.imbalance_lots == 0
            fees = origin.state().conservation[0].fees_atoms
            assert int(money.carried_in_atoms) + int(market.cost_atoms) == int(fees)
            assert (found.liquidated.account_count, found.HasField("rejection")) == (0, False)
            assert found.open_liquidation_count == 1
            venue.accepted(client.admin.GoLive(requests.go_live()).result)
            assert accounts(client) == held
            with pytest.raises(grpc.RpcError) as caught:
                report(client)
            assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
            assert end_order(client, order) == end_order(origin, order)
            assert accounts(client) == accounts(origin)
            venue.check_money(client)
            after = client.state()

        second.kill()
        second.start()
        with client_of(second) as client:
            assert client.state() == after
