"""A venue that is brought over from one server to another, by what the first one streams of it."""

from pathlib import Path

import grpc
import pytest

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import columns_pb2 as columns_pb
from riskengine.api.v1 import common_pb2 as common_pb
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.api.v1.instructions_pb2 import Instruction
from riskengine.api.v1.state_pb2 import StateHead
from tests.e2e import venue
from tests.e2e.bringing_over import FUND_ACCOUNT, Exported, export, load
from tests.e2e.server import WAIT_SECONDS, Client, Server, client_of
from tests.service import requests

pytestmark = pytest.mark.e2e

OTHER_FUND, OTHER_MARKET = 2, 2
DEPOSITS = {
    1: 1_000_000,
    2: 1_000_000,
    3: 45_000,
    4: 600,
    FUND_ACCOUNT + requests.FUND: 40_000,
    FUND_ACCOUNT + OTHER_FUND: 1_000,
}
"""Net deposits in atoms; account 4 paid 700 of fees, which bankrupted it."""

CRASH_TICKS = 9_200
SLICE_LOTS = 5
TERM_MILLIS = 60_000
OF_THE_LOG = ("sequence", "time_nanos", "next_instruction_sequence", "log_id")
"""What of a head is of a log, not of the venue."""


def report(client: Client) -> admin_pb.GetLoadReportResponse:
    return client.admin.GetLoadReport(admin_pb.GetLoadReportRequest(), timeout=WAIT_SECONDS)


def set_other_market(client: Client, fund_share_ppm: int) -> None:
    """Make market 2, or change its share of the fund."""
    market = requests.market()
    market.market_id, market.fund_share_ppm = OTHER_MARKET, fund_share_ppm
    venue.accepted(client.admin.SetMarket(admin_pb.SetMarketRequest(market=market)).result)


def set_markets(client: Client) -> None:
    """Have market 1 liquidate by slices, with a pause between them; make market 2.

    Of the fund market 2 has less than an atom. Fund 2 has money, and no market names it.
    """
    admin = client.admin
    fund = admin_pb.CreateInsuranceFundRequest(fund_id=OTHER_FUND, asset_id=requests.ASSET)
    venue.accepted(admin.CreateInsuranceFund(fund).result)
    deposit = admin_pb.DepositInsuranceFundRequest(fund_id=OTHER_FUND, amount_atoms=1_000)
    venue.accepted(admin.DepositInsuranceFund(deposit).result)
    sliced = requests.market(timeout_millis=TERM_MILLIS)
    sliced.liquidation_slice_lots = SLICE_LOTS
    sliced.liquidation_cooldown_millis = TERM_MILLIS
    venue.accepted(admin.SetMarket(admin_pb.SetMarketRequest(market=sliced)).result)
    set_other_market(client, 1)
    marks = columns_pb.MarkPriceColumns(market_id=[OTHER_MARKET], mark_price_ticks=[10_000])
    request = risk_pb.UpdateMarkPricesRequest(mark_prices=marks)
    venue.accepted(client.risk.UpdateMarkPrices(request).result)


def trade_elsewhere(client: Client, *rows: tuple[int, int, int, int]) -> None:
    """Book trades of (buyer, seller, size_lots, seller_fee_atoms) in market 2."""
    columns = columns_pb.TradeColumns(
        market_id=[OTHER_MARKET] * len(rows),
        buyer_account_id=[row[0] for row in rows],
        seller_account_id=[row[1] for row in rows],
        price_ticks=[10_000] * len(rows),
        size_lots=[row[2] for row in rows],
        buyer_fee_atoms=[0] * len(rows),
        seller_fee_atoms=[row[3] for row in rows],
    )
    request = risk_pb.ApplyTradesRequest(trades=columns)
    venue.accepted(client.risk.ApplyTrades(request).result)


def play(client: Client) -> None:
    """Open the venue that is to be brought over.

    Account 1 bought at two prices, so its average price is no number of ticks, and in market 1 last
    of all; 3 is liquidated by a slice of which a lot is filled; 4 has a debt in market 2, of which
    the fund pays nothing.
    """
    deposits = [(one, DEPOSITS[one]) for one in (1, 2, 3, 4)]
    venue.open_venue(client, deposits, fund_atoms=40_000)
    set_markets(client)
    trade_elsewhere(client, (1, 2, 3, 0), (4, 2, 1, 0), (2, 4, 1, 700))
    venue.trade(client, (1, 2, 10_000, 10), (1, 2, 10_003, 3), (3, 2, 10_000, 40))
    venue.mark(client, CRASH_TICKS)
    venue.trade(client, (2, 3, CRASH_TICKS, 1), liquidation_id=1)


