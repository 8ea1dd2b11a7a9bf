"""The oracle's funds alone: shares of markets, the peak and what stops them (FD-8 to FD-11)."""

import pytest

from tests.simulation.oracle import means
from tests.simulation.oracle.names import NANOS_PER_SLOT, PPM, Kind
from tests.simulation.oracle.world import Account, World
from tests.simulation.oracle.worlds import FUND_ACCOUNT, hold, judge, market, of_kind, world

ONE, TWO = 1, 2
A, B = 11, 12
HOLDS_NOTHING = {"fund_market_notional_ppm": 1}


def venue(fund_atoms: int, *, share_ppm: int = 0, **risk: int) -> tuple[World, Account]:
    """Return two markets that have fallen from 120 to 100, and their fund, noted."""
    made = world(market(ONE, 120, 100, fund_share_ppm=share_ppm), market(TWO, 120, 100))
    made.risk = made.risk._replace(**{**HOLDS_NOTHING, **risk})
    fund = hold(made, FUND_ACCOUNT, fund_atoms, {})
    fund.is_fund = True
    means.note(made, fund)
    return made, fund


def paid(made: World) -> list[int]:
    return [event["amount_atoms"] for event in of_kind(judge(made), Kind.INSURANCE_PAYOUT)]


@pytest.mark.rule("FD-10")
@pytest.mark.parametrize(
    ("share_ppm", "amounts"), [(0, [60, 40]), (PPM, [60, 40]), (50_000, [50, 40]), (1, [40])]
)
def test_a_market_gets_at_most_its_share_of_the_peak(share_ppm: int, amounts: list[int]) -> None:
    made, _ = venue(1_000, share_ppm=share_ppm)
    hold(made, A, -60, {ONE: 10})
    hold(made, B, -40, {TWO: 10})
    assert paid(made) == amounts
    assert means.paid_for(made, TWO) == 40


@pytest.mark.rule("FD-6", "FD-10", "LS-5")
def test_a_share_bounds_what_no_leg_lost_and_debts_too() -> None:
    """A lost 200 by its leg and 100 by none; B owes 40 in the same market."""
    made, _ = venue(1_000, share_ppm=50_000)
    hold(made, A, -300, {ONE: 10})
    hold(made, B, -40, {}).debt_market = ONE
    events = judge(made)
    payouts = [e["amount_atoms"] for e in of_kind(events, Kind.INSURANCE_PAYOUT)]
    # 50 for 340: of A's 200 and 100, and B's 40, 29.4, 14.7 and 5.9.
    assert (payouts, means.paid_for(made, ONE)) == ([6, 44], 50)
    (allocation,) = of_kind(events, Kind.LOSS_ALLOCATION)
    assert (allocation["loss_atoms"], allocation["amount_atoms"]) == (200, 29)


@pytest.mark.rule("FD-1", "FD-11")
@pytest.mark.parametrize(
    ("cap_ppm", "amount", "is_stopped"),
    [(0, 100, False), (110_000, 100, False), (100_000, 100, True), (60_000, 60, True)],
)
def test_a_fund_pays_what_it_may_lose_of_its_peak(
    cap_ppm: int, amount: int, is_stopped: bool
) -> None:
    made, fund = venue(1_000, fund_drawdown_ppm=cap_ppm)
    hold(made, A, -100, {ONE: 10})
    assert paid(made) == [amount]
    assert means.is_stopped(made, fund) == is_stopped


@pytest.mark.rule("FD-9")
@pytest.mark.parametrize(("slots", "peak"), [(0, 1_000), (95, 1_000), (96, 900)])
def test_the_peak_is_of_the_window(slots: int, peak: int) -> None:
    made, fund = venue(1_000)
    hold(made, A, -100, {ONE: 10})
    assert paid(made) == [100]
    made.time_nanos += slots * NANOS_PER_SLOT
    assert means.peak(made, fund) == peak
    assert means.paid_for(made, ONE) == (100 if slots < 96 else 0)


@pytest.mark.rule("FD-11")
@pytest.mark.parametrize(("balance", "is_stopped"), [(700, True), (750, True), (751, False)])
def test_it_goes_on_above_its_level(balance: int, is_stopped: bool) -> None:
    made, fund = venue(1_000, fund_drawdown_ppm=300_000, fund_resume_ppm=250_000)
    for fund.balance_atoms in (700, balance):
        means.note(made, fund)
    assert means.window_of(made, fund).is_stopped == is_stopped
    assert means.available(made, fund) == (0 if is_stopped else 51)


@pytest.mark.rule("FD-8")
@pytest.mark.parametrize(
    ("in_market_ppm", "in_all_ppm", "may"),
    [
        (0, 0, True),
        (PPM, 0, True),
        (PPM - 1, 0, False),
        (0, 2 * PPM, True),
        (0, 2 * PPM - 1, False),
    ],
)
def test_a_fund_holds_within_its_limits(in_market_ppm: int, in_all_ppm: int, may: bool) -> None:
    made, fund = venue(1_000, fund_market_notional_ppm=in_market_ppm, fund_notional_ppm=in_all_ppm)
    hold(made, FUND_ACCOUNT, 1_000, {TWO: -10}).is_fund = True
    fund = made.fund_account(1)
    assert means.may_hold(made, made.markets[ONE], fund, 10) == may
    assert means.may_hold(made, made.markets[TWO], fund, 9)
