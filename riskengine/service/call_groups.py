"""The one table of groups of calls: whoever takes all places of one leaves the others theirs."""

from enum import Enum
from typing import NamedTuple

from grpc_health.v1 import health
from grpc_reflection.v1alpha import reflection

from riskengine.machine.contract import SERVICES


class CallGroup(Enum):
    """Who shares places; the value is the label `group` of metrics."""

    HEALTH = "health"
    WATCH = "health_watch"
    REFLECTION = "reflection"
    OPERATOR = "operator"
    ENGINE = "engine"
    SUBMIT = "submit"
    INSTRUCTIONS = "instructions"
    GATEWAY = "gateway"
    READER = "reader"


STREAMS = frozenset(
    (CallGroup.WATCH, CallGroup.REFLECTION, CallGroup.SUBMIT, CallGroup.INSTRUCTIONS)
)
"""Groups whose calls last for as long as the client wants, and may be idle."""


class GroupLimits(NamedTuple):
    """How many calls of each may be under way."""

    health_calls: int
    operator_calls: int
    engine_calls: int
    engine_streams: int
    gateway_calls: int
    reader_calls: int

    def of(self, group: CallGroup) -> int:
        """Return the limit of a group."""
        return {
            CallGroup.HEALTH: self.health_calls,
            CallGroup.WATCH: self.health_calls,
            CallGroup.REFLECTION: self.health_calls,
            CallGroup.OPERATOR: self.operator_calls,
            CallGroup.ENGINE: self.engine_calls,
            CallGroup.SUBMIT: self.engine_streams,
            CallGroup.INSTRUCTIONS: self.engine_streams,
            CallGroup.GATEWAY: self.gateway_calls,
            CallGroup.READER: self.reader_calls,
        }[group]


_BY_SERVICE = {
    "RiskService": CallGroup.ENGINE,
    "AccountService": CallGroup.GATEWAY,
    "AdminService": CallGroup.OPERATOR,
}
_BY_RPC = {
    "RiskService.Submit": CallGroup.SUBMIT,
    "RiskService.StreamInstructions": CallGroup.INSTRUCTIONS,
    "RiskService.CheckOrder": CallGroup.GATEWAY,
    "RiskService.ListLiquidations": CallGroup.READER,
    "AccountService.GetAccount": CallGroup.READER,
    "AccountService.ListAccounts": CallGroup.READER,
    "AccountService.StreamState": CallGroup.READER,
}
_OTHERS = {
    f"/{health.SERVICE_NAME}/Check": CallGroup.HEALTH,
    f"/{health.SERVICE_NAME}/List": CallGroup.HEALTH,
    f"/{health.SERVICE_NAME}/Watch": CallGroup.WATCH,
    f"/{reflection.SERVICE_NAME}/ServerReflectionInfo": CallGroup.REFLECTION,
}


def _groups() -> dict[str, CallGroup]:
    groups = dict(_OTHERS)
    for service in SERVICES:
        for method in service.methods:
            rpc = f"{service.name}.{method.name}"
            group = _BY_RPC.get(rpc, _BY_SERVICE[service.name])
            groups[f"/{service.full_name}/{method.name}"] = group
    return groups


GROUPS = _groups()
"""By the path of the RPC: what is not named goes with its service."""
