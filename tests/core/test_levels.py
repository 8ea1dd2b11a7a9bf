"""Boundary rows of the levels at which an account is warned, liquidated and taken over."""

from typing import Any

import pytest

from riskengine.core.enums import AccountState, EventKind
from riskengine.core.types import RiskParameters
from riskengine.units import NANOS_PER_MILLI
from tests.core.driver import Driver, kinds, only

NORMAL, CALL = AccountState.NORMAL, AccountState.MARGIN_CALL
LIQUIDATING = AccountState.LIQUIDATING


def holder(equity: int, *, side: int = 1, **market: Any) -> Driver:
    """Return an engine whose account 1 has 10 lots, and at mark 100 that equity; M is 50 there.

    It entered at 200 (at 50, if short), so that only the mark of 100 brings it down.
    """
    driver = Driver()
    driver.market(**market)
    entry = 200 if side > 0 else 50
    driver.mark(entry)
    driver.deposit(1, equity + 10 * abs(entry - 100))
    driver.deposit(2, 10**6)
    buyer, seller = (1, 2) if side > 0 else (2, 1)
    driver.trade(buyer, seller, 10, entry)
    assert driver.account(1).state == NORMAL
    return driver


@pytest.mark.rule("MG-6", "MG-7")
@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(
    ("equity", "state"),
    [
        pytest.param(49, LIQUIDATING, id="E < M"),
        pytest.param(50, CALL, id="E = M is safe"),
        pytest.param(51, CALL, id="E > M"),
        pytest.param(62, CALL, id="E < 1.25 M = 62.5"),
        pytest.param(63, NORMAL, id="E > 1.25 M"),
    ],
)
def test_states_by_equity_with_maintenance_of_50(
    side: int, equity: int, state: AccountState
) -> None:
    driver = holder(equity, side=side)
    found = kinds(driver.mark(100))
    assert (
        found
        == {
            NORMAL: [],
            CALL: ["MARGIN_CALL"],
            LIQUIDATING: ["CANCEL_ORDERS", "LIQUIDATION_ORDER"],
        }[state]
    )
    assert driver.account(1).equity_atoms == equity
    assert driver.account(1).maintenance_atoms == 50
    assert driver.account(1).state == state


@pytest.mark.rule("MG-7")
@pytest.mark.parametrize(
    ("equity", "state"),
    [
        pytest.param(59, CALL, id="E < 1.2 M"),
        pytest.param(60, NORMAL, id="E = 1.2 M is no call"),
        pytest.param(61, NORMAL, id="E > 1.2 M"),
    ],
)
def test_margin_call_is_strict(equity: int, state: AccountState) -> None:
    driver = holder(equity)
    driver.risk(margin_call_ppm=1_200_000)
    driver.mark(100)
    assert driver.account(1).state == state


@pytest.mark.rule("MG-7", "JD-3")
def test_margin_call_and_its_end_are_events_with_evidence() -> None:
    driver = holder(60)
    event = only(driver.mark(100), EventKind.MARGIN_CALL)
    assert (event.account_id, event.equity_atoms, event.maintenance_atoms) == (1, 60, 50)
    assert driver.mark(100) == []
    # E = 60 + 10 = 70 at 101; 1.35 M = 1.35 * ceil(50.5) = 68.85.
    event = only(driver.mark(101), EventKind.MARGIN_CALL_CLEARED)
    assert (event.account_id, event.equity_atoms, event.maintenance_atoms) == (1, 70, 51)
    assert driver.engine.counters().margin_calls == 1


@pytest.mark.rule("MG-7")
@pytest.mark.parametrize(
    ("paid_in", "state"),
    [
        pytest.param(7, CALL, id="E = 67 < 1.35 M = 67.5"),
        pytest.param(8, NORMAL, id="E = 68"),
    ],
)
def test_a_call_ends_at_a_level_of_its_own(paid_in: int, state: AccountState) -> None:
    driver = holder(60)
    driver.mark(100)
    driver.deposit(1, 3)
    assert driver.account(1).state == CALL
    driver.deposit(1, paid_in - 3)
    assert driver.account(1).state == state


