"""What an account would be after a change is what it is once the change is made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.core.face.margin_testing import MarginBench
from tests.core.benches import HIGHEST_PRICE, LARGEST_SIZE, PRICES, SIZES, World, worlds
from tests.core.driver import MARKET

ATOMS = st.integers(-(10**12), 10**12)


def market_of(data: st.DataObject, world: World) -> int:
    return data.draw(st.integers(0, len(world.marks) - 1), label="market")


@pytest.mark.any_model
@given(worlds(), ATOMS)
def test_a_balance(world: World, atoms: int) -> None:
    announced = world.bench.if_paid(atoms)
    world.bench.pay(atoms)
    assert world.bench.assess() == announced


@pytest.mark.any_model
@given(worlds(), SIZES.filter(bool), ATOMS, st.data())
def test_a_leg(world: World, bought: int, paid: int, data: st.DataObject) -> None:
    """Opened, added to, reduced, closed or turned round, for whatever is paid; never by no lots."""
    market = market_of(data, world)
    announced = world.bench.if_traded(market, bought, paid)
    world.bench.trade(market, bought, paid)
    assert world.bench.assess() == announced


@pytest.mark.any_model
@given(worlds(), SIZES, PRICES, st.data())
def test_an_order(world: World, bought: int, price: int, data: st.DataObject) -> None:
    """Filled at its limit; but what it would gain against mark at once is not there yet."""
    market = market_of(data, world)
    announced = world.bench.if_filled(market, bought, price)
    world.bench.trade(market, bought, bought * price)
    equity, maintenance, initial = world.bench.assess()
    gain = max(0, bought * (world.marks[market] - price))
    assert announced == (equity - gain, maintenance, initial)


@pytest.mark.any_model
@given(worlds(), PRICES)
def test_a_price(world: World, price: int) -> None:
    announced = world.bench.if_marked(0, price)
    world.bench.mark(0, price)
    assert world.bench.assess() == announced


@pytest.mark.any_model
@given(worlds(), st.data())
def test_releasing_lots_gives_back_the_difference_of_the_requirements(
    world: World, data: st.DataObject
) -> None:
    held = abs(world.sizes[0])
    lots = data.draw(st.integers(1, held), label="lots")
    released = world.bench.release(0, lots)
    assert world.bench.release(0, lots - 1) <= released <= world.bench.release(0, held)
    assert world.bench.release(0, 0) == 0 < world.bench.release(0, held)
    before = world.bench.assess()
    bought = -lots if world.sizes[0] > 0 else lots
    world.bench.trade(0, bought, bought * world.marks[0])
    equity, maintenance, _ = world.bench.assess()
    assert (equity, maintenance) == (before[0], before[1] - released)


@pytest.mark.any_model
@pytest.mark.rule("MG-8")
@given(worlds())
def test_withdrawing_all_leaves_what_has_to_stay_or_no_cash_and_no_atom_more(
    world: World,
) -> None:
    """Of a lot at a tick, an atom, a tenth has to stay where that is more than initial margin."""
    balance = world.balance()
    notional = sum(abs(size) * mark for size, mark in zip(world.sizes, world.marks, strict=True))
    most = world.bench.withdrawable()
    equity, _, initial = world.bench.if_paid(-most)
    kept = max(initial, -(-notional // 10))
    assert most == 0 or min(balance - most, equity - kept) == 0
    assert min(balance - most, equity - kept) - 1 < 0


@pytest.mark.parametrize(
    ("bought", "price", "after"),
    [
        pytest.param(5, 100, (1_000, 75, 150), id="at mark: 15 lots at 100"),
        pytest.param(5, 101, (995, 75, 150), id="a tick above: 5 are lost at once"),
        pytest.param(5, 99, (1_000, 75, 150), id="a tick below: no gain"),
        pytest.param(-10, 100, (1_000, 0, 0), id="closed"),
        pytest.param(-10, 99, (990, 0, 0), id="closed a tick below: 10 are lost"),
        pytest.param(-30, 101, (1_000, 100, 200), id="turned to 20 short a tick above: no gain"),
        pytest.param(-30, 99, (970, 100, 200), id="turned to 20 short a tick below: 30 are lost"),
    ],
)
def test_orders_of_a_holder_of_ten(bought: int, price: int, after: tuple[int, int, int]) -> None:
    """E = 1000, M = 1000 * 5 %, I = 1000 * 10 %."""
    bench = MarginBench(1_000)
    bench.add_market(MARKET, 100)
    bench.trade(0, 10, 1_000)
    assert bench.if_filled(0, bought, price) == after


@pytest.mark.parametrize(
    ("price", "after"),
    [
        pytest.param(100, (1_000, 50, 100), id="where it is"),
        pytest.param(101, (1_010, 51, 101), id="up: ceil(50.5)"),
        pytest.param(99, (990, 50, 99), id="down: ceil(49.5)"),
        pytest.param(1, (10, 1, 1), id="next to nothing"),
        pytest.param(HIGHEST_PRICE, (100_000, 5_000, 10_000), id="as high as it gets"),
    ],
)
def test_prices_of_a_holder_of_ten(price: int, after: tuple[int, int, int]) -> None:
    bench = MarginBench(1_000)
    bench.add_market(MARKET._replace(max_position_lots=LARGEST_SIZE), 100)
    bench.trade(0, 10, 1_000)
    assert bench.if_marked(0, price) == after
