"""Money over the wire: withdrawals in columns and in two phases, and adjustments, over a kill."""

from itertools import chain

import pytest

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import columns_pb2, common_pb2, state_pb2
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from tests.e2e import venue
from tests.e2e.server import Client, Server, client_of
from tests.service import requests

pytestmark = pytest.mark.e2e

PAID, OTHER = 5, 6


def reserve(client: Client, amount_atoms: int, number: int) -> common_pb2.CommandResult:
    request = account_pb.ReserveWithdrawalRequest(
        key=requests.key("bank", number),
        amount_atoms=amount_atoms,
        reservation_id=100 + number,
        account_id=PAID,
        asset_id=requests.ASSET,
    )
    return client.account.ReserveWithdrawal(request).result


def confirm(client: Client, reservation_id: int) -> common_pb2.CommandResult:
    request = account_pb.ConfirmWithdrawalRequest(
        reservation_id=reservation_id, account_id=PAID, asset_id=requests.ASSET
    )
    return client.account.ConfirmWithdrawal(request).result


def cancel(client: Client, reservation_id: int) -> common_pb2.CommandResult:
    request = account_pb.CancelWithdrawalRequest(
        reservation_id=reservation_id, account_id=PAID, asset_id=requests.ASSET
    )
    return client.account.CancelWithdrawal(request).result


def told(client: Client) -> list[tuple[int, int, int]]:
    """Return account, number and amount of each reservation in a state stream."""
    parts = client.account.StreamState(state_pb2.StreamStateRequest())
    rows = [part.rows.reservations for part in parts if part.WhichOneof("part") == "rows"]
    return list(
        chain.from_iterable(
            zip(one.account_id, one.reservation_id, one.amount_atoms, strict=True) for one in rows
        )
    )


def test_what_is_reserved_outlives_a_kill(server: Server) -> None:
    with client_of(server) as client:
        venue.open_venue(client, ((PAID, 2_000), (OTHER, 1_000)))
        first = venue.accepted(reserve(client, 700, 1))
        venue.accepted(reserve(client, 300, 2))
        assert (reserve(client, 700, 1).duplicate, first.duplicate) == (True, False)
        (refusal,) = confirm(client, 103).rejections
        assert refusal.reason == common_pb2.REJECT_REASON_UNKNOWN_RESERVATION
        (refusal,) = client.account.CloseAccount(
            account_pb.CloseAccountRequest(account_id=PAID, asset_id=requests.ASSET)
        ).result.rejections
        assert refusal.reason == common_pb2.REJECT_REASON_HAS_BALANCE
        before = client.state()
        assert before.conservation[0].reserved_atoms == "1000"

    server.kill()
    server.start()
    with client_of(server) as client:
        venue.check_only_started(client.state(), before)
        shown = venue.account(client, PAID)
        assert [(one.reservation_id, one.amount_atoms) for one in shown.reservations] == [
            (101, 700),
            (102, 300),
        ]
        assert (shown.margin.balance_atoms, shown.margin.reserved_atoms) == (1_000, 1_000)
        assert told(client) == [(PAID, 101, 700), (PAID, 102, 300)]
        venue.accepted(confirm(client, 101))
        venue.accepted(cancel(client, 102))
        shown = venue.account(client, PAID)
        assert (shown.margin.balance_atoms, shown.margin.net_deposits_atoms) == (1_300, 1_300)
        assert not shown.reservations
        venue.check_money(client)


def test_withdrawals_of_a_stream_are_answered_row_by_row(server: Server) -> None:
    with client_of(server) as client:
        venue.open_venue(client, ((PAID, 2_000), (OTHER, 1_000)))
        batch = requests.submit_withdrawals("bank", 1, (PAID, 1_500), (PAID, 501), (OTHER, 1_000))
        batch.withdrawals.venue_id.extend((71, 72, 73))
        behind = requests.submit_deposits("bank", 2, (OTHER, 5))
        found: list[risk_pb.SubmitResponse] = list(client.risk.Submit(iter((batch, behind))))
        assert [one.result.applied_rows for one in found] == [2, 1]
        (refusal,) = found[0].result.rejections
        assert (refusal.row, refusal.value, refusal.limit) == (1, 501, 500)
        venue.check_money(client)


def test_balances_are_adjusted_by_an_operator(server: Server) -> None:
    with client_of(server) as client:
        venue.open_venue(client, ((PAID, 2_000), (OTHER, 1_000)))
        rows = columns_pb2.AdjustmentColumns(
            account_id=(PAID, OTHER, OTHER),
            asset_id=(requests.ASSET,) * 3,
            amount_atoms=(50, -1_000, 1),
            reason=(
                common_pb2.ADJUSTMENT_REASON_REBATE,
                common_pb2.ADJUSTMENT_REASON_CORRECTION,
                common_pb2.ADJUSTMENT_REASON_FEE_PAYOUT,
            ),
            payer=(
                common_pb2.WRITE_OFF_PAYER_VENUE,
                common_pb2.WRITE_OFF_PAYER_VENUE,
                common_pb2.WRITE_OFF_PAYER_FEES,
            ),
        )
        request = admin_pb.AdjustBalancesRequest(key=requests.key("office", 1), adjustments=rows)
        result = client.admin.AdjustBalances(request).result
        assert result.applied_rows == 2
        (refusal,) = result.rejections
        assert (refusal.row, refusal.reason, refusal.limit) == (
            2,
            common_pb2.REJECT_REASON_NOT_WITHDRAWABLE,
            0,
        )
        assert client.admin.AdjustBalances(request).result.duplicate
        margins = [venue.account(client, one).margin for one in (PAID, OTHER)]
        assert [(one.balance_atoms, one.net_deposits_atoms) for one in margins] == [
            (2_050, 2_000),
            (0, 1_000),
        ]
        venue.check_money(client)
