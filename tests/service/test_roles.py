"""The table of roles against the services of a server, and against who may do what."""

from pathlib import Path

import pytest
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from riskengine.commands import CommandKind
from riskengine.machine.contract import METHODS
from riskengine.service.questions import QUESTIONS
from riskengine.service.roles import RPCS, Reach, Role

ROOT = Path(__file__).parents[2]
OTHERS = (
    *health_pb2.DESCRIPTOR.services_by_name.values(),
    *reflection_pb2.DESCRIPTOR.services_by_name.values(),
)
ALL = {
    *METHODS,
    *(f"{service.full_name}.{method.name}" for service in OTHERS for method in service.methods),
}


def test_each_rpc_of_each_service_stands_in_the_table_and_no_other() -> None:
    assert set(RPCS) == ALL


def test_each_rpc_has_somebody_who_may_call_it() -> None:
    assert [rpc for rpc, access in RPCS.items() if not access.roles] == []


def may(role: Role) -> set[str]:
    return {rpc for rpc, access in RPCS.items() if role in access.roles}


def test_who_watches_or_reads_changes_nothing() -> None:
    """Of the contract, they may ask questions and read streams."""
    reading = {*QUESTIONS, "RiskService.StreamInstructions", "AccountService.StreamState"}
    for role in (Role.METRICS, Role.ACCOUNT_READER):
        assert may(role) & set(METHODS) <= reading


def test_metrics_hear_of_no_account() -> None:
    of_accounts = {rpc for rpc, access in RPCS.items() if access.reach is Reach.ACCOUNT}
    assert may(Role.METRICS).isdisjoint(
        of_accounts | {"AccountService.ListAccounts", "AccountService.StreamState"}
    )


def test_the_operator_alone_sets_the_venue_up() -> None:
    for kind in CommandKind:
        if kind.rpc.startswith("AdminService."):
            assert RPCS[kind.rpc].roles == {Role.OPERATOR}, kind.rpc


def test_trades_come_from_the_matching_engine_alone() -> None:
    for rpc in ("RiskService.ApplyTrades", "RiskService.UpdatePositions"):
        assert RPCS[rpc].roles == {Role.MATCHING_ENGINE}


def test_money_is_not_moved_by_the_matching_engine() -> None:
    for rpc in ("AccountService.Deposit", "AccountService.Withdraw", "AdminService.WriteOff"):
        assert Role.MATCHING_ENGINE not in RPCS[rpc].roles


@pytest.mark.parametrize(
    ("rpc", "reach"),
    [
        ("AccountService.GetAccount", Reach.ACCOUNT),
        ("RiskService.ListLiquidations", Reach.ACCOUNT),
        ("AccountService.ListAccounts", Reach.ALL_ACCOUNTS),
        ("AccountService.StreamState", Reach.ALL_ACCOUNTS),
        ("RiskService.StreamInstructions", Reach.ALL_ACCOUNTS),
        ("AdminService.GetState", Reach.ALL_ACCOUNTS),
        ("AdminService.ListMarkets", Reach.VENUE),
    ],
)
def test_how_far_one_reaches_who_is_held_to_some_accounts(rpc: str, reach: Reach) -> None:
    assert RPCS[rpc].reach is reach


def test_a_question_of_one_account_says_which() -> None:
    """By the field that is held against the caller's accounts."""
    for rpc, access in RPCS.items():
        if access.reach is Reach.ACCOUNT:
            assert "account_id" in METHODS[rpc].input_type.fields_by_name
            assert rpc in QUESTIONS
