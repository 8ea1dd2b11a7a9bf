"""Families of the waterfall: margin calls, liquidations, forced closes, ADL, payouts, bad debt."""

from collections.abc import Iterator, Sequence

from prometheus_client.core import Metric

from riskengine.core.counters import ClosedCounter, MarketCounters
from riskengine.core.enums import Side, Stage
from riskengine.metrics.families import (
    Samples,
    counter,
    gauge,
    scaled,
    single_counter,
    single_gauge,
)
from riskengine.metrics.market_labels import MarketLabels, asset_labels
from riskengine.metrics.snapshot import EngineSnapshot

MARKET = ("market",)
MARKET_ASSET = ("market", "asset")
CLOSED = ("market", "side", "stage")
SIDES = (Side.LONG, Side.SHORT)


def liquidation_families(
    snapshot: EngineSnapshot, markets: dict[int, MarketLabels]
) -> Iterator[Metric]:
    """Yield everything about forced closes; each known label set is there from the start, at 0."""
    yield from _account_families(snapshot)
    yield from _closed_families(snapshot, markets)
    yield from _market_families(snapshot, markets)
    yield from _loss_families(snapshot)


def _account_families(snapshot: EngineSnapshot) -> Iterator[Metric]:
    counters = snapshot.counters
    yield single_counter(
        "riskengine_margin_calls_total",
        "Accounts that fell below the margin call level",
        counters.margin_calls,
    )
    yield single_counter(
        "riskengine_liquidations_started_total",
        "Accounts whose equity fell below maintenance and whose liquidation began",
        counters.liquidations_started,
    )
    yield single_counter(
        "riskengine_liquidations_ended_total",
        "Liquidations that ended, with the account safe, empty or its debt paid",
        counters.liquidations_ended,
    )
    yield single_gauge(
        "riskengine_open_liquidation_orders",
        "Liquidation orders that the venue has not yet filled or reported done",
        snapshot.open_liquidation_count,
    )
    yield single_counter(
        "riskengine_position_mismatches_total",
        "Absolute position updates that disagreed with the engine's position",
        counters.position_mismatches,
    )
    yield single_counter(
        "riskengine_fired_triggers_total",
        "Watches of the trigger index that a mark price reached",
        counters.fired_triggers,
    )
    yield single_counter(
        "riskengine_recomputed_accounts_total",
        "Accounts judged because a mark price reached one of their watches",
        counters.recomputed_accounts,
    )
    yield single_counter(
        "riskengine_assessed_counterparties_total",
        "Holders assessed to find out whom to deleverage under QUEUE",
        counters.assessed_counterparties,
    )


def _closed_families(
    snapshot: EngineSnapshot, markets: dict[int, MarketLabels]
) -> Iterator[Metric]:
    rows = _closed_rows(snapshot, markets)
    yield counter(
        "riskengine_liquidation_closes_total",
        "Forced closes: fills of liquidation orders, take-overs and ADL allocations",
        CLOSED,
        [(_closed_labels(row, labels), row.closes) for row, labels in rows],
    )
    yield counter(
        "riskengine_liquidated_contracts_total",
        "Size of forced closes, in contracts",
        CLOSED,
        [(_closed_labels(row, of), scaled(row.lots, of.lot_exponent)) for row, of in rows],
    )
    yield counter(
        "riskengine_liquidated_notional_asset_units_total",
        "Notional of forced closes at mark, in units of the settlement asset",
        (*CLOSED, "asset"),
        [
            ((*_closed_labels(row, of), of.asset), scaled(row.notional_atoms, of.asset_exponent))
            for row, of in rows
        ],
    )


def _closed_rows(
    snapshot: EngineSnapshot, markets: dict[int, MarketLabels]
) -> list[tuple[ClosedCounter, MarketLabels]]:
    known = {(row.market_id, row.side, row.stage): row for row in snapshot.counters.closed}
    return [
        (known.get((market_id, side, stage), ClosedCounter(market_id, side, stage, 0, 0, 0)), of)
        for market_id, of in markets.items()
        for side in SIDES
        for stage in Stage
    ]


def _closed_labels(row: ClosedCounter, of: MarketLabels) -> tuple[str, str, str]:
    return of.market, Side(row.side).name.lower(), Stage(row.stage).name.lower()