@pytest.mark.rule("MG-7")
@pytest.mark.parametrize("equity", [63, 67])
def test_between_the_levels_no_call_is_made(equity: int) -> None:
    driver = holder(equity)
    assert driver.mark(100) == []
    assert driver.account(1).state == NORMAL


@pytest.mark.rule("MG-7")
def test_a_call_ends_at_its_level_to_the_atom() -> None:
    driver = holder(60)
    driver.risk(margin_call_ppm=1_240_000, margin_call_clear_ppm=1_320_000)
    driver.mark(100)
    assert driver.deposit(1, 5) == []
    assert kinds(driver.deposit(1, 1)) == ["MARGIN_CALL_CLEARED"]  # 66 = 1.32 * 50


@pytest.mark.rule("MG-7")
@pytest.mark.parametrize(
    ("level_atoms", "told"),
    [
        pytest.param(6_250, ["MARGIN_CALL"], id="about the level of the call"),
        pytest.param(
            6_750, ["MARGIN_CALL", "MARGIN_CALL_CLEARED"], id="about the level of its end"
        ),
    ],
)
def test_a_mark_that_swings_by_a_tick_about_a_level_tells_little(
    level_atoms: int, told: list[str]
) -> None:
    """10 lots at 10,000: M = 5,000, and a tick is worth 10 atoms of equity."""
    driver = Driver()
    driver.market()
    driver.mark(10_000)
    driver.deposit(1, level_atoms - 1 + 2_000)
    driver.deposit(2, 10**6)
    found = driver.trade(1, 2, 10, 10_200)
    found += driver.mark(9_940)
    for _ in range(10):
        found += driver.mark(10_000)
        found += driver.mark(10_001)
    assert kinds(found) == told


@pytest.mark.rule("MG-7", "WF-21")
@pytest.mark.parametrize(
    ("filled_at", "state"),
    [
        pytest.param(100, CALL, id="E = 60 < 1.25 M = 65"),
        pytest.param(103, NORMAL, id="E = 66: below 1.35 M = 70.2, but not below the call"),
    ],
)
def test_a_liquidation_ends_in_a_call_only_below_its_level(
    filled_at: int, state: AccountState
) -> None:
    """It was in a call before; the liquidation took its place, and its owner is told anew."""
    driver = holder(60)
    driver.mark(100)
    assert driver.account(1).state == CALL
    driver.market(tiers=[(0, 100_000, 65_000)])  # M = 65; 1.05 * MM(8) = 1.05 * 52 <= 60
    events = driver.trade(2, 1, 2, filled_at, fills=1)
    assert only(events, EventKind.LIQUIDATION_ENDED).state == state
    assert driver.account(1).state == state


def test_margin_call_without_a_position_does_not_exist() -> None:
    driver = Driver()
    driver.market()
    driver.deposit(1, 1)
    assert driver.account(1).state == NORMAL


@pytest.mark.rule("WF-2")
@pytest.mark.parametrize(
    ("equity", "is_taken"),
    [
        pytest.param(29, True, id="E < 0.6 M"),
        pytest.param(30, False, id="E = 0.6 M goes to the book"),
        pytest.param(31, False, id="E > 0.6 M"),
        pytest.param(0, True, id="nothing is left"),
        pytest.param(-1, True, id="bankrupt"),
    ],
)
def test_take_over_threshold_is_strict(equity: int, is_taken: bool) -> None:
    driver = holder(equity)
    driver.risk(take_over_ppm=600_000)
    driver.fund_deposit(10**6)
    events = driver.mark(100)
    assert (EventKind.TAKE_OVER.name in kinds(events)) == is_taken
    assert (EventKind.LIQUIDATION_ORDER.name in kinds(events)) != is_taken
    assert driver.lots(2**62 + 1) == (10 if is_taken else 0)


@pytest.mark.rule("MG-9", "WF-2")
@pytest.mark.parametrize(
    ("equity", "is_taken"),
    [
        pytest.param(66, True, id="66 * 10^6 < 666,667 * 100"),
        pytest.param(67, False, id="67 * 10^6 > 666,667 * 100"),
    ],
)
def test_default_take_over_threshold(equity: int, is_taken: bool) -> None:
    driver = holder(equity, tiers=[(0, 200_000, 100_000)])
    driver.fund_deposit(10**6)
    assert (EventKind.TAKE_OVER.name in kinds(driver.mark(100))) == is_taken


