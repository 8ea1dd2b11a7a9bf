"""The one table of questions: each RPC that changes nothing, and how it is answered."""

from collections.abc import Awaitable, Callable
from time import monotonic_ns
from typing import Any, NamedTuple

from google.protobuf.message import Message

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.core.enums import VenueMode
from riskengine.machine.mapping.results import rejection
from riskengine.machine.view import ViewError
from riskengine.service.clients import list_clients
from riskengine.service.errors import CallError, CallReason, invalid_field
from riskengine.service.paging import LiquidationPage, Page, token_between
from riskengine.service.parts import Parts
from riskengine.service.views import market_state, message_of, order_check

INT64_MAX = (1 << 63) - 1


class Question(NamedTuple):
    """How one RPC is answered: at once, from the state as it is.

    What was seen is told once it is durable, unless the answer itself says how far that is. What
    reads the whole state is awaited.
    """

    answer: Callable[[Parts, Any], Message | Awaitable[Message]]
    tells_what_is_durable: bool = False


def _check_order(parts: Parts, request: risk_pb.CheckOrderRequest) -> risk_pb.CheckOrderResponse:
    start_nanos = monotonic_ns()
    check = parts.machine.engine.check_order(
        request.account_id,
        request.market_id,
        int(request.side),
        request.size_lots,
        request.price_ticks,
        request.reduce_only,
        request.isolated_market_id,
    )
    parts.statistics.check_order(check.rejection is None, monotonic_ns() - start_nanos)
    return order_check(check)


def _account(parts: Parts, request: account_pb.GetAccountRequest) -> account_pb.GetAccountResponse:
    engine = parts.machine.engine
    view = engine.account(request.account_id, request.asset_id, request.isolated_market_id)
    if view is None:
        raise CallError(
            CallReason.ACCOUNT_NOT_FOUND,
            account_id=request.account_id,
            asset_id=request.asset_id or next((asset.asset_id for asset in engine.assets()), 0),
            isolated_market_id=request.isolated_market_id,
        )
    account = message_of(account_pb.Account, view)
    return account_pb.GetAccountResponse(account=account, sequence=engine.sequence)


def _accounts(
    parts: Parts, request: account_pb.ListAccountsRequest
) -> account_pb.ListAccountsResponse:
    page = Page.of_request(request)
    account_id, *rest = page.after
    found = parts.machine.engine.accounts(account_id, page.size + 1, page.state, *rest)
    return account_pb.ListAccountsResponse(
        accounts=[message_of(account_pb.Account, view) for view in found[: page.size]],
        next_page_token=token_between(*found[page.size - 1 :]) if len(found) > page.size else "",
        **parts.place(),
    )


def _liquidations(
    parts: Parts, request: risk_pb.ListLiquidationsRequest
) -> risk_pb.ListLiquidationsResponse:
    page, engine = LiquidationPage.of_request(request), parts.machine.engine
    if request.account_id and not engine.has_account(request.account_id):
        raise invalid_field("account_id", request.account_id, "a party that has an account, or 0")
    if request.market_id and not engine.has_market(request.market_id):
        raise invalid_field("market_id", request.market_id, "a market, or 0")
    found = engine.open_liquidations(
        page.after_id, page.size + 1, request.account_id, request.market_id
    )
    listed = found[: page.size]
    return risk_pb.ListLiquidationsResponse(
        liquidations=[message_of(risk_pb.Liquidation, view) for view in listed],
        next_page_token=str(listed[-1].liquidation_id) if len(found) > page.size else "",
        **parts.place(),
    )


def _assets(parts: Parts, _request: admin_pb.ListAssetsRequest) -> admin_pb.ListAssetsResponse:
    found = parts.machine.engine.assets()
    return admin_pb.ListAssetsResponse(
        assets=[message_of(admin_pb.Asset, view) for view in found],
        gates=_gates(parts),
        **parts.place(),
    )


def _gates(parts: Parts) -> list[admin_pb.Gate]:
    return [message_of(admin_pb.Gate, gate) for gate in parts.machine.engine.gates()]


def _markets(parts: Parts, _request: admin_pb.ListMarketsRequest) -> admin_pb.ListMarketsResponse:
    found = parts.machine.engine.markets()
    return admin_pb.ListMarketsResponse(markets=map(market_state, found), **parts.place())


def _funds(
    parts: Parts, _request: admin_pb.ListInsuranceFundsRequest
) -> admin_pb.ListInsuranceFundsResponse:
    found = parts.machine.engine.funds()
    return admin_pb.ListInsuranceFundsResponse(
        funds=[message_of(admin_pb.InsuranceFund, view) for view in found], **parts.place()
    )


def _consumers(
    parts: Parts, _request: admin_pb.ListConsumersRequest
) -> admin_pb.ListConsumersResponse:
    kept, confirmed = parts.instructions, sorted(parts.consumers.confirmed.items())
    behind = kept.bytes_behind([last for _, last in confirmed])
    return admin_pb.ListConsumersResponse(
        consumers=[
            admin_pb.Consumer(
                consumer_id=consumer_id,
                confirmed_instruction_sequence=last,
                lag_instruction_count=kept.last_sequence - last,
                lag_bytes=lag_bytes,
            )
            for (consumer_id, last), lag_bytes in zip(confirmed, behind, strict=True)
        ],
        last_instruction_sequence=kept.last_sequence,
        stored_bytes=kept.size_bytes,
        log_id=parts.identity.log_id,
    )


