"""Venues on which the random walk plays: assets, scales, tiers, policies, how rich funds are."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import NamedTuple, TypeVar

from riskengine.core import types
from tests.simulation.commands import Command
from tests.simulation.oracle.names import MAX_NOTIONAL_ATOMS, PPM, Policy
from tests.simulation.oracle.setup_rows import largest_discount_ppm, largest_fee_ppm
from tests.simulation.oracle.world import MarketParameters, RiskParameters, RiskTier

AnyMarket = TypeVar("AnyMarket", MarketParameters, types.MarketParameters)

START_NANOS = 1_760_000_000_000_000_000
MINUTE_NANOS = 60 * 10**9
PAUSES_NANOS = tuple(minutes * MINUTE_NANOS for minutes in (4, 5, 6, 60, 200, 475, 480, 481))
"""About a slot, and about the window of what funds were worth (FD-9)."""

SHARES_PPM = (1, 20_000, 100_000, PPM)
"""Of a fund's peak, what it pays for a market (FD-10)."""
INVENTORIES_PPM = (1, 50_000, PPM, 10**9)
"""Of what a fund has, what it holds of a market (FD-8)."""

SCALES = ("plain", "plain", "tiny", "huge")


class Asset(NamedTuple):
    asset_id: int
    symbol: str
    exponent: int


class Fund(NamedTuple):
    fund_id: int
    asset_id: int


USD = Asset(1, "USD", -6)
OTHERS = (Asset(9, "EUR", -2), Asset(4, "BTC", -8), Asset(2**62 - 1, "JPY", 0))


@dataclass(frozen=True)
class Theme:
    """A venue; `unit_atoms` is a typical deposit; the first `marked` markets open with a mark."""

    scale: str
    unit_atoms: int
    accounts: int
    volatility_ppm: int
    assets: tuple[Asset, ...]
    funds: tuple[Fund, ...]
    markets: tuple[MarketParameters, ...]
    marks: dict[int, int]
    marked: int
    risk: RiskParameters
    fund_units_ppm: tuple[int, ...]
    pauses_ppm: int

    def opening(self) -> list[Command]:
        """Return the commands that set the venue up."""
        commands = [Command("create_asset", START_NANOS, tuple(asset)) for asset in self.assets]
        for fund, units_ppm in zip(self.funds, self.fund_units_ppm, strict=True):
            commands.append(Command("create_fund", START_NANOS, tuple(fund)))
            amount = self.unit_atoms * units_ppm // PPM
            if amount:
                commands.append(Command("fund_deposit", START_NANOS, (fund.fund_id, amount)))
        commands += [Command("set_market", START_NANOS, (market,)) for market in self.markets]
        commands.append(Command("set_risk_parameters", START_NANOS, (self.risk,)))
        ids = tuple(self.marks)[: self.marked]
        prices = tuple(self.marks.values())[: self.marked]
        commands.append(Command("mark_prices", START_NANOS, (ids, prices)))
        return commands


def make_assets(rng: Random, count: int) -> tuple[Asset, ...]:
    """Return assets of different exponents, in any order of ids; what is beyond a few is alike."""
    if count == 1:
        return (USD,)
    known = rng.sample((USD, *OTHERS), min(count, 1 + len(OTHERS)))
    return (*known, *(Asset(100 + n, f"A{n}", -(n % 19)) for n in range(count - len(known))))


def make_funds(rng: Random, assets: tuple[Asset, ...]) -> tuple[Fund, ...]:
    """Return one or two funds of each asset."""
    funds = []
    for number, asset in enumerate(assets):
        ids = (7,) if rng.random() < 0.5 else (7, 3)
        funds += [Fund(10 * number + fund_id, asset.asset_id) for fund_id in ids]
    return tuple(funds)