def accounts(client: Client) -> list[account_pb.Account]:
    """Return every account of a trader, and those of the funds, with positions."""
    listed = client.account.ListAccounts(account_pb.ListAccountsRequest(page_size=1_000))
    names = [one.account_id for one in listed.accounts]
    return [venue.account(client, one) for one in (*names, FUND_ACCOUNT + 1, FUND_ACCOUNT + 2)]


def without_log(head: StateHead) -> StateHead:
    """Return a head without what is of its log."""
    found = StateHead()
    found.CopyFrom(head)
    for name in OF_THE_LOG:
        found.ClearField(name)
    return found


def bodies(told: list[Instruction]) -> list[Instruction]:
    """Return instructions without the numbers that count a log; deadlines from its time on."""
    for one in told:
        if one.WhichOneof("body") == "liquidation_order":
            one.liquidation_order.deadline_nanos -= one.time_nanos
        one.ClearField("instruction_sequence")
        one.ClearField("sequence")
        one.ClearField("time_nanos")
    return told


def go_on(client: Client) -> list[Instruction]:
    """Play on, and return all that is instructed meanwhile.

    The slice is filled, so a pause follows; market 2 gets a share, so the debt is paid; the mark
    falls further and recovers, so those are closed that do not wait.
    """
    before = client.state().instruction_sequence
    venue.trade(client, (2, 3, CRASH_TICKS, SLICE_LOTS - 1), liquidation_id=1)
    set_other_market(client, 50_000)
    for ticks in (9_150, 8_800, 8_000, 9_900):
        venue.mark(client, ticks)
    venue.trade(client, (2, 1, 9_900, 13))
    last = client.state().instruction_sequence
    return bodies(venue.instructions(client, before + 1, last))


def move_deadlines(exported: Exported, nanos: int) -> None:
    """Have the orders end so much later, as a start does (TM-6)."""
    for rows in exported.rows:
        moved = [deadline + nanos for deadline in rows.liquidations.deadline_nanos]
        del rows.liquidations.deadline_nanos[:]
        rows.liquidations.deadline_nanos.extend(moved)


def check_report(client: Client, origin: Client, exported: Exported) -> None:
    """Check what the report says: the money, who is judged, and who waits until when."""
    found = report(client)
    (money,) = found.conservation
    assert int(money.missing_atoms) == sum(one.imbalance_lots for one in found.markets) == 0
    cost = sum(int(one.cost_atoms) for one in found.markets)
    assert int(money.carried_in_atoms) + cost == int(origin.state().conservation[0].fees_atoms)
    assert [one.account_id for one in found.liquidated.accounts] == [4]
    assert (found.bankrupt.account_count, found.HasField("rejection")) == (1, False)
    assert found.open_liquidation_count == 1
    (waiting,) = found.waiting.accounts
    (order,) = exported.told().orders.values()
    assert order.sliced
    assert (waiting.account_id, waiting.until_nanos) == (3, order.deadline_nanos)
    assert 0 < waiting.equity_atoms < waiting.maintenance_atoms
    assert (found.waiting.account_count, found.waiting.bankrupt_count) == (1, 0)


@pytest.mark.rule("LD-5", "LD-7", "LD-9", "LD-10", "LD-12")
def test_a_venue_is_brought_over_to_the_atom(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    with (
        Server(tmp_path / "first") as first,
        Server(tmp_path / "second") as second,
        client_of(first) as origin,
    ):
        play(origin)
        exported = export(origin)
        with client_of(second) as client:
            load(client, exported, DEPOSITS)
            loading = client.state()
            assert loading.venue_mode == common_pb.VENUE_MODE_LOADING
            refusal = client.risk.ApplyTrades(requests.trades((1, 2, 10_000, 1))).result
            assert refusal.rejections[0].reason == common_pb.REJECT_REASON_LOADING

        second.kill()
        second.start()
        with client_of(second) as client:
            venue.check_only_started(client.state(), loading)
            move_deadlines(exported, client.state().time_nanos - loading.time_nanos)
            check_report(client, origin, exported)
            venue.accepted(client.admin.GoLive(requests.go_live()).result)
            assert accounts(client) == accounts(origin)
            imported = export(client)
            assert imported.told() == exported.told()
            assert without_log(imported.head) == without_log(exported.head)
            with pytest.raises(grpc.RpcError) as caught:
                report(client)
            assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
            kinds = _is_the_same_from_now_on(origin, client)
            assert {"insurance_payout", "liquidation_fill", "take_over"} <= kinds, kinds
            after = client.state()

        second.kill()
        second.start()
        with client_of(second) as client:
            venue.check_only_started(client.state(), after)


def _is_the_same_from_now_on(origin: Client, client: Client) -> set[str | None]:
    """Play on in both, compare all that they tell, and return which kinds those are."""
    told = go_on(client)
    assert told == go_on(origin)
    assert export(client).told() == export(origin).told()
    assert accounts(client) == accounts(origin)
    venue.check_money(client)
    return {one.WhichOneof("body") for one in told}
