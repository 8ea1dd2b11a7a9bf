"""Hedges: accounts that lose little when all markets go together, watched beside the reference."""

from random import Random

import pytest

from riskengine.core.enums import EventKind, PositionUpdateMode
from riskengine.core.types import RiskTier
from tests.core.driver import MARKET, Driver
from tests.simulation.commands import Command
from tests.simulation.index.pair import Pair
from tests.simulation.index.thresholds import Prices, first_crossing, surplus
from tests.simulation.index.worlds import change_market

FIRST_MARK = 50_000
MARKETS = (1, 2, 3, 4)
MAKER = 1_000
Tiers = tuple[tuple[int, int, int], ...]
LOW: Tiers = ((0, 10_000, 5_000),)


def hedged_driver() -> Driver:
    """Return account 1 at 20x, 5 % of its notional on each leg, with account 2 against it."""
    driver = Driver()
    for market_id in MARKETS:
        driver.market(market_id, tiers=((0, 10_000, 5_000),))
        driver.mark(FIRST_MARK, market_id)
    driver.deposit(1, 10 * FIRST_MARK)
    driver.deposit(2, 10**9)
    driver.trade(1, 2, 100, FIRST_MARK, 1)
    driver.trade(2, 1, 100, FIRST_MARK, 2)
    return driver


@pytest.mark.parametrize("step_ppm", [4_000, -4_000])
def test_a_hedge_is_not_looked_at_when_all_markets_go_together(step_ppm: int) -> None:
    """Each leg alone has a band of less than 5 %, and the markets go by 20 %."""
    driver = hedged_driver()
    before = driver.engine.recomputed_accounts
    mark = FIRST_MARK
    for _ in range(50):
        mark += FIRST_MARK * step_ppm // 10**6
        driver.marks(dict.fromkeys(MARKETS, mark))
    assert driver.engine.recomputed_accounts - before <= 3


