"""A debt over the wire: spread over gains by the log's time, and written off by the venue."""

import pytest

from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import common_pb2
from tests.e2e import venue
from tests.e2e.server import Client, Server, client_of
from tests.service import requests

pytestmark = pytest.mark.e2e

DEBTOR, MAKER, WINNER = 5, 6, 7
SECONDS_TO_SPREAD = 1


def set_levels(client: Client, spread_after_millis: int) -> None:
    levels = admin_pb.RiskParameters(
        margin_call_ppm=1_250_000,
        liquidation_buffer_ppm=50_000,
        take_over_ppm=666_667,
        margin_call_clear_ppm=1_350_000,
        withdrawal_margin_ppm=100_000,
        gate_floor_units=1_000,
        gate_ppm=1_000,
        spread_after_millis=spread_after_millis,
    )
    request = admin_pb.SetRiskParametersRequest(parameters=levels)
    venue.accepted(client.admin.SetRiskParameters(request).result)


def owe(client: Client) -> None:
    """Have the debtor, who paid in 2,000, owe 1,000 by a fee."""
    request = requests.trades((DEBTOR, MAKER, 10_000, 1), (MAKER, DEBTOR, 10_000, 1))
    request.trades.seller_fee_atoms.extend((0, 3_000))
    venue.accepted(client.risk.ApplyTrades(request).result)
    assert venue.account(client, DEBTOR).margin.balance_atoms == -1_000


def write_off(client: Client, amount_atoms: int, batch_sequence: int) -> common_pb2.CommandResult:
    request = admin_pb.WriteOffRequest(
        key=requests.key("office", batch_sequence),
        account_id=DEBTOR,
        asset_id=requests.ASSET,
        amount_atoms=amount_atoms,
        payer=common_pb2.WRITE_OFF_PAYER_VENUE,
    )
    return client.admin.WriteOff(request).result


def bodies(client: Client) -> list[str | None]:
    last = client.state().instruction_sequence
    return [one.WhichOneof("body") for one in venue.instructions(client, 1, last)]


def test_the_venue_writes_a_debt_off_once(server: Server) -> None:
    with client_of(server) as client:
        venue.open_venue(client, ((DEBTOR, 2_000), (MAKER, 1_000_000)))
        owe(client)
        first = venue.accepted(write_off(client, 400, 1))
        assert (write_off(client, 400, 1).duplicate, first.duplicate) == (True, False)
        (refusal,) = write_off(client, 601, 2).rejections
        assert refusal.reason == common_pb2.REJECT_REASON_OUT_OF_RANGE
        assert (refusal.field, refusal.value, refusal.limit) == ("amount_atoms", 601, 600)
        venue.accepted(write_off(client, 600, 3))
        (refusal,) = write_off(client, 1, 4).rejections
        assert refusal.reason == common_pb2.REJECT_REASON_NOT_BANKRUPT
        last = client.state().instruction_sequence
        told = [
            (one.debt_written_off.amount_atoms, one.debt_written_off.left_atoms)
            for one in venue.instructions(client, 1, last)
            if one.WhichOneof("body") == "debt_written_off"
        ]
        assert told == [(400, 600), (600, 0)]
        assert bodies(client)[-1] == "liquidation_ended"
        venue.check_money(client)
        before = client.state()

    server.kill()
    server.start()
    with client_of(server) as client:
        venue.check_only_started(client.state(), before)
        assert write_off(client, 600, 3).duplicate


def test_a_debt_that_waits_is_spread_by_itself(server: Server) -> None:
    with client_of(server) as client:
        venue.open_venue(client, ((DEBTOR, 2_000), (MAKER, 1_000_000), (WINNER, 5_000)))
        set_levels(client, 1_000 * SECONDS_TO_SPREAD)
        venue.trade(client, (WINNER, MAKER, 10_000, 1), (MAKER, WINNER, 14_000, 1))
        owe(client)
        assert [one.WhichOneof("body") for one in venue.instructions(client, 1, 4)] == [
            *("cancel_orders", "bad_debt", "loss_spread", "liquidation_ended")
        ]
        assert venue.account(client, WINNER).margin.balance_atoms == 5_000 + 4_000 - 1_000
        assert venue.account(client, DEBTOR).margin.balance_atoms == 0
        venue.check_money(client)