def _market_families(
    snapshot: EngineSnapshot, markets: dict[int, MarketLabels]
) -> Iterator[Metric]:
    known = {row.market_id: row for row in snapshot.counters.markets}
    rows = [
        (known.get(market_id, MarketCounters(market_id)), of) for market_id, of in markets.items()
    ]
    yield counter(
        "riskengine_liquidation_orders_total",
        "Liquidation orders given to the venue",
        MARKET,
        [((of.market,), row.liquidation_orders) for row, of in rows],
    )
    yield counter(
        "riskengine_late_fills_total",
        "Trades that named a liquidation order which had ended and was kept for late fills",
        MARKET,
        [((of.market,), row.late_fills) for row, of in rows],
    )
    yield counter(
        "riskengine_liquidation_fees_asset_units_total",
        "Fees of fills of liquidation orders, paid into the insurance fund",
        MARKET_ASSET,
        [
            ((of.market, of.asset), scaled(row.liquidation_fees_atoms, of.asset_exponent))
            for row, of in rows
        ],
    )
    yield counter(
        "riskengine_liquidation_discounts_asset_units_total",
        "Discounts paid into the insurance fund for what was taken over or deleveraged",
        MARKET_ASSET,
        [
            ((of.market, of.asset), scaled(row.discounts_atoms, of.asset_exponent))
            for row, of in rows
        ],
    )
    yield counter(
        "riskengine_adl_allocations_total",
        "Positions that the insurance fund could not take and that were closed against holders",
        MARKET,
        [((of.market,), row.allocations) for row, of in rows],
    )
    yield counter(
        "riskengine_adl_deleveraged_accounts_total",
        "Counterparties touched by ADL, counted once an allocation",
        MARKET,
        [((of.market,), row.deleveraged_accounts) for row, of in rows],
    )
    yield gauge(
        "riskengine_adl_haircut_asset_units",
        "What ADL counterparties paid of the losses of those against whom they were closed",
        MARKET_ASSET,
        [((of.market, of.asset), scaled(row.haircut_atoms, of.asset_exponent)) for row, of in rows],
    )


def _loss_families(snapshot: EngineSnapshot) -> Iterator[Metric]:
    counters = snapshot.counters
    yield single_counter(
        "riskengine_insurance_payouts_total",
        "Payments of insurance funds into losses before ADL, and to accounts left with a debt",
        counters.insurance_payouts,
    )
    yield single_counter(
        "riskengine_bad_debts_total",
        "Accounts left with a debt that no fund could pay",
        counters.bad_debts,
    )
    yield counter(
        "riskengine_insurance_payout_asset_units_total",
        "What insurance funds paid into losses before ADL, and to accounts left with a debt",
        ("asset",),
        _of_each_asset(snapshot, counters.insurance_payout_atoms),
    )
    yield gauge(
        "riskengine_bad_debt_asset_units",
        "Negative balances that no fund could pay yet",
        ("asset",),
        _of_each_asset(snapshot, snapshot.bad_debts_atoms),
    )
    yield counter(
        "riskengine_spread_debt_asset_units_total",
        "Debts that waited in vain and that gains of other accounts bore",
        ("asset",),
        _of_each_asset(snapshot, counters.spread_atoms),
    )
    yield counter(
        "riskengine_written_off_debt_asset_units_total",
        "Debts that were written off, each by one who paid: a fund, the fees or the venue",
        ("asset",),
        _of_each_asset(snapshot, counters.written_off_atoms),
    )
    yield from _gate_families(snapshot)


def _gate_families(snapshot: EngineSnapshot) -> Iterator[Metric]:
    gates = snapshot.gates
    if not gates:
        return
    yield gauge(
        "riskengine_unallocated_loss_asset_units",
        "By how much accounts and insurance funds are below zero at mark; absent while loading",
        ("asset",),
        _of_each_asset(snapshot, [gate.unallocated_loss_atoms for gate in gates]),
    )
    yield gauge(
        "riskengine_withdrawal_gate_level_asset_units",
        "Unallocated loss above which the gate of withdrawals is closed; absent while loading",
        ("asset",),
        _of_each_asset(snapshot, [gate.level_atoms for gate in gates]),
    )
    labels = asset_labels(snapshot)
    yield gauge(
        "riskengine_withdrawal_gate_closed",
        "1 while an account is paid out no more than it paid in, 0 else; absent while loading",
        ("asset",),
        [((labels[gate.asset_id],), gate.is_closed) for gate in gates],
    )


def _of_each_asset(snapshot: EngineSnapshot, amounts_atoms: Sequence[int]) -> Samples:
    """Label amounts that are given in the order of the assets."""
    labels = asset_labels(snapshot)
    return [
        ((labels[asset.asset_id],), scaled(atoms, asset.exponent))
        for asset, atoms in zip(snapshot.assets, amounts_atoms, strict=True)
    ]
