"""Venues for the comparison: few or many legs and assets, a tick or 2^54 atoms, any rate to 100 %.

In that of "edges" each market takes its bounds from all that there may be: a highest price of 1 or
of 2^54, an atom or 10^15 of them for a tick on a lot, and a mark at either end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from riskengine.core.enums import LossPolicy
from riskengine.core.types import MarketParameters, RiskParameters, RiskTier
from tests.simulation.commands import Command
from tests.simulation.oracle.names import FUND_ACCOUNT_BASE, MAX_NOTIONAL_ATOMS, PPM
from tests.simulation.oracle.world import AccountName
from tests.simulation.oracle.world import MarketParameters as PlainMarket
from tests.simulation.oracle.world import RiskParameters as PlainRisk
from tests.simulation.oracle.world import RiskTier as PlainTier
from tests.simulation.themes import (
    START_NANOS,
    Asset,
    Fund,
    apart_from,
    fund_of,
    make_assets,
    make_funds,
    make_rates_ppm,
    make_terms,
    make_work_units,
    of_one_fund,
)

SHAPES = ("plain", "plain", "steep", "tiny", "top", "legs", "crowd", "widest", "edges")
RATES = {
    "plain": (1, 4_000, 5_000, 10_000, 20_000, 50_000),
    "steep": (1, 50_000, 99_999, 100_000, 100_001, 333_333, 800_000, PPM),
}


@dataclass(frozen=True)
class World:
    """`unit_atoms` is a typical deposit, `marks` the first ones by market.

    Each of the ids has an account of every asset.
    """

    shape: str
    unit_atoms: int
    account_ids: tuple[int, ...]
    assets: tuple[Asset, ...]
    funds: tuple[Fund, ...]
    markets: tuple[MarketParameters, ...]
    marks: dict[int, int]
    funds_ppm: tuple[int, ...]

    @property
    def asset_ids(self) -> tuple[int, ...]:
        return tuple(asset.asset_id for asset in self.assets)

    @property
    def fund_names(self) -> tuple[AccountName, ...]:
        return tuple(AccountName(FUND_ACCOUNT_BASE + f.fund_id, f.asset_id) for f in self.funds)

    def opening(self, risk: RiskParameters) -> list[Command]:
        """Return the commands that set the venue up."""
        commands = [Command("create_asset", START_NANOS, tuple(asset)) for asset in self.assets]
        for fund, ppm in zip(self.funds, self.funds_ppm, strict=True):
            commands.append(Command("create_fund", START_NANOS, tuple(fund)))
            amount = self.unit_atoms * ppm // PPM
            if amount:
                commands.append(Command("fund_deposit", START_NANOS, (fund.fund_id, amount)))
        commands += [change_market(market, START_NANOS) for market in self.markets]
        commands.append(Command("set_risk_parameters", START_NANOS, (PlainRisk(*risk),)))
        marks = (tuple(self.marks), tuple(self.marks.values()))
        commands.append(Command("mark_prices", START_NANOS, marks))
        count = len(self.account_ids)
        amounts = (self.unit_atoms,) * count
        for asset_id in self.asset_ids:
            deposits = (self.account_ids, (asset_id,) * count, amounts)
            commands.append(Command("deposits", START_NANOS, deposits))
        return commands


def change_market(parameters: MarketParameters, time_nanos: int) -> Command:
    """Return the command in the form that scripts can be read from."""
    tiers = [PlainTier(*tier) for tier in parameters.tiers]
    plain = PlainMarket(**{**parameters._asdict(), "tiers": tuple(tiers)})
    return Command("set_market", time_nanos, (plain,))


@dataclass(frozen=True)
class _Units:
    mark_ticks: int
    max_price: int
    max_position: int
    exponent: int


def make_world(rng: Random, shape: str, asset_count: int) -> World:
    """Return a world of that shape, or of any; each asset has a market and a fund at least."""
    shape = shape or rng.choice(SHAPES)
    assets = make_assets(rng, asset_count)
    bare = [_units(rng, shape) for _ in range(max(asset_count, _market_count(rng, shape)))]
    typical = min(u.mark_ticks * u.max_position * 10**u.exponent for u in bare)
    unit = max(50, typical // rng.choice((3, 20, 300)))
    if shape == "widest":
        unit = 2**60
    if shape == "edges":
        unit = 2 ** rng.randint(48, 57)
    funds = make_funds(rng, assets)
    settled = [assets[number % asset_count] for number in range(len(bare))]
    markets = of_one_fund(
        _market(rng, shape, market_id, asset, units, unit)._replace(
            fund_id=fund_of(rng, funds, asset)
        )
        for market_id, (asset, units) in enumerate(zip(settled, bare, strict=True), 1)
    )
    return World(
        shape=shape,
        unit_atoms=unit,
        account_ids=tuple(range(1, 1 + _account_count(rng, shape))),
        assets=assets,
        funds=funds,
        markets=markets,
        marks={market_id: units.mark_ticks for market_id, units in enumerate(bare, 1)},
        funds_ppm=tuple(_fund_ppm(rng, shape) for _ in funds),
    )


def _fund_ppm(rng: Random, shape: str) -> int:
    """Return the fund's first money; 0 where a unit is as much as a balance can be."""
    return 0 if shape == "widest" else rng.choice((0, 3_000, 300_000, 5 * PPM, 50 * PPM))


