"""Refusals that a random walk does not reach, and orders asked about, in engine and oracle."""

from random import Random

import pytest

from riskengine.core.engine import Engine
from tests.simulation.commands import Command, apply_to_oracle
from tests.simulation.invalid import spoil
from tests.simulation.oracle.engine import Oracle
from tests.simulation.oracle.names import (
    MAX_ASSETS,
    MAX_FUNDS,
    MAX_MARKETS,
    MAX_POSITIONS,
    MAX_ROWS,
    Mode,
    Reason,
    Side,
)
from tests.simulation.oracle.questions import OrderCheck
from tests.simulation.oracle.world import Market, MarketParameters, Rejection, RiskTier
from tests.simulation.side_by_side import SideBySide, apply_to_engine, plain, same
from tests.simulation.walk import Walk

USD, FUND = 1, 1


def market(market_id: int, max_position: int = 1_000, max_price: int = 1_000) -> MarketParameters:
    tiers = (RiskTier(0, 100_000, 50_000),)
    symbol = f"M{market_id}"
    units = (-2, -4, 1, 1, max_price, max_position)
    return MarketParameters(
        market_id, symbol, USD, FUND, *units, tiers, 0, 1_000, 0, 0, 0, loss_policy=1
    )


def venue(*markets: MarketParameters) -> SideBySide:
    """Open a venue with two rich traders, 1 and 2."""
    pair = SideBySide()
    pair.apply(Command("create_asset", 0, (USD, "USD", -6)))
    pair.apply(Command("create_fund", 0, (FUND, USD)))
    for parameters in markets:
        pair.apply(Command("set_market", 0, (parameters,)))
    pair.apply(Command("deposits", 0, ((1, 2), (USD, USD), (10**9, 10**9))))
    return pair


def mark(pair: SideBySide, market_id: int, price: int) -> None:
    pair.apply(Command("mark_prices", 0, ((market_id,), (price,))))


def trade(pair: SideBySide, market_id: int, size: int, buyer: int = 1, seller: int = 2) -> object:
    row = ((market_id,), (buyer,), (seller,), (1,), (size,), (), (), ())
    return pair.apply(Command("trades", 0, row)).rejections


def test_no_trade_or_update_before_the_first_mark() -> None:
    pair = venue(market(5))
    update = ((1,), (5,), (1,), (1,))

    assert trade(pair, 5, 1) == [Rejection(0, Reason.NO_MARK_PRICE, "market_id", 5, 0)]
    refused = pair.apply(Command("position_updates", 0, (int(Mode.DELTA), *update)))
    assert refused.rejections == [Rejection(0, Reason.NO_MARK_PRICE, "market_id", 5, 0)]


def test_batch_has_at_most_so_many_rows() -> None:
    pair = venue()

    column = (1,) * (MAX_ROWS + 1)
    outcome = pair.apply(Command("deposits", 0, (column, column, column)))

    expected = Rejection(-1, Reason.BATCH_TOO_LARGE, "account_id", MAX_ROWS + 1, MAX_ROWS)
    assert outcome.rejections == [expected]


def test_first_thousand_rejections_are_kept() -> None:
    pair = venue()

    column = (3,) * 1_500
    outcome = pair.apply(Command("deposits", 0, (column, (2,) * 1_500, column)))

    assert (outcome.rejected_rows, len(outcome.rejections)) == (1_500, 1_000)


def test_account_has_at_most_so_many_positions() -> None:
    pair = venue(*(market(market_id) for market_id in range(1, MAX_POSITIONS + 2)))
    ids = tuple(range(1, MAX_POSITIONS + 2))
    pair.apply(Command("mark_prices", 0, (ids, (1,) * len(ids))))
    ones = (1,) * MAX_POSITIONS
    rows = (ids[:-1], ones, (2,) * MAX_POSITIONS, ones, ones, (), (), ())
    assert pair.apply(Command("trades", 0, rows)).rejections == []

    expected = [Rejection(0, Reason.CAPACITY, "market_id", ids[-1], MAX_POSITIONS, 1)]
    assert trade(pair, ids[-1], 1) == expected
    assert trade(pair, 1, 1, buyer=2, seller=1) == []
    assert trade(pair, ids[-1], 1) == []