def make_theme(rng: Random, asset_count: int) -> Theme:
    """Make a venue in which each asset has a market and a fund at least."""
    scale = rng.choice(SCALES)
    assets = make_assets(rng, asset_count)
    funds = make_funds(rng, assets)
    bare = [_units(rng, scale) for _ in range(max(rng.randint(1, 5), asset_count))]
    settled = [*assets, *(rng.choice(assets) for _ in bare[asset_count:])]
    largest = min(u.largest_atoms for u in bare)
    unit = max(100, largest // rng.choice((8, 60, 500)))
    ids = rng.sample(range(1, 60), len(bare))
    markets = of_one_fund(
        _market(rng, market_id, asset, fund_of(rng, funds, asset), units, unit)
        for market_id, asset, units in zip(ids, settled, bare, strict=True)
    )
    return Theme(
        scale=scale,
        unit_atoms=unit,
        accounts=asset_count * rng.choice((4, 12, 30)),
        volatility_ppm=rng.choice((2_000, 10_000, 40_000, 120_000)),
        assets=assets,
        funds=funds,
        markets=markets,
        marks={i: units.mark_ticks for i, units in zip(ids, bare, strict=True)},
        marked=max(1, len(ids) - rng.choice((0, 0, 1))),
        risk=make_risk(rng),
        fund_units_ppm=tuple(rng.choice((0, 0, 3_000, 300_000, 5 * PPM)) for _ in funds),
        pauses_ppm=apart_from(rng).choice((0, 0, 10_000, 40_000)),
    )


def fund_of(rng: Random, funds: tuple[Fund, ...], asset: Asset) -> int:
    return rng.choice([fund.fund_id for fund in funds if fund.asset_id == asset.asset_id])


def of_one_fund(markets: Iterable[AnyMarket]) -> tuple[AnyMarket, ...]:
    """Return markets, each with the fund of the first one of its asset (GD-4)."""
    funds: dict[int, int] = {}
    return tuple(
        market._replace(fund_id=funds.setdefault(market.asset_id, market.fund_id))
        for market in markets
    )


def make_risk(rng: Random) -> RiskParameters:
    """Return levels; half of the time debts are spread, mostly soon, and work is cut."""
    waits = rng.choice((0, 0, 0, 1, 200, rng.choice((3_000, 604_800_000))))
    levels = make_levels(rng)._replace(spread_after_millis=waits)
    reservations = apart_from(rng).choice((0, 1, 2, 16))
    return levels._replace(
        work_units=make_work_units(apart_from(rng)), max_reservations=reservations
    )


def make_levels(rng: Random) -> RiskParameters:
    terms = make_terms(apart_from(rng))
    if rng.random() < 0.4:
        return RiskParameters(**terms)
    call_ppm = rng.choice((PPM + 1, 1_100_000, 2 * PPM, 10 * PPM - 1))
    limits = make_fund_limits(apart_from(rng))
    return RiskParameters(
        call_ppm,
        rng.choice((0, 1, 20_000, 300_000, PPM)),
        rng.choice((500_000, 666_667, 666_667, PPM)),
        min(call_ppm + rng.choice((1, 50_000, PPM)), 10 * PPM),
        rng.choice((0, 1, 100_000, 500_000, PPM)),
        rng.choice((0, 0, 1, 1_000, 10**12)),
        rng.choice((0, 0, 1, 1_000, PPM)),
        *limits,
        **terms,
    )


def apart_from(rng: Random) -> Random:
    """Return chance of its own that follows from what another has come to, and takes none of it."""
    return Random(repr(rng.getstate()))


def make_fund_limits(rng: Random) -> tuple[int, int, int, int]:
    """Return what funds may hold in a market and in all, may lose, and where they go on (FD-8).

    Half of the time there is no limit.
    """
    if rng.random() < 0.5:
        return (0, 0, 0, 0)
    return (
        rng.choice((0, 0, 1, 300_000, PPM, 5 * PPM, 10**9)),
        rng.choice((0, 0, 1, PPM, 3 * PPM, 10**9)),
        rng.choice((0, 0, 0, 1, 10_000, 100_000, 300_000, PPM)),
        rng.choice((0, 1, 50_000, 250_000, PPM)),
    )


def make_work_units(rng: Random) -> int:
    """Return how many units a command has; nearly half of the time more than it can need."""
    return rng.choice((0, 0, 0, 0, 1, 1, 2, 3, 7))


def make_terms(rng: Random) -> dict[str, int]:
    """Return a second term of orders and a time for late fills; each is off half of the time."""
    return {
        "second_term_millis": rng.choice((0, 0, 0, 1, 1_000, 60_000)),
        "late_fill_millis": rng.choice((0, 0, 0, 1_000, 3_600_000, 86_400_000)),
    }


@dataclass(frozen=True)
class _Units:
    mark_ticks: int
    max_price: int
    max_position: int
    price_step: int
    size_step: int
    multiplier_exponent: int

    @property
    def largest_atoms(self) -> int:
        return int(self.max_price * self.max_position * 10**self.multiplier_exponent)


def _units(rng: Random, scale: str) -> _Units:
    if scale == "tiny":
        max_price = rng.choice((20, 200))
        step = rng.choice((1, 1, 3, 8))
        position = rng.choice((100, 10_000))
        return _Units(rng.randint(1, 10), max_price, position, step, 1, rng.choice((0, 3)))
    if scale == "huge":
        exponent = rng.choice((0, 0, 6))
        room = MAX_NOTIONAL_ATOMS // 10**exponent
        max_price = rng.randint(2**8, rng.choice((2**26, 2**26, room // 16)))
        mark = rng.randint(max_price // 8, max_price * 7 // 8)
        return _Units(mark, max_price, room // max_price, 1, 1, exponent)
    mark = rng.randint(500, 20_000)
    steps = rng.choice((1, 1, 5, 10)), rng.choice((1, 1, 10, 25))
    return _Units(mark, 10 * mark, rng.choice((10**4, 10**6)), *steps, rng.randint(0, 2))


def _market(
    rng: Random, market_id: int, asset: Asset, fund_id: int, units: _Units, unit_atoms: int
) -> MarketParameters:
    tiers = make_tiers(rng, unit_atoms)
    fee_ppm, discount_ppm = make_rates_ppm(rng, tiers)
    return MarketParameters(
        market_id=market_id,
        symbol=f"M{market_id}-PERP",
        asset_id=asset.asset_id,
        fund_id=fund_id,
        tick_exponent=-2,
        lot_exponent=units.multiplier_exponent + asset.exponent + 2,
        price_step_ticks=units.price_step,
        size_step_lots=units.size_step,
        max_price_ticks=units.max_price,
        max_position_lots=units.max_position,
        tiers=tiers,
        liquidation_fee_ppm=fee_ppm,
        liquidation_timeout_millis=rng.choice((1, 1_000, 60_000)),
        liquidation_slice_lots=rng.choice((0, 0, 1, max(1, units.max_position // 100))),
        liquidation_cooldown_millis=rng.choice((0, 500, 30_000)),
        dust_notional_atoms=rng.choice((0, 0, unit_atoms // 3)),
        loss_policy=rng.choice(list(Policy)).value,
        order_band_ppm=rng.choice((1, 20_000, 50_000, 50_000, 300_000, PPM)),
        reprices_trades=market_id % 4 > 0,
        discount_ppm=discount_ppm,
        book_attempts=rng.choice((0, 1, 2, 3)),
        fund_share_ppm=make_share_ppm(apart_from(rng)),
        inventory_ppm=make_inventory_ppm(apart_from(rng)),
    )


def make_share_ppm(rng: Random) -> int:
    """Return what a fund pays for a market, of its peak; half of the time without a limit."""
    return rng.choice((0, 0, 0, 0, *SHARES_PPM))


def make_inventory_ppm(rng: Random) -> int:
    """Return what a fund holds of a market, of what it has; half of the time without a limit.

    The first chance went into the market's share.
    """
    rng.random()
    return rng.choice((0, 0, 0, 0, *INVENTORIES_PPM))


def make_rates_ppm(rng: Random, tiers: tuple[RiskTier, ...]) -> tuple[int, int]:
    """Return a liquidation fee and a discount that the tiers allow; often the largest."""
    most = largest_discount_ppm(tiers)
    largest_fee = largest_fee_ppm(tiers[0].maintenance_rate_ppm)
    fee_ppm = rng.choice((0, largest_fee // 5, largest_fee, largest_fee))
    return fee_ppm, rng.choice((fee_ppm, (fee_ppm + most) // 2, most))


def make_tiers(rng: Random, unit_atoms: int) -> tuple[RiskTier, ...]:
    count = rng.choice((1, 1, 2, 3, 5))
    spread = max(count + 1, 20 * unit_atoms)
    floors = [0, *sorted(rng.sample(range(1, min(spread, MAX_NOTIONAL_ATOMS)), count - 1))]
    maintenance = sorted(rng.choice((1, 5_000, 10_000, 50_000, 333_333)) for _ in floors)
    if rng.random() < 0.1:
        maintenance[-1] = PPM
    initial = [min(PPM, rate * rng.choice((1, 2)) + rng.choice((0, 1))) for rate in maintenance]
    initial = [max(initial[: index + 1]) for index in range(count)]
    return tuple(RiskTier(*row) for row in zip(floors, initial, maintenance, strict=True))
