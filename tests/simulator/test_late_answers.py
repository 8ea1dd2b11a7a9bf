"""Which liquidation orders are answered late, and when debts are old."""

from typing import Any

import pytest

from riskengine.api.v1 import instructions_pb2
from riskengine.simulator.late_answers import MOST_WAITS, LateAnswers
from riskengine.simulator.levels import HOUR_SECONDS, RISK_PARAMETERS, with_debts_due
from riskengine.simulator.old_debts import OldDebts
from tests.simulator.test_saved import make_saved

SLOW, OTHER = 5, 1
STEPS = 10 * MOST_WAITS


def order(number: int, market_id: int = SLOW) -> instructions_pb2.LiquidationOrder:
    return instructions_pb2.LiquidationOrder(liquidation_id=number, market_id=market_id)


def issue(late: LateAnswers, step: int = 0, market_id: int = SLOW, count: int = 100) -> list[int]:
    """Issue orders from 1 on; return those that are late."""
    orders = [order(number, market_id) for number in range(1, count + 1)]
    for each in orders:
        told = instructions_pb2.Instruction(liquidation_order=each)
        late.follow("liquidation_order", told, step)
    prompt = {each.liquidation_id for each in late.prompt(orders)}
    return [each.liquidation_id for each in orders if each.liquidation_id not in prompt]


def test_some_orders_of_the_slow_market_are_late_the_same_for_a_seed() -> None:
    chosen = issue(LateAnswers(SLOW, STEPS, 1))
    assert 10 < len(chosen) < 60
    assert issue(LateAnswers(SLOW, STEPS, 1)) == chosen
    assert issue(LateAnswers(SLOW, STEPS, 2)) != chosen
    assert issue(LateAnswers(OTHER, STEPS, 1)) == []


def test_after_a_wait_no_order_is_late_for_some_steps() -> None:
    late = LateAnswers(SLOW, STEPS, 1)
    answered = [order(number) for number in issue(late)]
    late.come_after_end(answered, 3)
    assert late.orders == len(answered)
    for each in answered:
        end(late, each.liquidation_id)
    assert issue(late, 3 + STEPS // MOST_WAITS - 1) == []
    assert issue(late, 3 + STEPS // MOST_WAITS) != []


def end(late: LateAnswers, number: int) -> None:
    ended = instructions_pb2.LiquidationOrderEnded(liquidation_id=number)
    late.follow(
        "liquidation_order_ended", instructions_pb2.Instruction(liquidation_order_ended=ended), 0
    )


def test_late_orders_are_waited_for_until_each_is_cancelled_or_has_ended() -> None:
    late = LateAnswers(SLOW, STEPS, 1)
    first, second, *others = issue(late)
    for number in others:
        end(late, number)
    orders = [order(first), order(second)]
    assert not late.are_cancelled(orders)
    cancel = instructions_pb2.CancelLiquidationOrder(liquidation_id=first)
    late.follow(
        "cancel_liquidation_order", instructions_pb2.Instruction(cancel_liquidation_order=cancel), 0
    )
    assert not late.are_cancelled(orders)
    end(late, second)
    assert late.are_cancelled(orders)
    assert late.prompt(orders) == [order(second)]


def owe(debts: OldDebts, account_id: int, now_seconds: int) -> None:
    told = instructions_pb2.BadDebt(account_id=account_id, amount_atoms=1)
    debts.follow("bad_debt", instructions_pb2.Instruction(bad_debt=told), now_seconds)


@pytest.mark.parametrize(("seconds", "due"), [(HOUR_SECONDS - 1, False), (HOUR_SECONDS, True)])
def test_debts_are_due_when_the_oldest_has_waited_for_an_hour(seconds: int, *, due: bool) -> None:
    debts = OldDebts()
    assert not debts
    assert not debts.are_due(seconds)
    owe(debts, 1, 0)
    owe(debts, 2, 100)
    owe(debts, 1, 100)  # told once more: it waits since 0
    assert debts
    assert debts.are_due(seconds) is due
    debts.wait_again(seconds)
    assert not debts.are_due(seconds)


def test_a_debt_that_has_ended_waits_no_more() -> None:
    debts = OldDebts()
    owe(debts, 1, 0)
    ended = instructions_pb2.LiquidationEnded(account_id=1)
    debts.follow("liquidation_ended", instructions_pb2.Instruction(liquidation_ended=ended), 5)
    assert not debts
    assert not debts.are_due(HOUR_SECONDS)


def test_debts_are_due_by_the_one_level_that_the_venue_changes() -> None:
    levels = with_debts_due()
    assert (RISK_PARAMETERS.spread_after_millis, levels.spread_after_millis) == (0, 1)
    levels.spread_after_millis = 0
    assert levels == RISK_PARAMETERS


def test_orders_that_cross_their_deadlines_change_nothing_of_the_story() -> None:
    """On a slow machine more are cancelled, and the numbers behind them are others."""
    call = instructions_pb2.MarginCall(account_id=50)
    cancel = instructions_pb2.CancelLiquidationOrder(liquidation_id=1)
    stories = []
    for is_slow in (False, True):
        venue = make_saved().progress.venue
        number = 1 + is_slow
        bodies: list[tuple[str, dict[str, Any]]] = [
            *([("cancel_liquidation_order", {"cancel_liquidation_order": cancel})] * is_slow),
            ("margin_call", {"margin_call": call, "instruction_sequence": number}),
        ]
        for kind, body in bodies:
            venue._tell(kind, instructions_pb2.Instruction(**body))
        stories.append(venue.fingerprint)
    assert stories[0] == stories[1] != make_saved().progress.venue.fingerprint