def test_assets_are_limited() -> None:
    pair = venue()
    for asset_id in range(MAX_ASSETS + 1, 2, -1):
        outcome = pair.apply(Command("create_asset", 0, (asset_id, f"A{asset_id}", -asset_id)))
        assert outcome.rejections == []
    for asset_id, exponent in ((2, -2), (2, 7)):
        outcome = pair.apply(Command("create_asset", 0, (asset_id, "A2", exponent)))
        assert outcome.rejections == [Rejection(0, Reason.CAPACITY, "asset_id", 2, MAX_ASSETS)]
    outcome = pair.apply(Command("create_asset", 0, (3, "A3", 0)))
    assert outcome.rejections == [Rejection(0, Reason.ALREADY_EXISTS, "asset_id", 3, 0)]


def test_funds_and_markets_are_limited() -> None:
    """Too many commands to compare all that is held after each: the outcomes are compared."""
    engine, oracle = Engine(), Oracle()
    commands = [Command("create_asset", 0, (USD, "USD", -6))]
    commands.append(Command("create_fund", 0, (FUND, USD)))
    commands += [Command("set_market", 0, (market(i),)) for i in range(1, MAX_MARKETS + 2)]
    commands += [Command("create_fund", 0, (fund, USD)) for fund in range(2, MAX_FUNDS + 2)]
    refused = []
    for command in commands:
        expected = apply_to_oracle(oracle, command)
        same(command.name, plain(apply_to_engine(engine, command)), expected)
        refused += expected.rejections
    assert refused == [
        Rejection(0, Reason.CAPACITY, "market_id", MAX_MARKETS + 1, MAX_MARKETS),
        Rejection(0, Reason.CAPACITY, "fund_id", MAX_FUNDS + 1, MAX_FUNDS),
    ]
    assert (len(engine.funds()), len(engine.markets())) == (MAX_FUNDS, MAX_MARKETS)


def test_retention_is_bounded_alike() -> None:
    rng = Random(1)
    pair = venue()
    refused = 0
    for _ in range(300):
        command = Command("set_retention", 0, (2_000, 100, 10_000, 3, 2_000, 5))
        if rng.random() < 0.9:
            command = spoil(rng, command)
        refused += not pair.apply(command).sequence
        assert pair.engine.retention == pair.oracle.world.retention
    assert 50 < refused < 250


@pytest.mark.rule("CM-8")
def test_noted_refusals_take_sequences_alike() -> None:
    """Between commands, also one that has orders expire later: time stands still."""
    pair = venue(market(1))
    mark(pair, 1, 100)
    state_hash = pair.engine.state_hash()
    for late_nanos in (0, -1, 1, 0):
        time_nanos = pair.engine.time_nanos + late_nanos
        outcome = pair.apply(Command("take_sequence", time_nanos, ()))
        assert bool(outcome.sequence) == (late_nanos == 0)
    assert pair.engine.state_hash() == state_hash
    mark(pair, 1, 101)


def test_total_of_a_market_is_bounded() -> None:
    largest = 2**54
    pair = venue(market(1, max_position=largest, max_price=1))
    mark(pair, 1, 1)
    sellers = tuple(range(10, 10 + 130))
    columns = (sellers, (USD,) * 130, (2**60,) * 130)
    pair.apply(Command("deposits", 0, columns))
    for seller in sellers[:-1]:
        update = ((seller,), (1,), (largest,), (1,))
        pair.apply(Command("position_updates", 0, (int(Mode.ABSOLUTE), *update)))

    expected = [Rejection(0, Reason.OVERFLOW, "size_lots", 1, 2**61)]
    assert trade(pair, 1, 1, buyer=sellers[-1], seller=1) == expected