@pytest.mark.rule("MG-9")
def test_levels_until_they_are_set() -> None:
    assert Driver().engine.parameters == RiskParameters(
        margin_call_ppm=1_250_000,
        liquidation_buffer_ppm=50_000,
        take_over_ppm=666_667,
        margin_call_clear_ppm=1_350_000,
        withdrawal_margin_ppm=100_000,
        gate_floor_units=1_000,
        gate_ppm=1_000,
    )


@pytest.mark.rule("LS-2")
@pytest.mark.parametrize(
    ("fund_atoms", "discount_ppm", "is_taken"),
    [
        pytest.param(49, 0, False, id="E_fund < M = 50"),
        pytest.param(50, 0, True, id="E_fund = M"),
        pytest.param(51, 0, True, id="E_fund > M"),
        pytest.param(39, 10_000, False, id="E_fund = 39 + 10 of discount < M"),
        pytest.param(40, 10_000, True, id="E_fund = 40 + 10 of discount = M"),
    ],
)
def test_fund_takes_what_it_can_carry(fund_atoms: int, discount_ppm: int, is_taken: bool) -> None:
    driver = holder(30, discount_ppm=discount_ppm)
    driver.fund_deposit(fund_atoms)
    events = driver.mark(100)
    assert (EventKind.TAKE_OVER.name in kinds(events)) == is_taken
    assert (EventKind.LIQUIDATION_ORDER.name in kinds(events)) != is_taken


@pytest.mark.rule("TM-1", "TM-2", "WF-13")
@pytest.mark.parametrize(
    ("late_nanos", "kind"),
    [
        pytest.param(-1, None, id="before the deadline"),
        pytest.param(0, "LIQUIDATION_ORDER_ENDED", id="at the deadline"),
        pytest.param(1, "LIQUIDATION_ORDER_ENDED", id="after it"),
    ],
)
def test_deadline(late_nanos: int, kind: str | None) -> None:
    driver = holder(45)
    order = only(driver.mark(100), EventKind.LIQUIDATION_ORDER)
    assert order.deadline_nanos == driver.engine.next_timer_nanos == 1_000 * NANOS_PER_MILLI
    driver.time_nanos = order.deadline_nanos + late_nanos
    # Any command carries time; a deposit elsewhere judges nobody by itself.
    found = kinds(driver.deposit(77, 1))
    assert found[:1] == ([] if kind is None else [kind])


@pytest.mark.rule("WF-7")
@pytest.mark.parametrize(
    ("dust", "closed"),
    [
        pytest.param(799, 2, id="800 is left: more than the dust"),
        pytest.param(800, 2, id="800 is left: as much as the dust"),
        pytest.param(801, 10, id="800 is left: dust, all is closed"),
    ],
)
def test_dust(dust: int, closed: int) -> None:
    # 1.05 * 40 = 42 <= E = 43 < 1.05 * 45: 8 of 10 lots may stay.
    driver = holder(43, dust_notional_atoms=dust)
    assert only(driver.mark(100), EventKind.LIQUIDATION_ORDER).size_lots == closed


@pytest.mark.rule("WF-8")
@pytest.mark.parametrize(
    ("slice_lots", "size_step", "closed", "sliced"),
    [
        pytest.param(0, 1, 4, 0, id="none"),
        pytest.param(3, 1, 3, 1, id="smaller"),
        pytest.param(4, 1, 4, 0, id="as large: not cut"),
        pytest.param(5, 1, 4, 0, id="larger"),
        pytest.param(3, 2, 2, 1, id="rounded down to the step"),
        pytest.param(1, 2, 2, 1, id="at least one step"),
    ],
)
def test_slice(slice_lots: int, size_step: int, closed: int, sliced: int) -> None:
    # E = 36: 1.05 * 30 = 31.5 <= 36 < 36.75 = 1.05 * 35: 6 of 10 lots may stay.
    driver = holder(36, liquidation_slice_lots=slice_lots, size_step_lots=size_step)
    order = only(driver.mark(100), EventKind.LIQUIDATION_ORDER)
    assert (order.size_lots, order.sliced) == (closed, sliced)


