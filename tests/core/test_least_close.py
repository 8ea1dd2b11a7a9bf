"""The closes that a liquidation orders: enough, and not a lot more than enough."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.core.enums import EventKind, RejectReason, Side
from riskengine.core.face.margin_testing import MarginBench
from riskengine.core.types import Event, Rejection, RiskTier
from riskengine.units import PPM
from tests.core.driver import MARKET, Driver
from tests.simulation.oracle.margin import maintenance_of
from tests.simulation.oracle.world import RiskTier as OracleTier

TIERS = st.sampled_from(
    [
        ((0, 100_000, 50_000),),
        ((0, 1_000_000, 1),),
        ((0, 20_000, 10_000), (50_000, 50_000, 25_000), (400_000, 100_000, 77_777)),
        ((0, 333_333, 333_333), (7, 500_000, 500_000)),
    ]
)
RATES = tuple[tuple[int, int, int], ...]


def maintenance_by_lots(tiers: RATES, mark: int) -> Callable[[int], int]:
    parameters = MARKET._replace(tiers=tuple(RiskTier(*tier) for tier in tiers))

    def maintenance(lots: int) -> int:
        bench = MarginBench(0)
        bench.add_market(parameters, mark)
        if lots:
            bench.trade(0, lots, 0)
        return int(bench.assess()[1])

    return maintenance


def orders_of(events: list[Event]) -> list[Event]:
    return [event for event in events if event.kind == EventKind.LIQUIDATION_ORDER]


@pytest.mark.any_model
@pytest.mark.rule("WF-5", "WF-6")
@given(
    tiers=TIERS,
    size=st.integers(1, 10**4),
    mark=st.integers(2, 10**3),
    share_ppm=st.integers(0, PPM),
    buffer_ppm=st.sampled_from([0, 1, 50_000, PPM]),
    is_long=st.booleans(),
)
def test_one_lot_less_would_not_have_been_enough(
    tiers: RATES, size: int, mark: int, share_ppm: int, buffer_ppm: int, is_long: bool
) -> None:
    required = maintenance_by_lots(tiers, mark)
    maintenance = required(size)
    equity = min(maintenance * share_ppm // PPM, maintenance - 1)
    driver = Driver()
    driver.market(tiers=tiers)
    driver.mark(mark)
    driver.risk(liquidation_buffer_ppm=buffer_ppm, take_over_ppm=500_000)
    driver.deposit(2, 10**12)
    driver.deposit(1, 1)
    buyer, seller = (1, 2) if is_long else (2, 1)
    # A fee takes what equity has too much, so that the trade itself brings the liquidation.
    fee = 1 - equity
    fees = (fee, 0) if is_long else (0, fee)
    orders = orders_of(driver.trade(buyer, seller, size, mark, fees=fees))

    weight = PPM + buffer_ppm

    def is_enough(kept: int) -> bool:
        return weight * required(kept) <= PPM * equity

    assert len(orders) == 1
    assert orders[0].side == (Side.SHORT if is_long else Side.LONG)
    assert (orders[0].equity_atoms, orders[0].maintenance_atoms) == (equity, maintenance)
    kept = size - orders[0].size_lots
    assert is_enough(kept)
    assert not is_enough(kept + 1)


@pytest.mark.rule("WF-1", "WF-6")
@given(
    legs=st.lists(
        st.tuples(st.integers(1, 500), st.integers(50, 500), st.booleans()), min_size=2, max_size=6
    ),
    share_ppm=st.integers(0, PPM - 1),
)
def test_only_the_largest_legs_are_closed_and_only_the_last_one_in_part(
    legs: list[tuple[int, int, bool]], share_ppm: int
) -> None:
    driver = Driver()
    markets = range(1, len(legs) + 1)
    for market_id in markets:
        driver.market(market_id)
    driver.marks({market_id: legs[market_id - 1][1] for market_id in markets})
    driver.risk(liquidation_buffer_ppm=0, take_over_ppm=500_000)
    driver.deposit(2, 10**12)
    driver.deposit(1, 10**9)
    maintenance = {m: -(-legs[m - 1][0] * legs[m - 1][1] * 5 // 100) for m in markets}
    equity = sum(maintenance.values()) * share_ppm // PPM
    for market_id, (size, mark, is_long) in enumerate(legs, start=1):
        fee = 10**9 - equity if market_id == len(legs) else 0
        if is_long:
            events = driver.trade(1, 2, size, mark, market_id, fees=(fee, 0))
        else:
            events = driver.trade(2, 1, size, mark, market_id, fees=(0, fee))

    orders = orders_of(events)
    ranked = sorted(markets, key=lambda m: (-maintenance[m], m))
    assert [order.market_id for order in orders] == ranked[: len(orders)]
    left = sum(maintenance.values())
    for order in orders:
        assert left > equity
        size, mark, _ = legs[order.market_id - 1]
        kept = size - order.size_lots
        assert kept == 0 or order is orders[-1]
        left += -(-kept * mark * 5 // 100) - maintenance[order.market_id]
    assert left <= equity


@pytest.mark.rule("WF-1", "WF-6")
@pytest.mark.parametrize(
    ("equity", "closes"),
    [
        pytest.param(99, [(1, 1)], id="one atom short: 1 lot of the first leg"),
        pytest.param(51, [(1, 10)], id="need 49: all 10, for MM(0) is within 1, MM(1) is not"),
        pytest.param(50, [(1, 10)], id="need 50 is all that the first leg frees"),
        pytest.param(49, [(1, 10), (2, 1)], id="need 51: one lot of the second leg as well"),
        pytest.param(1, [(1, 10), (2, 10)], id="need 99: both"),
    ],
)
def test_legs_with_a_requirement_of_50_each(equity: int, closes: list[tuple[int, int]]) -> None:
    driver = Driver()
    driver.market(1)
    driver.market(2)
    driver.marks({1: 100, 2: 100})
    driver.risk(liquidation_buffer_ppm=0, take_over_ppm=500_000)
    driver.deposit(1, 1_000)
    driver.deposit(2, 10**6)
    driver.trade(1, 2, 10, 100, market_id=2)
    events = driver.trade(1, 2, 10, 100, market_id=1, fees=(1_000 - equity, 0))
    assert [(order.market_id, order.size_lots) for order in orders_of(events)] == closes


@pytest.mark.rule("WF-6", "WF-9")
@given(
    tiers=st.sampled_from(
        [
            ((0, 100_000, 50_000),),
            ((0, 20_000, 10_000), (2_000, 50_000, 25_000)),
            ((0, 1_000, 401), (3_000, 2_000, 1_999)),
            ((0, 333_333, 333_333), (7, 500_000, 500_000)),
        ]
    ),
    size=st.integers(1, 400),
    mark=st.integers(2, 60),
    share_ppm=st.integers(0, PPM),
    buffer_ppm=st.sampled_from([0, 1, 50_000, PPM]),
    fee_share=st.sampled_from([1, 3, 10]),
)
def test_the_largest_size_is_kept_with_the_fee_paid(
    tiers: RATES, size: int, mark: int, share_ppm: int, buffer_ppm: int, fee_share: int
) -> None:
    """Where lots are worth less than an atom of requirement a fee makes it fall in between."""
    fee_ppm = min(100_000, (tiers[0][2] - 1) // 2) // fee_share
    plain = [OracleTier(*tier) for tier in tiers]
    required = [maintenance_of(plain, lots * mark) for lots in range(size + 1)]
    equity = min(required[size] * share_ppm // PPM, required[size] - 1)
    driver = Driver()
    driver.market(tiers=tiers, liquidation_fee_ppm=fee_ppm)
    driver.mark(mark)
    driver.risk(liquidation_buffer_ppm=buffer_ppm, take_over_ppm=500_000)
    driver.deposit(2, 10**12)
    driver.deposit(1, 1)
    (order,) = orders_of(driver.trade(1, 2, size, mark, fees=(1 - equity, 0)))
    kept = [
        lots
        for lots in range(size + 1)
        if (PPM + buffer_ppm) * required[lots] + fee_ppm * (size - lots) * mark <= PPM * equity
    ]
    assert order.size_lots == size - max(kept, default=0)


@pytest.mark.rule("GD-4", "WF-9")
@pytest.mark.parametrize(
    ("lowest_ppm", "most_ppm"),
    [
        pytest.param(1, 0, id="1: no discount"),
        pytest.param(2, 0, id="2: 2 * 1 is not below it"),
        pytest.param(3, 1, id="3: 2 * 1 is below it"),
        pytest.param(5_000, 2_499, id="0.5 %"),
        pytest.param(10**6, 499_999, id="the largest of all"),
    ],
)
def test_largest_discount_by_the_lowest_rate(lowest_ppm: int, most_ppm: int) -> None:
    driver = Driver()
    rates = (RiskTier(0, lowest_ppm, lowest_ppm), RiskTier(9, 10**6, 10**6))
    parameters = MARKET._replace(tiers=rates, discount_ppm=most_ppm)
    driver.do("set_market", parameters)
    refusal = driver.refuse("set_market", parameters._replace(discount_ppm=most_ppm + 1))
    assert refusal == Rejection(
        0, RejectReason.OUT_OF_RANGE, "discount_ppm", most_ppm + 1, most_ppm
    )


@pytest.mark.rule("GD-4", "WF-9")
@pytest.mark.parametrize("fee_ppm", [1, 2_499, 100_000])
def test_a_discount_is_not_below_the_fee(fee_ppm: int) -> None:
    driver = Driver()
    parameters = MARKET._replace(
        tiers=(RiskTier(0, 10**6, 10**6),), liquidation_fee_ppm=fee_ppm, discount_ppm=fee_ppm
    )
    driver.do("set_market", parameters)
    refusal = driver.refuse("set_market", parameters._replace(discount_ppm=fee_ppm - 1))
    assert refusal == Rejection(0, RejectReason.OUT_OF_RANGE, "discount_ppm", fee_ppm - 1, fee_ppm)
