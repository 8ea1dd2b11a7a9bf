"""Commands that go to each bound of the core and one step past it, in a venue of its own.

So a journal of them sees when a bound is another one, which no ordinary flow comes near.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from riskengine.core.enums import LossPolicy, PositionUpdateMode, Side
from riskengine.core.types import MarketParameters, RiskParameters, RiskTier
from riskengine.units import PPM
from tests.recorded.recorder import ORDER
from tests.simulation.commands import Command

START_NANOS = 1_760_000_000_000_000_000
ASSET, FUND = 1, 1
MAX_MARKETS = MAX_FUNDS = 4_096
MAX_FUND_ID = 1_000_000
MAX_ROWS = 65_536
MAX_LEGS = 128
MAX_REJECTIONS = 1_000
MAX_TIERS = 16
MAX_STEP = 2**30
MAX_NOTIONAL_ATOMS = MAX_FEE_ATOMS = 2**54
MAX_BALANCE_ATOMS = 2**60
MAX_SIDE_LOTS = 2**61
FUND_ACCOUNT = 2**62 + FUND
MAX_ID = 2**62 - 1
MAX_SYMBOL = 23
MARKET_OF_TOTALS = 10**9
DELTA = int(PositionUpdateMode.DELTA)

PLAIN = MarketParameters(
    market_id=1,
    symbol="A-PERP",
    asset_id=ASSET,
    fund_id=FUND,
    tick_exponent=-2,
    lot_exponent=-4,
    price_step_ticks=1,
    size_step_lots=1,
    max_price_ticks=1_000_000,
    max_position_lots=1_000_000,
    tiers=(RiskTier(0, 20_000, 10_000),),
    liquidation_fee_ppm=0,
    liquidation_timeout_millis=1_000,
    liquidation_slice_lots=0,
    liquidation_cooldown_millis=0,
    dust_notional_atoms=0,
    loss_policy=int(LossPolicy.QUEUE),
)
RISK = RiskParameters()


Calls = Iterator[tuple[Any, ...]]


def bounds() -> list[Command]:
    """Return commands about every bound of a number, a batch or an account."""
    parts = (_setup(), _markets(), _risk(), _money(), _batches(), _legs(), _totals())
    return [command for part in parts for command in _commands(part)]


def capacity() -> list[Command]:
    """Return commands that make as many funds and markets as there may be, and one more."""
    return list(_commands(_fullest()))


def _commands(calls: Calls) -> Iterator[Command]:
    for name, *arguments in calls:
        yield Command(str(name), START_NANOS, tuple(arguments))


def _fullest() -> Calls:
    yield "create_asset", ASSET, "USD", -6
    for fund_id in range(1, MAX_FUNDS + 2):
        yield "create_fund", fund_id, ASSET
    for market_id in range(1, MAX_MARKETS + 2):
        yield "set_market", PLAIN._replace(market_id=market_id)
    ids = tuple(range(1, MAX_MARKETS + 1))
    yield "mark_prices", ids, (10_000,) * MAX_MARKETS
    yield "deposits", (1, 2), (ASSET, ASSET), (10**9, 10**9)
    yield "trades", (MAX_MARKETS,), (1,), (2,), (10_000,), (10,), (), (), ()


def _setup() -> Calls:
    for asset_id, symbol, exponent in (
        *((0, "USD", -6), (MAX_ID + 1, "USD", -6), (ASSET, "", -6)),
        *((ASSET, "x" * (MAX_SYMBOL + 1), -6), (ASSET, "USD", -19), (ASSET, "USD", 1)),
        (ASSET, "x" * MAX_SYMBOL, -6),
    ):
        yield "create_asset", asset_id, symbol, exponent
    for fund_id in (0, MAX_FUND_ID + 1, MAX_FUND_ID, FUND):
        yield "create_fund", fund_id, ASSET
    for amount in (0, MAX_BALANCE_ATOMS + 1, MAX_BALANCE_ATOMS, 1):
        yield "fund_deposit", FUND, amount


def _markets() -> Calls:
    for changes in _market_changes():
        yield "set_market", PLAIN._replace(**changes)
    for market_id in range(2, MAX_LEGS + 2):
        yield "set_market", PLAIN._replace(market_id=market_id)
    for mark in (0, 1_000_001, 1_000_000):
        yield "mark_prices", (1,), (mark,)
    ids = tuple(range(1, MAX_LEGS + 2))
    yield "mark_prices", ids, (10_000,) * len(ids)


def _market_changes() -> Iterator[dict[str, Any]]:
    """Yield parameters that no market may have, and those at the bound under other ids."""
    ids = iter(range(MAX_ID, 0, -1))
    for field, bad, good in (
        ("liquidation_fee_ppm", (-1, 100_001), (0,)),
        ("discount_ppm", (-1, 5_000), (0, 4_999)),
        ("book_attempts", (-1, 4), (0, 3)),
        ("fund_share_ppm", (-1, PPM + 1), (0, PPM)),
        ("inventory_ppm", (-1, 10**9 + 1), (0, 10**9)),
        ("liquidation_timeout_millis", (0, 3_600_001), (1, 3_600_000)),
        ("liquidation_cooldown_millis", (-1, 3_600_001), (0, 3_600_000)),
        ("liquidation_slice_lots", (-1,), (2**63 - 1,)),
        ("dust_notional_atoms", (-1, MAX_NOTIONAL_ATOMS + 1), (MAX_NOTIONAL_ATOMS,)),
        ("loss_policy", (0, 3), (1, 2)),
        ("order_band_ppm", (0, 1_000_001), (1, 1_000_000)),
        ("lot_exponent", (-5, 12), ()),
        ("symbol", ("", "x" * (MAX_SYMBOL + 1)), ("x" * MAX_SYMBOL,)),
        ("tiers", _bad_tiers(), (_tiers(MAX_TIERS), _top_tiers(MAX_NOTIONAL_ATOMS))),
    ):
        for value in (*bad, *good):
            yield {"market_id": 1, field: value}
    yield {"market_id": 0}
    yield {"market_id": MAX_ID + 1}
    for step in (0, MAX_STEP + 1, MAX_STEP):
        largest = {"max_price_ticks": 2**31, "max_position_lots": 2**23}
        yield {"market_id": next(ids), "price_step_ticks": step, **largest, "lot_exponent": -4}
        swapped = {"max_price_ticks": 2**23, "max_position_lots": 2**31}
        yield {"market_id": next(ids), "size_step_lots": step, **swapped, "lot_exponent": -4}
    for price in (MAX_NOTIONAL_ATOMS + 1, MAX_NOTIONAL_ATOMS):
        yield {"market_id": next(ids), "max_price_ticks": price, "max_position_lots": 1}
    for price in (19, 18):
        widest = {"max_price_ticks": price, "max_position_lots": 1, "lot_exponent": 11}
        yield {"market_id": next(ids), **widest}
    yield dict(PLAIN._asdict())


def _tiers(count: int) -> tuple[RiskTier, ...]:
    return tuple(RiskTier(at, 1_000 + at, 1_000 + at) for at in range(count))


def _top_tiers(floor_atoms: int) -> tuple[RiskTier, ...]:
    return (RiskTier(0, 1, 1), RiskTier(floor_atoms, PPM, PPM))


def _bad_tiers() -> Sequence[tuple[RiskTier, ...]]:
    return (
        *((), _tiers(MAX_TIERS + 1), _top_tiers(MAX_NOTIONAL_ATOMS + 1)),
        *((RiskTier(0, 1, 0),), (RiskTier(0, PPM + 1, 1),), (RiskTier(0, 1, 2),)),
        *((RiskTier(1, 1, 1),), (RiskTier(0, 2, 2), RiskTier(9, 1, 1))),
    )


def _risk() -> Calls:
    for field, bounds in (
        ("margin_call_ppm", (PPM, 10 * PPM, PPM + 1)),
        ("margin_call_clear_ppm", (RISK.margin_call_ppm, 10 * PPM + 1, 10 * PPM)),
        ("withdrawal_margin_ppm", (-1, PPM + 1, 0, PPM)),
        ("gate_floor_units", (-1, 10**12 + 1, 0, 10**12)),
        ("gate_ppm", (-1, PPM + 1, 0, PPM)),
        ("second_term_millis", (-1, 3_600_001, 3_600_000)),
        ("late_fill_millis", (-1, 86_400_001, 86_400_000)),
        ("spread_after_millis", (-1, 604_800_001, 0, 604_800_000)),
        ("work_units", (-1, 10**9 + 1, 1, 10**9, 0)),
        ("liquidation_buffer_ppm", (-1, PPM + 1, 0, PPM)),
        ("take_over_ppm", (499_999, PPM + 1, 500_000, PPM)),
        ("fund_market_notional_ppm", (-1, 10**9 + 1, 0, 10**9)),
        ("fund_notional_ppm", (-1, 10**9 + 1, 0, 10**9)),
        ("fund_drawdown_ppm", (-1, PPM + 1, 0, PPM)),
        ("fund_resume_ppm", (-1, PPM + 1, 0, PPM)),
    ):
        for value in bounds:
            yield "set_risk_parameters", RISK._replace(**{field: value})
    yield "set_risk_parameters", RISK


def _money() -> Calls:
    for account_id in (0, MAX_ID + 1, MAX_ID, 1, 2):
        yield "deposits", (account_id,), (ASSET,), (MAX_BALANCE_ATOMS // 2,)
    for amount in (0, MAX_BALANCE_ATOMS + 1, MAX_BALANCE_ATOMS // 2 + 1, MAX_BALANCE_ATOMS // 2):
        yield "deposits", (1,), (ASSET,), (amount,)
    for amount in (0, MAX_BALANCE_ATOMS + 1, MAX_BALANCE_ATOMS // 2 + 1, MAX_BALANCE_ATOMS // 2):
        yield "withdrawals", (2,), (ASSET,), (amount,)
    for amount in (MAX_BALANCE_ATOMS // 2,):
        yield "deposits", (2,), (ASSET,), (amount,)
    for fee in (-MAX_FEE_ATOMS - 1, MAX_FEE_ATOMS + 1, MAX_FEE_ATOMS, -MAX_FEE_ATOMS):
        yield "trades", (1,), (1,), (2,), (10_000,), (1,), (fee,), (), ()
        yield "trades", (1,), (2,), (1,), (10_000,), (1,), (), (fee,), ()
    for price, size in ((0, 1), (1_000_001, 1), (1, 0), (1, 1_000_001), (1_000_000, 1_000_000)):
        yield "trades", (1,), (1,), (2,), (price,), (size,), (), (), ()
        yield ORDER, 1, 1, int(Side.SHORT), size, price, False
    yield "trades", (1,), (1,), (2,), (1,), (1,), (), (), ()


def _batches() -> Calls:
    for rows in (MAX_ROWS + 1, MAX_ROWS):
        yield "deposits", (3,) * rows, (ASSET,) * rows, (1,) * rows
    for rows in (MAX_REJECTIONS, MAX_REJECTIONS + 1):
        yield "deposits", (4,) * (rows + 1), (ASSET,) * (rows + 1), (1,) + (0,) * rows


def _legs() -> Calls:
    """Open as many legs as an account may have, and one more."""
    yield "deposits", (5, 6), (ASSET, ASSET), (10**12, 10**12)
    for market_id in range(1, MAX_LEGS + 2):
        yield "trades", (market_id,), (5,), (6,), (10_000,), (10,), (), (), ()
    yield "trades", (1,), (6,), (5,), (10_000,), (10,), (), (), ()
    yield "trades", (MAX_LEGS + 1,), (5,), (6,), (10_000,), (10,), (), (), ()
    yield "mark_prices", (7, 8, 9), (1, 1_000_000, 20_000)


def _totals() -> Calls:
    """Fill the long side of a market whose lot is worth an atom, and pass the bound by a lot."""
    count = MAX_SIDE_LOTS // MAX_NOTIONAL_ATOMS
    ids = tuple(range(101, 101 + count))
    yield (
        "set_market",
        PLAIN._replace(
            market_id=MARKET_OF_TOTALS, max_price_ticks=1, max_position_lots=MAX_NOTIONAL_ATOMS
        ),
    )
    yield "mark_prices", (MARKET_OF_TOTALS,), (1,)
    yield "deposits", ids, (ASSET,) * count, (2 * MAX_NOTIONAL_ATOMS,) * count
    markets, lots = (MARKET_OF_TOTALS,) * count, (MAX_NOTIONAL_ATOMS,) * count
    yield "position_updates", DELTA, ids, markets, lots, (1,) * count
    for account_id in (1, 1, MAX_ID):
        yield "position_updates", DELTA, (account_id,), markets[:1], (1,), (1,)