@pytest.mark.parametrize("assets", [1, 2])
@pytest.mark.parametrize("seed", range(4))
def test_orders_are_judged_alike(seed: int, assets: int) -> None:
    """Ask about orders along a walk; every reason that an order can have comes up."""
    rng = Random(seed)
    pair = SideBySide()
    walk = Walk(seed, pair.oracle, assets)
    seen: set[int] = set()
    for command in walk.commands(250):
        pair.apply(command)
        if pair.oracle.world.accounts and pair.oracle.world.markets:
            check = pair.check_order(*_order(rng, walk))
            seen.add(check.rejection.reason if check.rejection else 0)
    assert {0, Reason.INSUFFICIENT_MARGIN, Reason.NOT_REDUCING, Reason.PRICE_BAND} <= seen


def _far_price(rng: Random, market: Market) -> int:
    """Return a price that is none, or one far through the mark on the price step."""
    step, highest = market.parameters.price_step_ticks, market.parameters.max_price_ticks
    return rng.choice((0, 2**63 - 1, step, highest - highest % step))


def _order(rng: Random, walk: Walk) -> tuple[int, ...]:
    world = walk.oracle.world
    chosen = rng.choice(list(world.markets.values()))
    account_id = rng.choice([name.account_id for name in world.accounts])
    if rng.random() < 0.05:
        account_id = 12_345
    price = walk.price_near(chosen) if rng.random() < 0.9 else _far_price(rng, chosen)
    size = rng.randint(1, max(1, chosen.parameters.max_position_lots // rng.choice((1, 10, 1_000))))
    if chosen.mark_price_ticks and rng.random() < 0.7:
        size = walk.size_for(walk.account(account_id, chosen), chosen)
    side = rng.choice((Side.LONG, Side.SHORT, Side.LONG, Side.SHORT, 3))
    held = walk.account(account_id, chosen)
    lots = held.size_in(chosen.parameters.market_id) if held else 0
    if lots and rng.random() < 0.3:
        side, size = Side.SHORT if lots > 0 else Side.LONG, rng.choice((abs(lots), size))
    market_id = chosen.parameters.market_id if rng.random() < 0.95 else 99
    order = (account_id, market_id, int(side), size, price, rng.random() < 0.3)
    return order if rng.random() < 0.9 else (*order, rng.choice((0, 1, market_id, -1)))


def test_an_order_is_checked_in_the_money_of_its_market() -> None:
    """A market decides which account of the party is asked, and whether there is one."""
    pair = venue(market(1))
    of_euros = market(2)._replace(asset_id=8, fund_id=8)
    pair.apply(Command("create_asset", 0, (8, "EUR", -6)))
    pair.apply(Command("create_fund", 0, (8, 8)))
    pair.apply(Command("set_market", 0, (of_euros,)))
    asked = (1, 2, int(Side.LONG), 1, 1, False)
    nobody = (3, *asked[1:])
    assert refused(pair.check_order(*nobody)) == (0, Reason.UNKNOWN_ACCOUNT, "account_id", 3, 0)
    assert refused(pair.check_order(*asked)) == (0, Reason.NO_MARK_PRICE, "market_id", 2, 0)
    mark(pair, 2, 10)
    isolated = (0, Reason.OUT_OF_RANGE, "isolated_market_id", 2, 0)
    assert refused(pair.check_order(*asked, 2)) == isolated
    unknown = (0, Reason.UNKNOWN_ACCOUNT, "account_id", 1, 0)
    assert refused(pair.check_order(*asked)) == unknown
    assert refused(pair.check_order(1, 2, 3, 0, 0, False)) == unknown
    pair.apply(Command("deposits", 0, ((1,), (8,), (50,))))
    assert pair.check_order(*asked) == (None, 50, 1)
    assert pair.check_order(*asked, 0) == (None, 50, 1)


def refused(check: OrderCheck) -> tuple[object, ...]:
    assert check.rejection is not None
    return tuple(check.rejection)[:5]
