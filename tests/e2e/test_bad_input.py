"""Bad input over the wire: a typed answer that names the field, and nothing has changed."""

import socket
from collections.abc import Callable, Iterator
from random import Random

import grpc
import pytest

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import columns_pb2 as columns_pb
from riskengine.api.v1 import common_pb2
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from tests.e2e import venue
from tests.e2e.server import Client, Server, client_of
from tests.service import requests

pytestmark = pytest.mark.e2e

INT64_MAX, INT64_MIN = 2**63 - 1, -(2**63)
Ask = Callable[[Client], common_pb2.CommandResult]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Start one server for all rows: none of them changes anything."""
    with (
        Server(tmp_path_factory.mktemp("bad"), max_batch_rows=100) as server,
        client_of(server) as client,
    ):
        venue.open_venue(client, ((1, 1_000_000), (2, 1_000_000), (3, 1)))
        venue.trade(client, (1, 2, 10_000, 10))
        yield client


def trades(*rows: tuple[int, int, int, int], **columns: list[int]) -> Ask:
    def ask(client: Client) -> common_pb2.CommandResult:
        request = requests.trades(*rows)
        for name, values in columns.items():
            column = getattr(request.trades, name)
            del column[:]
            column.extend(values)
        return client.risk.ApplyTrades(request).result

    return ask


def positions(mode: int, size_lots: int, price_ticks: int) -> Ask:
    def ask(client: Client) -> common_pb2.CommandResult:
        updates = columns_pb.PositionUpdateColumns(
            mode=mode,  # type: ignore[arg-type]
            account_id=[1],
            market_id=[1],
            size_lots=[size_lots],
            price_ticks=[price_ticks],
        )
        request = risk_pb.UpdatePositionsRequest(position_updates=updates)
        return client.risk.UpdatePositions(request).result

    return ask


def marks(market_id: list[int], mark_price_ticks: list[int]) -> Ask:
    def ask(client: Client) -> common_pb2.CommandResult:
        columns = columns_pb.MarkPriceColumns(
            market_id=market_id, mark_price_ticks=mark_price_ticks
        )
        request = risk_pb.UpdateMarkPricesRequest(mark_prices=columns)
        return client.risk.UpdateMarkPrices(request).result

    return ask


def deposit(account_id: int, asset_id: int, amount_atoms: int, isolated: int = 0) -> Ask:
    request = account_pb.DepositRequest(
        account_id=account_id,
        asset_id=asset_id,
        amount_atoms=amount_atoms,
        isolated_market_id=isolated,
    )
    return lambda client: client.account.Deposit(request).result


def deposit_row(account_id: int, asset_id: int, isolated: int) -> Ask:
    """Pay in by a batch of one row."""

    def ask(client: Client) -> common_pb2.CommandResult:
        columns = requests.submit_deposits("", 0, (account_id, 1)).deposits
        columns.asset_id[0] = asset_id
        columns.isolated_market_id.append(isolated)
        client.register("rows")
        known = client.risk.GetClient(risk_pb.GetClientRequest(client_id="rows")).client
        key = requests.key("rows", known.next_batch_sequence)
        request = risk_pb.SubmitRequest(key=key, deposits=columns)
        return next(iter(client.risk.Submit(iter([request])))).result

    return ask


def withdraw(account_id: int, amount_atoms: int, **name: int) -> Ask:
    request = requests.withdraw(account_id, amount_atoms)
    for field, value in name.items():
        setattr(request, field, value)
    return lambda client: client.account.Withdraw(request).result


def close(account_id: int, **name: int) -> Ask:
    request = requests.close_account(account_id)
    for field, value in name.items():
        setattr(request, field, value)
    return lambda client: client.account.CloseAccount(request).result


def market(**changes: object) -> Ask:
    def ask(client: Client) -> common_pb2.CommandResult:
        request = requests.set_market()
        for name, value in changes.items():
            setattr(request.market, name, value)
        return client.admin.SetMarket(request).result

    return ask


def asset(asset_id: int, symbol: str, exponent: int) -> Ask:
    made = admin_pb.Asset(asset_id=asset_id, symbol=symbol, exponent=exponent)
    request = admin_pb.CreateAssetRequest(asset=made)
    return lambda client: client.admin.CreateAsset(request).result


def report(*liquidation_ids: int) -> Ask:
    request = requests.report(*liquidation_ids)
    return lambda client: client.risk.ReportLiquidations(request).result


def keyed(client_id: str, batch_sequence: int) -> Ask:
    request = requests.deposit(1)
    request.key.CopyFrom(requests.key(client_id, batch_sequence))
    return lambda client: client.account.Deposit(request).result


CASES: dict[str, tuple[Ask, str, str]] = {
    "unknown market": (
        trades((1, 2, 1, 1), market_id=[9]),
        "UNKNOWN_MARKET",
        "market_id",
    ),
    "unknown buyer": (trades((9, 2, 1, 1)), "UNKNOWN_ACCOUNT", "buyer_account_id"),
    "unknown seller": (trades((1, 9, 1, 1)), "UNKNOWN_ACCOUNT", "seller_account_id"),
    "self trade": (trades((1, 1, 1, 1)), "SELF_TRADE", "seller_account_id"),
    "zero price": (trades((1, 2, 0, 1)), "OUT_OF_RANGE", "price_ticks"),
    "negative size": (trades((1, 2, 1, -1)), "OUT_OF_RANGE", "size_lots"),
    "largest price": (trades((1, 2, INT64_MAX, 1)), "OUT_OF_RANGE", "price_ticks"),
    "smallest size": (trades((1, 2, 1, INT64_MIN)), "OUT_OF_RANGE", "size_lots"),
    "overflowing position": (
        trades((1, 2, 1, 1_000_000_000)),
        "OVERFLOW",
        "size_lots",
    ),
    "fee out of range": (
        trades((1, 2, 1, 1), buyer_fee_atoms=[INT64_MIN]),
        "OUT_OF_RANGE",
        "buyer_fee_atoms",
    ),
    "unissued liquidation": (
        trades((1, 2, 1, 1), liquidation_id=[7]),
        "UNKNOWN_LIQUIDATION",
        "liquidation_id",
    ),
    "empty batch": (trades(), "EMPTY_BATCH", "market_id"),
    "oversized batch": (trades(*[(1, 2, 1, 1)] * 101), "BATCH_TOO_LARGE", "market_id"),
    "uneven columns": (
        trades((1, 2, 1, 1), size_lots=[1, 1]),
        "COLUMN_LENGTH",
        "size_lots",
    ),
    "unknown mode": (positions(3, 1, 1), "UNKNOWN_ENUM", "mode"),
    "unset mode": (positions(0, 1, 1), "UNKNOWN_ENUM", "mode"),
    "empty delta": (positions(1, 0, 1), "OUT_OF_RANGE", "size_lots"),
    "position without price": (positions(2, 1, 0), "OUT_OF_RANGE", "price_ticks"),
    "zero mark": (marks([1], [0]), "OUT_OF_RANGE", "mark_price_ticks"),
    "mark of no market": (marks([2], [1]), "UNKNOWN_MARKET", "market_id"),
    "account id 0": (deposit(0, 1, 1), "OUT_OF_RANGE", "account_id"),
    "account id 2^62": (deposit(2**62, 1, 1), "OUT_OF_RANGE", "account_id"),
    "unknown asset": (deposit(1, 2, 1), "UNKNOWN_ASSET", "asset_id"),
    "deposit of an unknown asset in a batch": (deposit_row(1, 2, 0), "UNKNOWN_ASSET", "asset_id"),
    "isolated deposit": (deposit(1, 1, 1, 1), "OUT_OF_RANGE", "isolated_market_id"),
    "isolated deposit in a batch": (deposit_row(1, 1, 1), "OUT_OF_RANGE", "isolated_market_id"),
    "isolated withdrawal": (
        withdraw(3, 1, isolated_market_id=1),
        "OUT_OF_RANGE",
        "isolated_market_id",
    ),
    "isolated closing": (close(3, isolated_market_id=-1), "OUT_OF_RANGE", "isolated_market_id"),
    "withdrawal of an unknown asset": (withdraw(3, 1, asset_id=2), "UNKNOWN_ASSET", "asset_id"),
    "closing in an unknown asset": (close(3, asset_id=2), "UNKNOWN_ASSET", "asset_id"),
    "zero deposit": (deposit(1, 1, 0), "OUT_OF_RANGE", "amount_atoms"),
    "deposit above 2^60": (deposit(1, 1, 2**60 + 1), "OUT_OF_RANGE", "amount_atoms"),
    "deposit beyond the balance": (deposit(1, 1, 2**60), "OVERFLOW", "amount_atoms"),
    "too much withdrawn": (withdraw(1, 999_999), "NOT_WITHDRAWABLE", "amount_atoms"),
    "withdrawn by nobody": (withdraw(9, 1), "UNKNOWN_ACCOUNT", "account_id"),
    "closing of account 0": (close(0), "OUT_OF_RANGE", "account_id"),
    "closing of a fund": (close(2**62 + 1), "OUT_OF_RANGE", "account_id"),
    "closing of nobody": (close(9), "UNKNOWN_ACCOUNT", "account_id"),
    "closing with a position": (close(1), "HAS_POSITIONS", "account_id"),
    "closing with money": (close(3), "HAS_BALANCE", "account_id"),
    "market without symbol": (market(symbol=""), "INVALID_TEXT", "symbol"),
    "fixed field changed": (market(max_price_ticks=9_999_999), "IMMUTABLE", "max_price_ticks"),
    "unknown policy": (market(loss_policy=9), "UNKNOWN_ENUM", "loss_policy"),
    "asset made again": (asset(1, "EUR", -6), "ALREADY_EXISTS", "asset_id"),
    "asset with an exponent of 1": (asset(2, "EUR", 1), "OUT_OF_RANGE", "exponent"),
    "market of no asset": (market(asset_id=2), "UNKNOWN_ASSET", "asset_id"),
    "report of nothing": (report(1), "UNKNOWN_LIQUIDATION", "liquidation_id"),
    "report without rows": (report(), "EMPTY_BATCH", "liquidation_id"),
    "sequence gap": (keyed("late", 2), "SEQUENCE_GAP", "batch_sequence"),
    "sequence 0": (keyed("zero", 0), "OUT_OF_RANGE", "batch_sequence"),
    "client id of no text": (keyed("", 1), "INVALID_TEXT", "client_id"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_refusal_names_the_field_and_changes_nothing(shared: Client, name: str) -> None:
    ask, reason, field = CASES[name]
    shared.register("rows", "late", "zero")
    before = shared.state()
    result = ask(shared)
    assert result.applied_rows == 0
    assert result.outcome in (
        common_pb2.COMMAND_OUTCOME_REFUSED,
        common_pb2.COMMAND_OUTCOME_NOT_TAKEN,
    )
    rejection = result.rejections[0]
    assert common_pb2.RejectReason.Name(rejection.reason) == f"REJECT_REASON_{reason}"
    assert rejection.field == field
    assert field in rejection.message or reason in ("EMPTY_BATCH",)
    after = shared.state()
    assert after.sequence == (result.sequence or before.sequence)
    assert (after.state_hash, after.time_nanos) == (before.state_hash, before.time_nanos)


def test_only_the_bad_rows_of_a_batch_are_refused(shared: Client) -> None:
    before = shared.state().sequence
    result = trades((1, 2, 10_000, 1), (1, 2, 10_000, 0), (2, 1, 10_000, 1))(shared)
    assert result.sequence == before + 1
    assert (result.applied_rows, result.rejected_rows) == (2, 1)
    assert [rejection.row for rejection in result.rejections] == [1]


UNARY = [
    f"/{service}/{method}"
    for service, methods in {
        "riskengine.api.v1.RiskService": (
            "ApplyTrades",
            "UpdatePositions",
            "UpdateMarkPrices",
            "ReportLiquidations",
        ),
        "riskengine.api.v1.AccountService": ("Deposit", "Withdraw", "CloseAccount"),
        "riskengine.api.v1.AdminService": ("CreateAsset", "SetMarket"),
    }.items()
    for method in methods
]


@pytest.mark.parametrize("method", UNARY)
@pytest.mark.parametrize("raw", [b"\xff\xff", b"\x0a\x7f", b"\x0a\x03\x0a\x01\xff"])
def test_undecodable_bytes_are_the_callers_error(shared: Client, method: str, raw: bytes) -> None:
    before = shared.state()
    with pytest.raises(grpc.RpcError) as caught:
        shared.channel.unary_unary(method, requests.as_is, requests.as_is)(raw)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert shared.state() == before


def test_undecodable_bytes_end_a_stream_after_the_answers_before_them(shared: Client) -> None:
    batch = requests.submit_deposits("stream", 1, (1, 5))
    batch.key.incarnation = shared.incarnation("stream")
    first = batch.SerializeToString()
    method = "/riskengine.api.v1.RiskService/Submit"
    parse = risk_pb.SubmitResponse.FromString
    answers = shared.channel.stream_stream(method, requests.as_is, parse)(iter([first, b"\xff"]))
    response = next(answers)
    assert response.result.applied_rows == 1
    with pytest.raises(grpc.RpcError) as caught:
        next(answers)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert shared.state().sequence == response.result.sequence


def test_garbage_on_the_socket_harms_nobody(server: Server) -> None:
    rng = Random(1)
    host, port = server.grpc_address.split(":")
    with client_of(server) as client:
        venue.open_venue(client, ())
        before = client.state()
        for size in (1, 24, 100, 5_000):
            for start in (b"", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"):
                with socket.create_connection((host, int(port))) as connection:
                    connection.sendall(start + rng.randbytes(size))
        assert client.state() == before
