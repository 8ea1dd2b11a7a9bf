"""What the engine answers holds for any margin model: what it lets in or out liquidates nobody."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from riskengine.core.enums import RejectReason, Side
from tests.core.driver import Driver
from tests.simulation.index.generator import Generator
from tests.simulation.index.pair import Pair, run

pytestmark = pytest.mark.any_model

FLAT = ((0, 100_000, 50_000),)
STEEP = ((0, 20_000, 10_000), (5_000, 200_000, 100_000), (20_000, 1_000_000, 900_000))
ALL_OF_IT = ((0, 1_000_000, 1_000_000),)
MARKS = st.integers(20, 400)
MOST_LOTS = 1_000


@st.composite
def holders(draw: st.DrawFn) -> Driver:
    """Draw an engine in which account 1 is safe and has two legs at most; 2 is rich."""
    driver = Driver()
    for market_id in (1, 2):
        driver.market(
            market_id,
            tiers=draw(st.sampled_from((FLAT, STEEP, ALL_OF_IT))),
            max_position_lots=MOST_LOTS,
        )
    entries = {market_id: draw(MARKS) for market_id in (1, 2)}
    driver.marks(entries)
    driver.deposit(1, draw(st.integers(1, 40_000)))
    driver.deposit(2, 10**12)
    for market_id, entry in entries.items():
        size = draw(st.integers(-60, 60))
        if size:
            driver.update(1, size, entry, market_id)
            driver.update(2, -size, entry, market_id)
    driver.marks({market_id: draw(st.integers(e - 4, e + 4)) for market_id, e in entries.items()})
    assume(driver.engine.counters().liquidations_started == 0)
    return driver


def largest_accepted(driver: Driver, side: Side, price: int) -> int:
    """Return a size that is accepted while one lot more is not, or the largest; 0 for none."""

    def is_accepted(size: int) -> bool:
        return driver.engine.check_order(1, 1, side, size, price, False, 0).rejection is None

    accepted, refused = 0, MOST_LOTS + 1
    while refused - accepted > 1:
        middle = (accepted + refused) // 2
        accepted, refused = (middle, refused) if is_accepted(middle) else (accepted, middle)
    return accepted


@pytest.mark.rule("QS-4", "QS-5")
@given(holders(), st.sampled_from((Side.LONG, Side.SHORT)), st.integers(-15, 15))
def test_no_order_that_is_accepted_begins_a_liquidation(
    driver: Driver, side: Side, through: int
) -> None:
    """But for one that reduces, which always is (QS-2)."""
    price = driver.engine.markets()[0].mark_price_ticks + through
    size = largest_accepted(driver, side, price)
    held = driver.lots(1) * (-1 if side == Side.LONG else 1)
    assume(size > max(0, held))
    if side == Side.LONG:
        driver.trade(1, 2, size, price)
    else:
        driver.trade(2, 1, size, price)
    assert driver.engine.counters().liquidations_started == 0


@pytest.mark.rule("MG-8")
@given(holders())
def test_what_can_be_withdrawn_can_be_and_not_an_atom_more(driver: Driver) -> None:
    most = driver.account(1).withdrawable_atoms
    refused = driver.fork().refuse("withdrawals", (1,), (1,), (most + 1,))
    assert refused.reason == RejectReason.NOT_WITHDRAWABLE
    if most:
        driver.withdraw(1, most)
        assert driver.account(1).withdrawable_atoms == 0
    assert driver.engine.counters().liquidations_started == 0


@pytest.mark.parametrize("seed", range(100, 106))
def test_a_fork_goes_on_as_the_engine_does(seed: int) -> None:
    """The index is forked after every seventh command, the scan never."""
    pair = Pair(audit_every=7, fork_every=7)
    run(f"fork-seed-{seed}", pair, Generator(seed, pair).next, 300)
    assert pair.index.sequence > 150