def _state(
    parts: Parts, request: admin_pb.GetStateRequest
) -> admin_pb.GetStateResponse | Awaitable[admin_pb.GetStateResponse]:
    return _state_and_hash(parts) if request.with_state_hash else _state_now(parts)


async def _state_and_hash(parts: Parts) -> admin_pb.GetStateResponse:
    try:
        response, state_hash = await parts.views.hashed(lambda: _state_now(parts))
    except (OSError, ViewError) as error:
        raise CallError(CallReason.STATE_UNREADABLE, cause=str(error)) from error
    response.state_hash = state_hash
    return response


def _state_now(parts: Parts) -> admin_pb.GetStateResponse:
    engine = parts.machine.engine
    return admin_pb.GetStateResponse(
        sequence=engine.sequence,
        durable_sequence=parts.outbox.durability.sequence,
        instruction_sequence=engine.instruction_sequence,
        oldest_instruction_sequence=parts.instructions.oldest_sequence,
        time_nanos=engine.time_nanos,
        account_count=engine.account_count,
        position_count=engine.position_count,
        open_liquidation_count=engine.open_liquidation_count,
        bad_debt_atoms=min(engine.bad_debt_atoms, INT64_MAX),
        parameters=message_of(admin_pb.RiskParameters, engine.parameters),
        conservation=[message_of(admin_pb.Conservation, check) for check in engine.conservation()],
        retention=message_of(admin_pb.Retention, engine.retention),
        venue_mode=engine.venue_mode,  # type: ignore[arg-type]
        log_id=parts.identity.log_id,
        gates=_gates(parts),
    )


def _load_report(
    parts: Parts, _request: admin_pb.GetLoadReportRequest
) -> admin_pb.GetLoadReportResponse:
    engine = parts.machine.engine
    if engine.venue_mode != VenueMode.LOADING:
        raise CallError(CallReason.NOT_LOADING)
    time_nanos = max(parts.now_nanos(), engine.time_nanos)
    report = engine.load_report(time_nanos)
    return admin_pb.GetLoadReportResponse(
        sequence=engine.sequence,
        time_nanos=time_nanos,
        account_count=engine.account_count,
        position_count=engine.position_count,
        open_liquidation_count=engine.open_liquidation_count,
        conservation=[message_of(admin_pb.Conservation, check) for check in engine.conservation()],
        markets=[message_of(admin_pb.LoadedMarket, market) for market in report.markets],
        called=message_of(admin_pb.ForeseenAccounts, report.called),
        liquidated=message_of(admin_pb.ForeseenAccounts, report.liquidated),
        bankrupt=message_of(admin_pb.ForeseenAccounts, report.bankrupt),
        waiting=message_of(admin_pb.WaitingAccounts, report.waiting),
        rejection=None if report.rejection is None else rejection(report.rejection),
    )


def _server_status(
    parts: Parts, _request: admin_pb.GetServerStatusRequest
) -> admin_pb.GetServerStatusResponse:
    statistics = parts.statistics
    snapshots, streams = statistics.snapshots, statistics.state_streams
    instructions = statistics.instructions
    return admin_pb.GetServerStatusResponse(
        version=parts.identity.version,
        started_nanos=parts.identity.started_nanos,
        sequence=parts.machine.engine.sequence,
        durable_sequence=parts.outbox.durability.sequence,
        journal_bytes=statistics.journal.size_bytes,
        snapshots=admin_pb.SnapshotStatus(
            sequence=snapshots.sequence,
            time_nanos=snapshots.time_nanos,
            snapshot_bytes=snapshots.size_bytes,
            duration_nanos=snapshots.duration_nanos,
            taken_count=snapshots.taken,
            failed_count=snapshots.failed,
            is_failing=snapshots.is_failing,
            failed_nanos=snapshots.failed_nanos,
            failure=snapshots.failure,
        ),
        instructions=admin_pb.InstructionStatus(
            stored_bytes=instructions.size_bytes,
            is_alarm=instructions.is_alarm,
            consumer_count=instructions.consumers,
            slowest_consumer_id=instructions.slowest_consumer,
            lag_instruction_count=instructions.consumer_lag,
            lag_bytes=instructions.consumer_lag_bytes,
            consumers_lost=instructions.consumers_lost,
        ),
        state_streams=streams.open,
        state_stream_waiting_bytes=streams.waiting_bytes,
        log_id=parts.identity.log_id,
    )


QUESTIONS = {
    "RiskService.CheckOrder": Question(_check_order),
    "RiskService.ListLiquidations": Question(_liquidations),
    "AccountService.GetAccount": Question(_account),
    "AccountService.ListAccounts": Question(_accounts),
    "AdminService.ListAssets": Question(_assets),
    "AdminService.ListMarkets": Question(_markets),
    "AdminService.ListInsuranceFunds": Question(_funds),
    "AdminService.ListConsumers": Question(_consumers),
    "AdminService.ListClients": Question(list_clients),
    "AdminService.GetState": Question(_state, tells_what_is_durable=True),
    "AdminService.GetLoadReport": Question(_load_report),
    "AdminService.GetServerStatus": Question(_server_status, tells_what_is_durable=True),
}
