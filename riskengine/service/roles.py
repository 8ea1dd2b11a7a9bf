"""The one table of who may call what: every RPC of every service, and the roles that may call it.

What is not in it nobody may call.
"""

from enum import Enum
from typing import NamedTuple

from grpc_health.v1 import health
from grpc_reflection.v1alpha import reflection


class Role(Enum):
    """What a caller is for; the value is its name in the file of credentials."""

    MATCHING_ENGINE = "matching_engine"
    """Streams trades and marks in, and carries instructions out."""
    GATEWAY = "gateway"
    """The customers' side: asks for orders, pays in and out."""
    ACCOUNT_READER = "account_reader"
    """Reads accounts, of all parties or of some."""
    OPERATOR = "operator"
    """Sets the venue up and runs it; trades come from the matching engine alone."""
    METRICS = "metrics"
    """Watches the server, and sees no account."""


class Reach(Enum):
    """What a caller that is held to some accounts may have of an RPC."""

    VENUE = "tells nothing of an account: he may call it"
    ACCOUNT = "tells of the account_id that is asked: his accounts alone"
    ALL_ACCOUNTS = "tells of every account: he may not call it"


class Access(NamedTuple):
    """Who may call an RPC, and how far one gets who is held to some accounts.

    `is_reserved`: no limit of calls a second refuses it.
    """

    roles: frozenset[Role]
    reach: Reach = Reach.ALL_ACCOUNTS
    is_reserved: bool = False


_EVERY = frozenset(Role)
_ENGINE, _GATEWAY = frozenset({Role.MATCHING_ENGINE}), frozenset({Role.GATEWAY})
_READER, _METRICS = frozenset({Role.ACCOUNT_READER}), frozenset({Role.METRICS})
_OPERATOR = frozenset({Role.OPERATOR})

RPCS: dict[str, Access] = {
    "RiskService.Submit": Access(_ENGINE | _GATEWAY, is_reserved=True),
    "RiskService.RegisterClient": Access(_ENGINE | _GATEWAY | _OPERATOR, Reach.VENUE),
    "RiskService.GetClient": Access(_ENGINE | _GATEWAY | _OPERATOR, Reach.VENUE),
    "RiskService.StreamInstructions": Access(_ENGINE | _OPERATOR | _READER, is_reserved=True),
    "RiskService.ConfirmInstructions": Access(_ENGINE | _OPERATOR, is_reserved=True),
    "RiskService.CheckOrder": Access(_ENGINE | _GATEWAY | _OPERATOR),
    "RiskService.ApplyTrades": Access(_ENGINE, is_reserved=True),
    "RiskService.UpdatePositions": Access(_ENGINE, is_reserved=True),
    "RiskService.UpdateMarkPrices": Access(_ENGINE | _OPERATOR, is_reserved=True),
    "RiskService.ReportLiquidations": Access(_ENGINE | _OPERATOR, is_reserved=True),
    "RiskService.ListLiquidations": Access(_ENGINE | _GATEWAY | _OPERATOR | _READER, Reach.ACCOUNT),
    "AccountService.Deposit": Access(_GATEWAY | _OPERATOR, is_reserved=True),
    "AccountService.Withdraw": Access(_GATEWAY | _OPERATOR),
    "AccountService.ReserveWithdrawal": Access(_GATEWAY | _OPERATOR),
    "AccountService.ConfirmWithdrawal": Access(_GATEWAY | _OPERATOR, is_reserved=True),
    "AccountService.CancelWithdrawal": Access(_GATEWAY | _OPERATOR, is_reserved=True),
    "AccountService.CloseAccount": Access(_GATEWAY | _OPERATOR),
    "AccountService.GetAccount": Access(_ENGINE | _GATEWAY | _OPERATOR | _READER, Reach.ACCOUNT),
    "AccountService.ListAccounts": Access(_ENGINE | _OPERATOR | _READER),
    "AccountService.StreamState": Access(_ENGINE | _OPERATOR | _READER),
    "AdminService.CreateAsset": Access(_OPERATOR),
    "AdminService.ListAssets": Access(_EVERY, Reach.VENUE),
    "AdminService.SetMarket": Access(_OPERATOR),
    "AdminService.ListMarkets": Access(_EVERY, Reach.VENUE),
    "AdminService.CreateInsuranceFund": Access(_OPERATOR),
    "AdminService.DepositInsuranceFund": Access(_OPERATOR),
    "AdminService.ListInsuranceFunds": Access(_EVERY, Reach.VENUE),
    "AdminService.WriteOff": Access(_OPERATOR),
    "AdminService.AdjustBalances": Access(_OPERATOR),
    "AdminService.SetRiskParameters": Access(_OPERATOR),
    "AdminService.SetRetention": Access(_OPERATOR),
    "AdminService.BeginLoading": Access(_OPERATOR),
    "AdminService.LoadAccounts": Access(_OPERATOR),
    "AdminService.LoadPositions": Access(_OPERATOR),
    "AdminService.LoadLiquidations": Access(_OPERATOR),
    "AdminService.LoadReservations": Access(_OPERATOR),
    "AdminService.GetLoadReport": Access(_OPERATOR),
    "AdminService.GoLive": Access(_OPERATOR),
    "AdminService.ListConsumers": Access(_ENGINE | _OPERATOR | _METRICS),
    "AdminService.ForgetConsumer": Access(_OPERATOR),
    "AdminService.ListClients": Access(_OPERATOR | _METRICS),
    "AdminService.ForgetClient": Access(_OPERATOR),
    "AdminService.GetState": Access(_ENGINE | _OPERATOR | _READER | _METRICS),
    "AdminService.TakeSnapshot": Access(_OPERATOR),
    "AdminService.SetLogTime": Access(_OPERATOR),
    "AdminService.ConfirmStart": Access(_OPERATOR),
    "AdminService.GetServerStatus": Access(_ENGINE | _OPERATOR | _METRICS),
    f"{health.SERVICE_NAME}.Check": Access(_EVERY, Reach.VENUE, is_reserved=True),
    f"{health.SERVICE_NAME}.List": Access(_EVERY, Reach.VENUE),
    f"{health.SERVICE_NAME}.Watch": Access(_EVERY, Reach.VENUE),
    f"{reflection.SERVICE_NAME}.ServerReflectionInfo": Access(_EVERY, Reach.VENUE),
}
"""Those of the contract by their service's short name. `Submit` takes each batch from whom its
unary form takes it."""
