"""Families of the insurance funds."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from riskengine.core.types import AssetView, FundView
from riskengine.metrics.families import Samples, gauge, scaled
from riskengine.metrics.market_labels import asset_labels
from riskengine.metrics.snapshot import EngineSnapshot

FUND_ASSET = ("fund", "asset")

GAUGES = (
    (
        "riskengine_insurance_fund_balance_asset_units",
        "Cash of an insurance fund",
        "balance_atoms",
    ),
    (
        "riskengine_insurance_fund_equity_asset_units",
        "Cash of an insurance fund and the unrealised PnL of its inventory at mark",
        "equity_atoms",
    ),
    (
        "riskengine_insurance_fund_maintenance_asset_units",
        "Maintenance margin of a fund's inventory; its equity above that is what it can still pay",
        "maintenance_atoms",
    ),
    (
        "riskengine_insurance_fund_peak_equity_asset_units",
        "Highest equity in 8 hours of log time, without what the inventory had gained at the marks",
        "peak_equity_atoms",
    ),
    (
        "riskengine_insurance_fund_paid_asset_units",
        "What a fund paid for losses and debts of its markets in the last 8 hours of log time",
        "paid_atoms",
    ),
    (
        "riskengine_insurance_fund_inventory_asset_units",
        "Notional at mark of the positions that a fund took over",
        "inventory_notional_atoms",
    ),
)


def fund_families(snapshot: EngineSnapshot) -> Iterator[Metric]:
    """Yield each fund's money, inventory, peak, payments and drawdown.

    drawdown = (peak equity - noted equity) / peak equity; above 1 when that is negative; 0 while a
    fund had no money in the window.
    """
    symbols = asset_labels(snapshot)
    assets = {one.asset_id: one._replace(symbol=symbols[one.asset_id]) for one in snapshot.assets}
    rows = [(fund, assets[fund.asset_id]) for fund in snapshot.funds]
    for name, documentation, field in GAUGES:
        values = [(fund, asset, getattr(fund, field)) for fund, asset in rows]
        yield gauge(name, documentation, FUND_ASSET, _samples(values))
    yield gauge(
        "riskengine_insurance_fund_drawdown_ratio",
        "Fall of an insurance fund's equity, without what its inventory has gained at the marks, "
        "from its highest of 8 hours; 0.3 is 30 percent",
        ("fund",),
        [((str(fund.fund_id),), _drawdown(fund)) for fund in snapshot.funds],
    )
    yield gauge(
        "riskengine_insurance_fund_stopped",
        "1 while an insurance fund has lost what it may and pays nothing, 0 otherwise",
        ("fund",),
        [((str(fund.fund_id),), fund.is_stopped) for fund in snapshot.funds],
    )


def _samples(rows: list[tuple[FundView, AssetView, int]]) -> Samples:
    return [
        ((str(fund.fund_id), asset.symbol), scaled(atoms, asset.exponent))
        for fund, asset, atoms in rows
    ]


def _drawdown(fund: FundView) -> float:
    peak_atoms = fund.peak_equity_atoms
    return (peak_atoms - fund.noted_equity_atoms) / peak_atoms if peak_atoms > 0 else 0.0
