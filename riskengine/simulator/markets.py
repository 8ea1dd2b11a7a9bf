"""The markets of the simulated exchange."""

from dataclasses import dataclass
from fractions import Fraction

from riskengine.api.v1 import admin_service_pb2, common_pb2

ASSET_ID = 1
ASSET_SYMBOL = "USD"
ASSET_EXPONENT = -6
FUND_ID = 1
FUND_ACCOUNT_ID = 2**62 + FUND_ID
ATOMS = 10**-ASSET_EXPONENT
# Deadlines are timers on the server's clock. The venue answers every order within the same step, so
# that no order ends by one and the story does not depend on that clock. Where the timeout is short
# it waits now and then for an order to be cancelled at its deadline; the second term is long.
LIQUIDATION_TIMEOUT_MILLIS, SHORT_TIMEOUT_MILLIS = 600_000, 250

Tier = tuple[int, int, int]
"""Floor in whole dollars, initial rate, maintenance rate."""

MAJOR_TIERS: tuple[Tier, ...] = (
    (0, 10_000, 5_000),
    (1_000_000, 20_000, 10_000),
    (5_000_000, 50_000, 25_000),
    (25_000_000, 100_000, 50_000),
)
ALT_TIERS: tuple[Tier, ...] = (
    (0, 10_000, 5_000),
    (50_000, 20_000, 10_000),
    (500_000, 50_000, 25_000),
    (5_000_000, 100_000, 50_000),
)
SMALL_TIERS: tuple[Tier, ...] = (
    (0, 20_000, 10_000),
    (100_000, 50_000, 25_000),
    (2_000_000, 100_000, 50_000),
)


@dataclass(frozen=True, slots=True)
class MarketSpec:
    """One market: its units, its tiers, and how it behaves on the day."""

    market_id: int
    symbol: str
    tick_exponent: int
    lot_exponent: int
    max_price_ticks: int
    max_position_lots: int
    tiers: tuple[Tier, ...]
    start_price: float
    fall_ppm: int
    """From the start to the low of the built-in path."""
    beta: float
    """Move of this market in moves of the first one, when real bars are played."""
    interest_weight: int
    """Its share of the positions."""
    depth_ppm: int
    """Resting size of one side in calm, in ppm of the open interest at the start."""
    order_band_ppm: int = 50_000
    """How far through the mark an order's limit may be."""
    fund_share_ppm: int = 50_000
    """What the fund pays for its losses in 8 hours, of the fund's peak."""
    inventory_ppm: int = 50_000
    """What the fund holds of it, of what the fund has."""
    liquidation_timeout_millis: int = LIQUIDATION_TIMEOUT_MILLIS

    @property
    def multiplier(self) -> int:
        """Return the atoms of one tick on one lot."""
        return int(10 ** (self.tick_exponent + self.lot_exponent - ASSET_EXPONENT))

    @property
    def name(self) -> str:
        """Return the base of the symbol: `BTC` of `BTC-PERP`."""
        return self.symbol.split("-", maxsplit=1)[0]

    @property
    def liquidation_fee_ppm(self) -> int:
        """Return a tenth of the lowest maintenance rate."""
        return self.tiers[0][2] // 10

    @property
    def discount_ppm(self) -> int:
        """Return four tenths of the lowest maintenance rate."""
        return self.tiers[0][2] * 4 // 10

    def ticks(self, price: float) -> int:
        """Return the nearest tick to a price, at least one."""
        return max(1, round(price * 10.0**-self.tick_exponent))

    def price(self, ticks: int) -> float:
        """Return ticks as a price, for showing."""
        return float(ticks * Fraction(10) ** self.tick_exponent)

    def contracts(self, lots: int) -> float:
        """Return lots as contracts, for showing."""
        return float(lots * Fraction(10) ** self.lot_exponent)

    def price_text(self, ticks: int) -> str:
        """Return ticks as a price with the market's decimals."""
        return f"{self.price(ticks):,.{max(0, -self.tick_exponent)}f}"

    def notional_atoms(self, lots: int, price_ticks: int) -> int:
        """Return the value of lots at a price, signed like the lots."""
        return lots * price_ticks * self.multiplier

    def lots_of(self, notional_atoms: int, price_ticks: int) -> int:
        """Return the whole lots that a notional buys."""
        return notional_atoms // (price_ticks * self.multiplier)

    def to_message(self, policy: common_pb2.LossPolicy) -> admin_service_pb2.Market:
        """Return the market as the contract has it."""
        return admin_service_pb2.Market(
            market_id=self.market_id,
            symbol=self.symbol,
            asset_id=ASSET_ID,
            fund_id=FUND_ID,
            tick_exponent=self.tick_exponent,
            lot_exponent=self.lot_exponent,
            price_step_ticks=1,
            size_step_lots=1,
            max_price_ticks=self.max_price_ticks,
            max_position_lots=self.max_position_lots,
            tiers=[
                admin_service_pb2.RiskTier(
                    floor_atoms=floor * ATOMS,
                    initial_rate_ppm=initial,
                    maintenance_rate_ppm=maintenance,
                )
                for floor, initial, maintenance in self.tiers
            ],
            liquidation_fee_ppm=self.liquidation_fee_ppm,
            liquidation_timeout_millis=self.liquidation_timeout_millis,
            dust_notional_atoms=50 * ATOMS,
            loss_policy=policy,
            order_band_ppm=self.order_band_ppm,
            reprices_trades=True,
            discount_ppm=self.discount_ppm,
            book_attempts=1,
            fund_share_ppm=self.fund_share_ppm,
            inventory_ppm=self.inventory_ppm,
        )


