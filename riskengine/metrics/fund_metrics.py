"""Families of the insurance funds, with the peak since the process began."""

from collections.abc import Iterator
from threading import Lock

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
        "riskengine_insurance_fund_inventory_asset_units",
        "Notional at mark of the positions that a fund took over",
        "inventory_notional_atoms",
    ),
)


class FundPeaks:
    """Remember each fund's highest equity over the scrapes of this process.

    A peak between two scrapes is missed, as it is by every gauge. Scrapes may overlap.
    """

    def __init__(self) -> None:
        self._peak_atoms: dict[int, int] = {}
        self._lock = Lock()

    def update(self, funds: list[FundView]) -> dict[int, int]:
        """Take the funds' equity in, and return the peak of each by id, at least 0."""
        with self._lock:
            peaks = self._peak_atoms
            for fund in funds:
                peaks[fund.fund_id] = max(peaks.get(fund.fund_id, 0), fund.equity_atoms)
            return {fund.fund_id: peaks[fund.fund_id] for fund in funds}


def fund_families(snapshot: EngineSnapshot, peaks: FundPeaks) -> Iterator[Metric]:
    """Yield each fund's money, inventory, peak and drawdown.

    drawdown = (peak equity - equity) / peak equity; above 1 when equity is negative; 0 while a
    fund never had money.
    """
    symbols = asset_labels(snapshot)
    assets = {one.asset_id: one._replace(symbol=symbols[one.asset_id]) for one in snapshot.assets}
    rows = [(fund, assets[fund.asset_id]) for fund in snapshot.funds]
    for name, documentation, field in GAUGES:
        values = [(fund, asset, getattr(fund, field)) for fund, asset in rows]
        yield gauge(name, documentation, FUND_ASSET, _samples(values))
    peak_atoms = peaks.update(snapshot.funds)
    yield gauge(
        "riskengine_insurance_fund_peak_equity_asset_units",
        "Highest equity of an insurance fund seen by a scrape since the process began",
        FUND_ASSET,
        _samples([(fund, asset, peak_atoms[fund.fund_id]) for fund, asset in rows]),
    )
    yield gauge(
        "riskengine_insurance_fund_drawdown_ratio",
        "Fall of an insurance fund's equity from its peak; 0.3 is 30 percent",
        ("fund",),
        [
            ((str(fund.fund_id),), _drawdown(fund.equity_atoms, peak_atoms[fund.fund_id]))
            for fund in snapshot.funds
        ],
    )


def _samples(rows: list[tuple[FundView, AssetView, int]]) -> Samples:
    return [
        ((str(fund.fund_id), asset.symbol), scaled(atoms, asset.exponent))
        for fund, asset, atoms in rows
    ]


def _drawdown(equity_atoms: int, peak_atoms: int) -> float:
    return (peak_atoms - equity_atoms) / peak_atoms if peak_atoms > 0 else 0.0