@pytest.mark.rule("WF-7")
@pytest.mark.parametrize(
    ("size_step", "closed"),
    [
        pytest.param(1, 3, id="3"),
        pytest.param(2, 4, id="up to the step"),
        pytest.param(5, 5, id="up to a larger step"),
        pytest.param(10, 10, id="up to the whole"),
    ],
)
def test_closes_are_rounded_up_to_the_size_step(size_step: int, closed: int) -> None:
    # E = 37: 1.05 * 35 = 36.75 <= 37: 7 of 10 lots may stay.
    driver = holder(37, size_step_lots=size_step)
    assert only(driver.mark(100), EventKind.LIQUIDATION_ORDER).size_lots == closed


@pytest.mark.rule("WF-7")
@pytest.mark.parametrize(
    ("equity", "closed"),
    [
        pytest.param(16, 8, id="7 of 10 to close, up to 8: 1.05 * 15 <= 16"),
        pytest.param(10, 10, id="9 of 10 to close, up to 16, but there are 10: 1.05 * 5 <= 10"),
    ],
)
def test_a_close_is_never_more_than_a_position_off_step(equity: int, closed: int) -> None:
    driver = holder(equity)
    driver.risk(take_over_ppm=500_000)
    driver.market(size_step_lots=8)
    assert only(driver.mark(100), EventKind.LIQUIDATION_ORDER).size_lots == closed


@pytest.mark.rule("TM-1", "TM-3", "WF-19")
@pytest.mark.parametrize(
    ("late_nanos", "is_next"),
    [
        pytest.param(-1, False, id="before"),
        pytest.param(0, True, id="at"),
        pytest.param(1, True, id="after"),
    ],
)
def test_cooldown(late_nanos: int, is_next: bool) -> None:
    driver = holder(36, liquidation_slice_lots=1, liquidation_cooldown_millis=500)
    driver.mark(100)
    driver.wait(10)
    # Sold at mark: E = 36 still, M = 45: not over; the next slice waits.
    events = driver.trade(2, 1, 1, 100, fills=1)
    assert kinds(events) == ["LIQUIDATION_FILL", "LIQUIDATION_ORDER_ENDED"]
    retry_nanos = (10 + 500) * NANOS_PER_MILLI
    assert driver.engine.dump()["accounts"][0]["retry_nanos"] == retry_nanos
    driver.time_nanos = retry_nanos + late_nanos
    found = kinds(driver.deposit(77, 1))
    assert found == (["LIQUIDATION_ORDER"] if is_next else [])


@pytest.mark.rule("WF-15")
@pytest.mark.parametrize(
    ("equity", "fee_ppm", "fee"),
    [
        pytest.param(40, 0, 0, id="none"),
        pytest.param(40, 9_999, 10, id="rounded up: 999.9 * 1 %"),
        pytest.param(40, 10_000, 10, id="1000 * 1 %"),
        pytest.param(40, 10_001, 11, id="rounded up: 1000.1 * 1 %"),
        pytest.param(24, 23_000, 23, id="one less than the equity"),
        pytest.param(24, 24_000, 24, id="as much as the equity"),
        pytest.param(24, 24_001, 24, id="capped by the equity: it can never bankrupt"),
    ],
)
def test_liquidation_fee(equity: int, fee_ppm: int, fee: int) -> None:
    # Dust makes the close whole; sold at mark, the equity stays, and M is 0 after it.
    driver = holder(equity, liquidation_fee_ppm=fee_ppm, dust_notional_atoms=2_000)
    driver.risk(take_over_ppm=500_000)
    driver.mark(100)
    fill = only(driver.trade(2, 1, 10, 100, fills=1), EventKind.LIQUIDATION_FILL)
    assert fill.fee_atoms == fee
    assert driver.fund().balance_atoms == fee
    assert driver.account(1).balance_atoms == equity - fee
