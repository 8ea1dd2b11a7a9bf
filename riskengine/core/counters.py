"""Totals since the log began, as the metrics read them; plain tuples of integers."""

from typing import NamedTuple


class ClosedCounter(NamedTuple):
    """Totals of forced closes of one market, side (closed position) and stage.

    `stage` is riskengine.core.enums.Stage: ORDER_FILL, TAKE_OVER or AUTO_DELEVERAGE.
    `notional_atoms` is at mark.
    """

    market_id: int
    side: int
    stage: int
    closes: int
    lots: int
    notional_atoms: int


class MarketCounters(NamedTuple):
    """Totals of one market since the log began."""

    market_id: int
    liquidation_orders: int = 0
    allocations: int = 0
    deleveraged_accounts: int = 0
    haircut_atoms: int = 0
    liquidation_fees_atoms: int = 0
    discounts_atoms: int = 0
    traded_lots: int = 0
    trades: int = 0
    repriced_trades: int = 0
    repriced_atoms: int = 0
    late_fills: int = 0


class EngineCounters(NamedTuple):
    """Totals since the log began, and accounts by state (index AccountState).

    `insurance_payout_atoms`, `spread_atoms` (that gains paid of debts) and `written_off_atoms` have
    a total an asset, in the order of `Engine.assets`; `markets` has a row for each market, in the
    order in which they were made.
    """

    accounts_by_state: list[int]
    insurance_payout_atoms: tuple[int, ...]
    closed: list[ClosedCounter]
    markets: list[MarketCounters]
    spread_atoms: tuple[int, ...] = ()
    written_off_atoms: tuple[int, ...] = ()
    margin_calls: int = 0
    liquidations_started: int = 0
    liquidations_ended: int = 0
    insurance_payouts: int = 0
    bad_debts: int = 0
    position_mismatches: int = 0
    fired_triggers: int = 0
    recomputed_accounts: int = 0
    assessed_counterparties: int = 0
