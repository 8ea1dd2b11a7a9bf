"""Snapshots made by hand, with numbers that are easy to check."""

from riskengine.core.counters import ClosedCounter, EngineCounters, MarketCounters
from riskengine.core.enums import LossPolicy, Side, Stage, VenueMode
from riskengine.core.types import (
    AssetView,
    FundView,
    GateView,
    MarketParameters,
    MarketView,
    RiskParameters,
    RiskTier,
)
from riskengine.metrics.snapshot import EngineSnapshot

USD = AssetView(asset_id=1, symbol="USD", exponent=-6)


def market(market_id: int, symbol: str, mark_price_ticks: int = 5_000_000) -> MarketView:
    """One tick is 0.01 USD, one lot 0.001 contracts."""
    parameters = MarketParameters(
        market_id=market_id,
        symbol=symbol,
        asset_id=1,
        fund_id=1,
        tick_exponent=-2,
        lot_exponent=-3,
        price_step_ticks=1,
        size_step_lots=1,
        max_price_ticks=10**9,
        max_position_lots=10**6,
        tiers=(RiskTier(0, 10_000, 5_000),),
        liquidation_fee_ppm=500,
        liquidation_timeout_millis=1_000,
        liquidation_slice_lots=0,
        liquidation_cooldown_millis=0,
        dust_notional_atoms=0,
        loss_policy=LossPolicy.PRO_RATA,
        discount_ppm=2_000,
    )
    return MarketView(
        parameters=parameters,
        mark_price_ticks=mark_price_ticks,
        long_lots=3_000,
        short_lots=2_500,
        imbalance_lots=500,
        open_interest_atoms=150_000_000_000,
    )


def fund(
    equity_atoms: int, peak_equity_atoms: int = -(2**63), is_stopped: bool = False
) -> FundView:
    return FundView(
        fund_id=1,
        asset_id=1,
        account_id=2**62 + 1,
        balance_atoms=1_500_000,
        equity_atoms=equity_atoms,
        maintenance_atoms=250_000,
        inventory_notional_atoms=75_000_000,
        peak_equity_atoms=max(equity_atoms, peak_equity_atoms),
        is_stopped=is_stopped,
        paid_atoms=350_000,
        noted_equity_atoms=equity_atoms,
    )


FIRST_MARKET = MarketCounters(
    market_id=1,
    liquidation_orders=11,
    allocations=2,
    deleveraged_accounts=9,
    haircut_atoms=123_456,
    liquidation_fees_atoms=654_321,
    traded_lots=8_500,
    trades=17,
    repriced_trades=3,
    repriced_atoms=890_000,
    late_fills=4,
)


def counters(market_ids: list[int]) -> EngineCounters:
    return EngineCounters(
        margin_calls=7,
        liquidations_started=5,
        liquidations_ended=4,
        insurance_payouts=2,
        insurance_payout_atoms=(2_500_000,),
        spread_atoms=(100_000,),
        written_off_atoms=(60_000,),
        bad_debts=1,
        position_mismatches=6,
        fired_triggers=40,
        recomputed_accounts=33,
        assessed_counterparties=34,
        accounts_by_state=[0, 90, 8, 2, 1],
        closed=[
            ClosedCounter(one, Side.LONG, Stage.TAKE_OVER, 3, 4_000, 200_000_000_000)
            for one in market_ids
            if one == 1
        ],
        markets=[FIRST_MARKET if one == 1 else MarketCounters(market_id=one) for one in market_ids],
    )


def of_assets(
    counters: EngineCounters,
    payouts: tuple[int, ...],
    spread: tuple[int, ...],
    written_off: tuple[int, ...],
) -> EngineCounters:
    """Return the counters with other totals of each asset."""
    return counters._replace(
        insurance_payout_atoms=payouts, spread_atoms=spread, written_off_atoms=written_off
    )


def snapshot(
    markets: list[MarketView] | None = None, equity_atoms: int = 1_250_000
) -> EngineSnapshot:
    if markets is None:
        markets = [market(1, "BTC-PERP"), market(2, "ETH-PERP", 0)]
    return EngineSnapshot(
        venue_mode=VenueMode.LIVE,
        sequence=42,
        instruction_sequence=21,
        time_nanos=1_500_000_000,
        account_count=101,
        position_count=60,
        open_liquidation_count=2,
        bad_debts_atoms=[500_000],
        gates=[GateView(1, 1_250_000, 1_000_000, is_closed=True)],
        parameters=RiskParameters(),
        counters=counters([view.parameters.market_id for view in markets]),
        assets=[USD],
        markets=markets,
        funds=[fund(equity_atoms)],
    )