# The alts are ones that did lose half and more on 10 October 2025; ETH and SOL lost a quarter.
MARKETS: tuple[MarketSpec, ...] = (
    MarketSpec(
        market_id=1,
        symbol="BTC-PERP",
        tick_exponent=-1,
        lot_exponent=-4,
        max_price_ticks=10**7,
        max_position_lots=10**8,
        tiers=MAJOR_TIERS,
        start_price=122_500.0,
        fall_ppm=144_490,
        beta=1.0,
        interest_weight=40,
        depth_ppm=60_000,
        order_band_ppm=20_000,
        fund_share_ppm=100_000,
        inventory_ppm=100_000,
    ),
    MarketSpec(
        market_id=2,
        symbol="XRP-PERP",
        tick_exponent=-4,
        lot_exponent=1,
        max_price_ticks=10**6,
        max_position_lots=10**7,
        tiers=ALT_TIERS,
        start_price=2.83,
        fall_ppm=560_000,
        beta=1.35,
        interest_weight=20,
        depth_ppm=40_000,
    ),
    MarketSpec(
        market_id=3,
        symbol="DOGE-PERP",
        tick_exponent=-5,
        lot_exponent=2,
        max_price_ticks=10**6,
        max_position_lots=10**7,
        tiers=ALT_TIERS,
        start_price=0.2505,
        fall_ppm=620_000,
        beta=1.6,
        interest_weight=16,
        depth_ppm=40_000,
    ),
    MarketSpec(
        market_id=4,
        symbol="LINK-PERP",
        tick_exponent=-3,
        lot_exponent=0,
        max_price_ticks=10**6,
        max_position_lots=10**7,
        tiers=SMALL_TIERS,
        start_price=22.5,
        fall_ppm=650_000,
        beta=1.7,
        interest_weight=12,
        depth_ppm=35_000,
    ),
    MarketSpec(
        market_id=5,
        symbol="SUI-PERP",
        tick_exponent=-4,
        lot_exponent=1,
        max_price_ticks=10**6,
        max_position_lots=10**7,
        tiers=SMALL_TIERS,
        start_price=3.55,
        fall_ppm=760_000,
        beta=1.9,
        interest_weight=12,
        depth_ppm=35_000,
        liquidation_timeout_millis=SHORT_TIMEOUT_MILLIS,
    ),
)
