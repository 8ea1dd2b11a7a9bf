"""The one table of what is journalled: the kind's number, its request, and the command it asks.

The live path and replay both go through it, so that both do the same. Numbers stand in journals:
they are never changed or reused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.service.command import Asked, Command
from riskengine.service.mapping import requests
from riskengine.service.mapping.plain import PlainForm


@dataclass(frozen=True, slots=True)
class RequestKind:
    """One kind of journalled request; its record's payload is the request's bytes as received.

    `command` maps the request, to None when it holds no batch. `requires_key`: a request without
    an idempotency key is refused. `plain` reads the usual bytes of a batch in less time.
    """

    number: int
    request: type[Message]
    command: Callable[[Any], Command | None]
    requires_key: bool = False
    plain: PlainForm | None = None

    def read(self, raw: bytes) -> Asked:
        """Return what a request's bytes ask; raises DecodeError."""
        asked = self.plain.read(raw) if self.plain else None
        return asked or self.asked(self.request.FromString(raw))

    def asked(self, message: Any) -> Asked:
        """Return what a parsed request asks."""
        return Asked(message.key, self.command(message))


def _batches(
    number: int,
    request: type[Message],
    command: Callable[[Any], Command | None],
    *,
    requires_key: bool = False,
) -> RequestKind:
    return RequestKind(number, request, command, requires_key, PlainForm(request))


TICK_NUMBER = 1
"""Timers that were due; the record has no payload."""

SUBMIT = _batches(2, risk_pb.SubmitRequest, requests.submit, requires_key=True)
APPLY_TRADES = _batches(3, risk_pb.ApplyTradesRequest, requests.apply_trades)
UPDATE_POSITIONS = _batches(4, risk_pb.UpdatePositionsRequest, requests.update_positions)
UPDATE_MARK_PRICES = _batches(5, risk_pb.UpdateMarkPricesRequest, requests.update_mark_prices)
REPORT_LIQUIDATIONS = _batches(6, risk_pb.ReportLiquidationsRequest, requests.report_liquidations)
DEPOSIT = RequestKind(7, account_pb.DepositRequest, requests.deposit)
WITHDRAW = RequestKind(8, account_pb.WithdrawRequest, requests.withdraw)
CREATE_ASSET = RequestKind(9, admin_pb.CreateAssetRequest, requests.create_asset)
SET_MARKET = RequestKind(10, admin_pb.SetMarketRequest, requests.set_market)
CREATE_INSURANCE_FUND = RequestKind(
    11, admin_pb.CreateInsuranceFundRequest, requests.create_insurance_fund
)
DEPOSIT_INSURANCE_FUND = RequestKind(
    12, admin_pb.DepositInsuranceFundRequest, requests.deposit_insurance_fund
)
SET_RISK_PARAMETERS = RequestKind(
    13, admin_pb.SetRiskParametersRequest, requests.set_risk_parameters
)
CLOSE_ACCOUNT = RequestKind(14, account_pb.CloseAccountRequest, requests.close_account)

REQUEST_KINDS = {
    kind.number: kind
    for kind in (
        SUBMIT,
        APPLY_TRADES,
        UPDATE_POSITIONS,
        UPDATE_MARK_PRICES,
        REPORT_LIQUIDATIONS,
        DEPOSIT,
        WITHDRAW,
        CREATE_ASSET,
        SET_MARKET,
        CREATE_INSURANCE_FUND,
        DEPOSIT_INSURANCE_FUND,
        SET_RISK_PARAMETERS,
        CLOSE_ACCOUNT,
    )
}