def test_a_copy_follows_the_marks_from_those_of_now() -> None:
    """The reference of a copy moves with its first marks, however its index came to be."""
    copy = hedged_driver().fork()
    before = copy.engine.recomputed_accounts
    copy.marks(dict.fromkeys(MARKETS, FIRST_MARK * 104 // 100))
    assert copy.engine.recomputed_accounts == before


def test_it_is_looked_at_when_its_legs_part() -> None:
    """At 1 x = 100 (50,000 - p) the account is called: 500,000 - x < 1.25 * 0.005 * notional."""
    driver = hedged_driver()
    driver.marks(dict.fromkeys(MARKETS, FIRST_MARK + 2_000))
    # 500,000 - 100 x < 0.00625 * 100 * (104,000 - x) from x = 4,378.
    assert driver.mark(FIRST_MARK + 2_000 - 4_377) == []
    events = driver.mark(FIRST_MARK + 2_000 - 4_378)
    assert [event.kind for event in events] == [EventKind.MARGIN_CALL]


def test_it_is_looked_at_when_a_leg_stands_still_while_the_others_go() -> None:
    """The mark of its short is not set at all, but relative to the reference it rises."""
    driver = hedged_driver()
    for account_id in range(10, 40):
        driver.deposit(account_id, 10**9)
        driver.update(account_id, 10, FIRST_MARK, 3)
    # 500,000 - 100 x < 0.00625 * 100 * (100,000 - x) from x = 4,403.
    for fall in (*range(100, 4_400, 100), 4_400, 4_402):
        assert driver.marks(dict.fromkeys((1, 3, 4), FIRST_MARK - fall)) == []
    events = driver.marks(dict.fromkeys((1, 3, 4), FIRST_MARK - 4_403))
    assert [event.kind for event in events] == [EventKind.MARGIN_CALL]


def crowded_driver(lots: tuple[int, int], leverage: float, tiers: Tiers = LOW) -> Driver:
    """Return account 1 with a long in market 1 and a short in market 2.

    Hundreds of positions in markets 3 and 4 have the reference go where these two go.
    """
    driver = Driver(asset_exponent=-6)
    for market_id in MARKETS:
        driver.market(market_id, tick_exponent=-6, tiers=tiers)
        driver.mark(FIRST_MARK, market_id)
    driver.marks(dict.fromkeys(MARKETS, FIRST_MARK))
    crowd = range(1_000, 1_200)
    ids = (1, *crowd)
    amounts = (int(sum(lots) * FIRST_MARK / leverage), *(10**12,) * len(crowd))
    driver.do("deposits", ids, (1,) * len(ids), amounts)
    rows = [(i, market_id, 1, FIRST_MARK) for i in crowd for market_id in (3, 4)]
    rows += [(1, 1, lots[0], FIRST_MARK), (1, 2, -lots[1], FIRST_MARK)]
    driver.do("position_updates", PositionUpdateMode.DELTA, *zip(*rows, strict=True))
    return driver


def parted(marks: Prices, common: float, apart: float) -> Prices:
    """Let all markets go by `common`, and the legs of account 1 against it by `apart`."""
    parts = {1: 1 - apart, 2: 1 + apart}
    return {m: round(mark * (1 + common) * parts.get(m, 1)) for m, mark in marks.items()}


def assert_found_wherever(driver: Driver) -> None:
    """At whatever level all markets stand, account 1 is called at the first marks that ask it."""
    view = driver.account(1)
    markets = {view.parameters.market_id: view.parameters for view in driver.engine.markets()}
    marks = {view.parameters.market_id: view.mark_price_ticks for view in driver.engine.markets()}
    found = 0
    for common in range(-40, 100, 4):

        def is_beyond(apart: int, common: int = common) -> bool:
            prices = parted(marks, common / 100, apart / 10**6)
            return surplus(view, markets, prices, 1_250_000) < 0

        crossing = None if is_beyond(0) else first_crossing(is_beyond, 500_000)
        if crossing is not None:
            events = driver.fork().marks(parted(marks, common / 100, crossing / 10**6))
            assert [event.kind for event in events] == [EventKind.MARGIN_CALL], common
            found += 1
    assert found > 5


LOTS = [(1_000, 1_000), (1_000, 900), (900, 1_000), (1_000, 850), (850, 1_000)]


@pytest.mark.parametrize("leverage", [1.5, 3, 8, 20])
@pytest.mark.parametrize("lots", LOTS)
def test_no_level_of_the_reference_hides_a_hedge(lots: tuple[int, int], leverage: float) -> None:
    assert_found_wherever(crowded_driver(lots, leverage))


@pytest.mark.parametrize("doubled_ppm", [900_000, 1_000_000, 1_050_000, 1_200_000])
def test_nor_does_a_tier_at_about_twice_the_notional(doubled_ppm: int) -> None:
    floor = 2 * 1_000 * FIRST_MARK * doubled_ppm // 10**6
    tiers = (*LOW, (floor, 800_000, 700_000))
    assert_found_wherever(crowded_driver((1_000, 1_000), 1.5, tiers))


@pytest.mark.parametrize("rate_ppm", [50_000, 90_000])
@pytest.mark.parametrize("leverage", [1.5, 3, 5])
def test_nor_does_a_requirement_that_goes_with_it(rate_ppm: int, leverage: float) -> None:
    assert_found_wherever(crowded_driver((1_000, 1_000), leverage, ((0, rate_ppm, rate_ppm),)))


@pytest.mark.parametrize("common", [-0.1, -0.03, 0.03, 0.1])
@pytest.mark.parametrize("taken_ppm", [0, 20_000, 50_000, 100_000, 200_000, 400_000])
@pytest.mark.parametrize("lots", LOTS[1:3])
def test_nor_do_bands_that_were_kept(lots: tuple[int, int], common: float, taken_ppm: int) -> None:
    """All markets have gone some way, and account 1 has taken a part of its money out."""
    driver = crowded_driver(lots, 8)
    marks = dict.fromkeys(MARKETS, FIRST_MARK)
    assert driver.marks(parted(marks, common, 0)) == []
    driver.withdraw(1, 1 + driver.account(1).withdrawable_atoms * taken_ppm // 10**6)
    assert_found_wherever(driver)


@pytest.mark.parametrize("moved", [{1: 49_000}, {2: 51_000}])
@pytest.mark.parametrize("lots", LOTS)
def test_nor_do_bands_that_were_given_more(lots: tuple[int, int], moved: Prices) -> None:
    """Account 1 has paid in before one of its legs left its band; the other's is kept."""
    driver = crowded_driver(lots, 60)
    driver.deposit(1, driver.account(1).equity_atoms)
    driver.marks(moved)
    assert_found_wherever(driver)


def open_hedges(pair: Pair, rng: Random, accounts: int) -> None:
    """Have accounts go long in some markets and short about as much in others, at 3x to 60x."""
    pair.apply(Command("create_asset", 0, (1, "USD", 0)))
    pair.apply(Command("create_fund", 0, (1, 1)))
    for market_id in MARKETS:
        rates = rng.choice((((0, 10_000, 5_000),), ((0, 10_000, 5_000), (10**7, 40_000, 20_000))))
        tiers = tuple(MARKET.tiers[0]._replace(**dict(zip(FIELDS, t, strict=True))) for t in rates)
        pair.apply(change_market(MARKET._replace(market_id=market_id, tiers=tiers), 0))
    pair.apply(Command("mark_prices", 0, (MARKETS, (FIRST_MARK,) * len(MARKETS))))
    ids = (*range(1, accounts + 1), MAKER)
    amounts = (10**6,) * accounts + (10**12,)
    pair.apply(Command("deposits", 0, (ids, (1,) * len(ids), amounts)))
    for account_id in range(1, accounts + 1):
        side = rng.choice((1, -1))
        lots = int(3 * 20 ** rng.random() * 10**6 / FIRST_MARK / len(MARKETS))
        skew = rng.choice((0, 0, lots // 20, lots // 7))
        for market_id in MARKETS:
            sides = (account_id, MAKER)[::side]
            row = (market_id, *sides, FIRST_MARK, lots + skew * (side > 0), 0, 0, 0)
            pair.apply(Command("trades", 0, tuple((value,) for value in row)))
            side = -side


FIELDS = ("floor_atoms", "initial_rate_ppm", "maintenance_rate_ppm")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("drift_ppm", [3_000, -3_000])
def test_hedges_are_found_by_the_index_as_by_the_scan(seed: int, drift_ppm: int) -> None:
    """Markets drift together and apart until many are liquidated; trades come between."""
    rng, pair = Random(f"hedges {seed}"), Pair(audit_every=10)
    accounts = 40
    open_hedges(pair, rng, accounts)
    marks = dict.fromkeys(MARKETS, FIRST_MARK)
    silent = 0
    for turn in range(300):
        silent = rng.choice((0, *MARKETS)) if turn % 30 == 0 else silent
        common = rng.gauss(drift_ppm, 4_000) / 10**6
        for market_id in MARKETS:
            own = rng.gauss(0, rng.choice((0, 500, 4_000))) / 10**6
            marks[market_id] = max(1, min(round(marks[market_id] * (1 + common + own)), 10**6))
        moved = [m for m in MARKETS if m != silent]
        moved = moved if turn % 3 else rng.sample(moved, 2)
        pair.apply(Command("mark_prices", turn, (tuple(moved), tuple(marks[m] for m in moved))))
        account_id, market_id = rng.randint(1, accounts), rng.choice(moved)
        sides = rng.choice(((account_id, MAKER), (MAKER, account_id)))
        row = (market_id, *sides, marks[market_id], rng.choice((1, 1, 3, 40)), 0, 0, 0)
        pair.apply(Command("trades", turn, tuple((value,) for value in row)))
    pair.finish()
    for kind in (EventKind.MARGIN_CALL, EventKind.MARGIN_CALL_CLEARED, EventKind.CANCEL_ORDERS):
        assert pair.kinds[kind] > 0


def far_pair(price_bits: int) -> Pair:
    """Return account 1 with a hedge in markets 1 and 2, where a lot of market 1 is 10^15 atoms.

    Market 3 goes up to more than 2^40 ticks, so that it has no relative price.
    """
    pair = Pair(audit_every=1)
    pair.apply(Command("create_asset", 0, (1, "USD", 0)))
    pair.apply(Command("create_fund", 0, (1, 1)))
    bounds = ((1, 15, 1), (2, 0, 10**6), (3, 0, 2**price_bits))
    for market_id, exponent, price in bounds:
        lots = 2**54 // (price * 10**exponent)
        market = MARKET._replace(market_id=market_id, lot_exponent=exponent, tiers=LOW_TIERS)
        market = market._replace(max_price_ticks=price, max_position_lots=lots)
        pair.apply(change_market(market, 0))
    pair.apply(Command("mark_prices", 0, ((1, 2, 3), tuple(price for _, _, price in bounds))))
    pair.apply(Command("deposits", 0, ((1,), (1,), (10**16,))))
    for market_id, lots, price in ((1, -7, 1), (2, 8_600_000_000, 10**6)):
        row = ((1,), (market_id,), (lots,), (price,))
        pair.apply(Command("position_updates", 0, (int(PositionUpdateMode.DELTA), *row)))
    return pair


LOW_TIERS = (RiskTier(*LOW[0]),)


@pytest.mark.parametrize("part", [1, 50])
@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("price_bits", [41, 44, 48, 53])
def test_a_hedge_may_take_a_leg_that_has_no_relative_price(
    price_bits: int, side: int, part: int
) -> None:
    """The watches that it has are relative; the engine once divided by a price of 0."""
    pair = far_pair(price_bits)
    top = 2**price_bits
    lots = side * max(1, (2**54 >> price_bits) // part)
    row = ((1,), (3,), (lots,), (top,))
    pair.apply(Command("position_updates", 0, (int(PositionUpdateMode.DELTA), *row)))
    for turn in range(1, 20):
        pair.apply(Command("deposits", 0, ((1,), (1,), (1,))))
        mark = top - top * turn // 20
        pair.apply(Command("mark_prices", 0, ((3,), (mark,))))
        pair.apply(Command("mark_prices", 0, ((1, 2), (1, 10**6 - turn * 500))))
    pair.finish()
    assert pair.kinds[EventKind.CANCEL_ORDERS] == (side > 0 and part == 1)