def _market_count(rng: Random, shape: str) -> int:
    if shape == "widest":
        return 128
    if shape == "edges":
        return rng.randint(2, 8)
    return rng.randint(10, 40) if shape == "legs" else rng.randint(1, 5)


def _account_count(rng: Random, shape: str) -> int:
    if shape == "widest":
        return 6
    return rng.randint(150, 300) if shape == "crowd" else rng.randint(8, 50)


def _units(rng: Random, shape: str) -> _Units:
    if shape == "tiny":
        max_price = rng.choice((20, 200))
        return _Units(rng.randint(1, 10), max_price, rng.choice((100, 10_000)), rng.choice((0, 3)))
    if shape in ("top", "widest"):
        exponent = 0 if shape == "widest" else rng.choice((0, 0, 6))
        max_price = rng.randint(2**10, 2**26)
        below = (max_price // 2,) if shape == "widest" else (0, 1, max_price // 50, max_price // 2)
        mark = max_price - rng.choice(below)
        position = MAX_NOTIONAL_ATOMS // 10**exponent // max_price
        return _Units(mark, max_price, position, exponent)
    if shape == "edges":
        exponent = rng.choice((0, 0, 1, 5, 10, 14, 15))
        most = MAX_NOTIONAL_ATOMS // 10**exponent
        max_price = min(most, 2 ** rng.randint(0, most.bit_length() - 1) + rng.choice((0, 1)))
        mark = rng.choice((1, max(1, max_price // 2), max_price))
        return _Units(mark, max_price, most // max_price, exponent)
    mark = rng.randint(300, 20_000)
    return _Units(mark, 10 * mark, rng.choice((10**4, 10**6)), rng.randint(0, 2))


def _market(
    rng: Random, shape: str, market_id: int, asset: Asset, units: _Units, unit_atoms: int
) -> MarketParameters:
    tiers = make_tiers(rng, shape, unit_atoms)
    plain = tuple(PlainTier(*tier) for tier in tiers)
    fee_ppm, discount_ppm = make_rates_ppm(rng, plain)
    return MarketParameters(
        market_id=market_id,
        symbol=f"M{market_id}-PERP",
        asset_id=asset.asset_id,
        fund_id=0,
        tick_exponent=-2,
        lot_exponent=units.exponent + asset.exponent + 2,
        price_step_ticks=1,
        size_step_lots=1,
        max_price_ticks=units.max_price,
        max_position_lots=units.max_position,
        tiers=tiers,
        liquidation_fee_ppm=fee_ppm,
        liquidation_timeout_millis=rng.choice((1, 1_000, 60_000)),
        liquidation_slice_lots=rng.choice((0, 0, max(1, units.max_position // 100))),
        liquidation_cooldown_millis=rng.choice((0, 500, 30_000)),
        dust_notional_atoms=rng.choice((0, 0, unit_atoms // 3)) if unit_atoms < 2**50 else 0,
        loss_policy=int(rng.choice([policy for policy in LossPolicy if policy])),
        order_band_ppm=rng.choice((1, 50_000, PPM)),
        reprices_trades=market_id % 4 == 1,
        discount_ppm=discount_ppm,
        book_attempts=rng.choice((0, 1, 2, 3)),
        fund_share_ppm=rng.choice((0, 0, 20_000, PPM)),
        inventory_ppm=rng.choice((0, 0, PPM // 2)),
    )


def make_tiers(rng: Random, shape: str, unit_atoms: int) -> tuple[RiskTier, ...]:
    """Return tiers with floors about the notionals that a unit of equity carries.

    In the widest world they let a position weigh as much as it can without one being required.
    """
    if shape == "widest" and rng.random() < 0.9:
        return (RiskTier(0, 1, 1), RiskTier(MAX_NOTIONAL_ATOMS // 2 + 1, PPM, PPM))
    is_steep = shape in ("steep", "widest") or rng.random() < 0.15
    rates = RATES["steep" if is_steep else "plain"]
    count = rng.choice((1, 2, 3, 6))
    spread = min(max(count + 1, unit_atoms * rng.choice((2, 20, 60))), MAX_NOTIONAL_ATOMS)
    floors = [0, *sorted({rng.randint(1, spread - 1) for _ in range(count - 1)})]
    maintenance = sorted(rng.choice(rates) for _ in floors)
    initial = [min(PPM, 2 * rate) for rate in maintenance]
    return tuple(RiskTier(*row) for row in zip(floors, initial, maintenance, strict=True))


def raised_price(rng: Random, market: MarketParameters, assets: Sequence[Asset]) -> int:
    """Return a highest price for a market: as it is, a little higher, or all there may be."""
    exponents = {asset.asset_id: asset.exponent for asset in assets}
    exponent = market.tick_exponent + market.lot_exponent - exponents[market.asset_id]
    room = MAX_NOTIONAL_ATOMS // (market.max_position_lots * int(10**exponent))
    present = market.max_price_ticks
    raised: int = rng.choice((present, present, present, present + 1, 2 * present, room))
    return min(room, raised)


def make_risk(rng: Random, shape: str) -> RiskParameters:
    levels = make_levels(rng, shape)
    return levels._replace(work_units=make_work_units(apart_from(rng)))


def make_levels(rng: Random, shape: str) -> RiskParameters:
    terms = make_terms(apart_from(rng))
    if rng.random() < 0.3 and shape != "widest":
        return RiskParameters(**terms)
    highest = [10 * PPM - 1] * (6 if shape == "widest" else 1)
    call_ppm = rng.choice((PPM + 1, 1_250_000, 2 * PPM, *highest))
    return RiskParameters(
        call_ppm,
        rng.choice((0, 1, 50_000, PPM)),
        rng.choice((500_000, 666_667, PPM)),
        min(call_ppm + rng.choice((1, 100_000, PPM)), 10 * PPM),
        gate_floor_units=rng.choice((0, 1_000)),
        fund_market_notional_ppm=rng.choice((0, 0, PPM, 5 * PPM)),
        fund_notional_ppm=rng.choice((0, 0, 3 * PPM)),
        fund_drawdown_ppm=rng.choice((0, 0, 100_000, 300_000)),
        fund_resume_ppm=rng.choice((0, 50_000, 250_000)),
        spread_after_millis=rng.choice((0, 0, 1, 100)),
        **terms,
    )
