"""Calls a second of each caller: how many, of what, and what no limit refuses."""

from pathlib import Path
from typing import Any

import grpc
import pytest

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.commands import CommandKind
from riskengine.service.credentials import Caller, CredentialsError, read_credentials
from riskengine.service.errors import CallError, CallReason
from riskengine.service.rates import Rates
from riskengine.service.roles import RPCS, Role
from riskengine.units import NANOS_PER_MILLI, NANOS_PER_SECOND
from tests.service import requests
from tests.service.bench import Clock
from tests.service.test_access import as_caller, credentials, opened, serving

ROLES = frozenset({Role.GATEWAY})


def of_rate(calls_per_second: int | None, name: str = "a") -> Caller:
    return Caller(name, ROLES, None, calls_per_second)


def taken(rates: Rates, caller: Caller, tries: int) -> int:
    """Return how many calls are taken of so many at once."""
    count = 0
    for _ in range(tries):
        try:
            rates.take(caller)
        except CallError:
            continue
        count += 1
    return count


@pytest.mark.parametrize("rate", [1, 3, 10, 1_000])
def test_a_second_s_calls_may_come_at_once_and_then_one_by_one(rate: int) -> None:
    clock = Clock()
    rates = Rates(clock)
    assert taken(rates, of_rate(rate), 2 * rate) == rate
    clock.now_nanos += NANOS_PER_SECOND // rate
    assert taken(rates, of_rate(rate), 5) == 1
    clock.now_nanos += NANOS_PER_SECOND
    assert taken(rates, of_rate(rate), 2 * rate) == rate
    clock.now_nanos += 100 * NANOS_PER_SECOND
    assert taken(rates, of_rate(rate), 2 * rate) == rate, "what was not used is not saved up"


def test_one_caller_uses_up_nothing_of_another() -> None:
    rates = Rates(Clock())
    assert taken(rates, of_rate(5, "a"), 100) == 5
    assert taken(rates, of_rate(5, "b"), 100) == 5
    assert taken(rates, of_rate(None, "c"), 100) == 100


def test_who_is_refused_is_told_when_to_come_again() -> None:
    clock = Clock()
    rates, caller = Rates(clock), of_rate(10)
    assert taken(rates, caller, 10) == 10
    with pytest.raises(CallError) as caught:
        rates.take(caller)
    assert caught.value.reason is CallReason.TOO_MANY_OF_CALLER
    assert caught.value.metadata == {"caller": "a", "limit": "10", "retry_millis": "100"}
    clock.now_nanos += 100 * NANOS_PER_MILLI - 1
    assert taken(rates, caller, 1) == 0
    clock.now_nanos += 1
    assert taken(rates, caller, 1) == 1


def test_a_rate_that_is_changed_holds_at_once() -> None:
    rates = Rates(Clock())
    assert taken(rates, of_rate(2), 10) == 2
    assert taken(rates, of_rate(None), 10) == 10
    rates.keep(frozenset())
    assert taken(rates, of_rate(2), 10) == 2, "one that was forgotten begins anew"


def test_what_the_books_need_from_outside_is_never_refused_for_a_rate() -> None:
    """Trades, marks, reports, deposits and ends of reservations, however sent; and instructions."""
    needed = {
        CommandKind.TRADES,
        CommandKind.POSITION_UPDATES,
        CommandKind.MARK_PRICES,
        CommandKind.LIQUIDATION_REPORTS,
        CommandKind.DEPOSITS,
        CommandKind.CONFIRMED_WITHDRAWAL,
        CommandKind.CANCELLED_WITHDRAWAL,
    }
    assert {rpc for rpc, access in RPCS.items() if access.is_reserved} == {
        *(kind.rpc for kind in needed),
        "RiskService.Submit",
        "RiskService.StreamInstructions",
        "RiskService.ConfirmInstructions",
        "grpc.health.v1.Health.Check",
    }


@pytest.mark.parametrize("rate", ["0", "-1", "1000001", "true", "1.5", '"9"'])
def test_a_rate_out_of_bounds_is_named(rate: str) -> None:
    table = f'[[caller]]\nname = "a"\nroles = ["gateway"]\ntoken_sha256 = "{"0" * 64}"\n'
    with pytest.raises(CredentialsError) as caught:
        read_credentials(f"{table}calls_per_second = {rate}\n".encode(), has_certificates=False)
    assert "caller 1, a: calls_per_second: " in str(caught.value)
    assert "; allowed: 1 to 1000000" in str(caught.value)


async def test_a_caller_that_asks_too_much_still_pays_in_and_disturbs_nobody(
    tmp_path: Path,
) -> None:
    known = credentials(greedy='"gateway";calls_per_second = 2', other='"gateway"')
    async with serving(tmp_path, known) as running:
        await opened(running)
        asked = account_pb.GetAccountRequest(account_id=1)

        async def codes(ask: Any, request: Any, name: str) -> set[grpc.StatusCode]:
            return {await ask(request, metadata=as_caller(name)).code() for _ in range(20)}

        ask, pay = running.account.GetAccount, running.account.Deposit
        ok, exhausted = grpc.StatusCode.OK, grpc.StatusCode.RESOURCE_EXHAUSTED
        assert await codes(ask, asked, "greedy") == {ok, exhausted}
        assert await codes(pay, requests.deposit(1), "greedy") == {ok}
        assert await codes(ask, asked, "other") == {ok}
        assert running.bench.statistics.access.limited_calls >= 10
