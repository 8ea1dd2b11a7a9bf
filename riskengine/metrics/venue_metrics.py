"""Families of the venue's state: accounts, markets, insurance funds, the log's position."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from riskengine.core.counters import MarketCounters
from riskengine.core.enums import AccountState, VenueMode
from riskengine.metrics.families import counter, gauge, scaled, single_gauge
from riskengine.metrics.market_labels import MarketLabels
from riskengine.metrics.snapshot import EngineSnapshot
from riskengine.units import NANOS_PER_SECOND, PPM

MARKET = ("market",)
MARKET_ASSET = ("market", "asset")


def account_families(snapshot: EngineSnapshot) -> Iterator[Metric]:
    """Yield accounts by state, positions, and the levels of the waterfall."""
    by_state = snapshot.counters.accounts_by_state
    yield gauge(
        "riskengine_accounts",
        "Traders' accounts by state",
        ("state",),
        [((state.name.lower(),), by_state[state]) for state in AccountState if state],
    )
    yield single_gauge(
        "riskengine_positions",
        "Open positions, the insurance funds' inventory included",
        snapshot.position_count,
    )
    parameters = snapshot.parameters
    yield gauge(
        "riskengine_risk_parameter_ratio",
        "Levels of the waterfall as ratios of maintenance margin, of withdrawals as ratios of "
        "notional (withdrawal_margin) and of net deposits (gate), and limits of funds as ratios of "
        "what they have (fund_market_notional, fund_notional) and of their peak equity",
        ("parameter",),
        [
            (("margin_call",), parameters.margin_call_ppm / PPM),
            (("liquidation_buffer",), parameters.liquidation_buffer_ppm / PPM),
            (("take_over",), parameters.take_over_ppm / PPM),
            (("margin_call_clear",), parameters.margin_call_clear_ppm / PPM),
            (("withdrawal_margin",), parameters.withdrawal_margin_ppm / PPM),
            (("gate",), parameters.gate_ppm / PPM),
            (("fund_market_notional",), parameters.fund_market_notional_ppm / PPM),
            (("fund_notional",), parameters.fund_notional_ppm / PPM),
            (("fund_drawdown",), parameters.fund_drawdown_ppm / PPM),
            (("fund_resume",), parameters.fund_resume_ppm / PPM),
        ],
    )


def market_families(snapshot: EngineSnapshot, markets: dict[int, MarketLabels]) -> Iterator[Metric]:
    """Yield parameters, price, open interest and trading of each market."""
    all_of = list(markets.values())
    yield gauge(
        "riskengine_market_info",
        "Always 1; the labels say which asset, insurance fund and loss policy a market uses",
        ("market", "market_id", "asset", "fund", "policy"),
        [
            ((of.market, str(market_id), of.asset, of.fund, of.policy), 1)
            for market_id, of in markets.items()
        ],
    )
    yield gauge(
        "riskengine_mark_price_asset_units",
        "Mark price; absent before the first",
        MARKET_ASSET,
        [
            ((of.market, of.asset), scaled(of.view.mark_price_ticks, of.tick_exponent))
            for of in all_of
            if of.view.mark_price_ticks
        ],
    )
    yield gauge(
        "riskengine_open_interest_asset_units",
        "Open interest at mark, in units of the settlement asset",
        MARKET_ASSET,
        [
            ((of.market, of.asset), scaled(of.view.open_interest_atoms, of.asset_exponent))
            for of in all_of
        ],
    )
    yield gauge(
        "riskengine_position_contracts",
        "Sum of the positions of one side, as a positive number; long is the open interest",
        ("market", "side"),
        [
            ((of.market, side), scaled(lots, of.lot_exponent))
            for of in all_of
            for side, lots in (("long", of.view.long_lots), ("short", of.view.short_lots))
        ],
    )
    yield gauge(
        "riskengine_position_imbalance_contracts",
        "Sum of all positions; other than 0 only after one-sided updates, or loads in part",
        MARKET,
        [((of.market,), scaled(of.view.imbalance_lots, of.lot_exponent)) for of in all_of],
    )
    yield from _trade_families(snapshot, markets)


def _trade_families(snapshot: EngineSnapshot, markets: dict[int, MarketLabels]) -> Iterator[Metric]:
    known = {row.market_id: row for row in snapshot.counters.markets}
    rows = [
        (of, known.get(market_id, MarketCounters(market_id))) for market_id, of in markets.items()
    ]
    yield counter(
        "riskengine_trades_total",
        "Trades applied",
        MARKET,
        [((of.market,), row.trades) for of, row in rows],
    )
    yield counter(
        "riskengine_traded_contracts_total",
        "Size of the trades applied, in contracts",
        MARKET,
        [((of.market,), scaled(row.traded_lots, of.lot_exponent)) for of, row in rows],
    )
    yield counter(
        "riskengine_repriced_trades_total",
        "Trades at a price worse than mark that would have left a side below zero",
        MARKET,
        [((of.market,), row.repriced_trades) for of, row in rows],
    )
    yield counter(
        "riskengine_repriced_asset_units_total",
        "What went back to those sides from the other side of the trade",
        MARKET_ASSET,
        [
            ((of.market, of.asset), scaled(row.repriced_atoms, of.asset_exponent))
            for of, row in rows
        ],
    )


def log_families(snapshot: EngineSnapshot) -> Iterator[Metric]:
    """Yield how far the engine has come in the log, and whether the venue is being loaded."""
    yield single_gauge(
        "riskengine_venue_loading",
        "1 while the venue is being loaded and nobody is judged, 0 when it is live",
        snapshot.venue_mode == VenueMode.LOADING,
    )
    yield single_gauge(
        "riskengine_command_sequence",
        "Last command that the engine applied",
        snapshot.sequence,
    )
    yield single_gauge(
        "riskengine_instruction_sequence",
        "Last instruction that the engine gave",
        snapshot.instruction_sequence,
    )
    yield single_gauge(
        "riskengine_log_time_seconds",
        "Time of the last command, in seconds since 1970",
        snapshot.time_nanos / NANOS_PER_SECOND,
    )
