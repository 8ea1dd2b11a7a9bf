"""Steps that open a small venue over the wire, and the instructions that it gave."""

from collections.abc import Sequence

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import common_pb2
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.api.v1.admin_service_pb2 import GetStateResponse
from riskengine.api.v1.instructions_pb2 import Instruction
from tests.e2e.server import WAIT_SECONDS, Client
from tests.service import requests


def accepted(result: common_pb2.CommandResult) -> common_pb2.CommandResult:
    """Check that nothing of a command was refused."""
    assert result.sequence > 0, result
    assert not result.rejections, result
    return result


def open_venue(
    client: Client,
    deposits: Sequence[tuple[int, int]],
    *,
    fund_atoms: int = 0,
    timeout_millis: int = 60_000,
) -> None:
    """Make asset, fund and market; pay in (account, amount_atoms); set the mark to 10,000."""
    admin = client.admin
    accepted(admin.CreateAsset(requests.create_asset()).result)
    accepted(admin.CreateInsuranceFund(requests.create_fund()).result)
    if fund_atoms:
        accepted(admin.DepositInsuranceFund(requests.deposit_fund(fund_atoms)).result)
    market = requests.set_market(timeout_millis=timeout_millis)
    accepted(admin.SetMarket(market).result)
    for account_id, amount_atoms in deposits:
        accepted(client.account.Deposit(requests.deposit(account_id, amount_atoms)).result)
    mark(client, requests.PRICE_TICKS)


def mark(client: Client, mark_price_ticks: int) -> common_pb2.CommandResult:
    return accepted(client.risk.UpdateMarkPrices(requests.mark(mark_price_ticks)).result)


def trade(
    client: Client, *rows: tuple[int, int, int, int], liquidation_id: int = 0
) -> common_pb2.CommandResult:
    """Book trades of (buyer, seller, price_ticks, size_lots)."""
    request = requests.trades(*rows, liquidation_id=liquidation_id)
    return accepted(client.risk.ApplyTrades(request).result)


def account(client: Client, account_id: int, asset_id: int = 0) -> account_pb.Account:
    request = account_pb.GetAccountRequest(account_id=account_id, asset_id=asset_id)
    return client.account.GetAccount(request).account


def instructions(client: Client, first: int, last: int) -> list[Instruction]:
    """Read the instructions from one number to another."""
    request = risk_pb.StreamInstructionsRequest(from_instruction_sequence=first)
    stream = client.risk.StreamInstructions(request, timeout=WAIT_SECONDS)
    found: list[Instruction] = []
    for response in stream:
        found += response.instructions
        if found[-1].instruction_sequence >= last:
            stream.cancel()
            break
    return found


def check_only_started(after: GetStateResponse, before: GetStateResponse) -> None:
    """Check that a state is what it was, but for a start that the log has since."""
    assert after.sequence == before.sequence + 1
    expected = GetStateResponse()
    expected.CopyFrom(before)
    for name in ("sequence", "durable_sequence", "time_nanos", "state_hash"):
        setattr(expected, name, getattr(after, name))
    assert after == expected


def check_money(client: Client) -> None:
    """Check that not one atom of any asset is missing."""
    checks = client.state().conservation
    assert {check.missing_atoms for check in checks} == {"0"}
