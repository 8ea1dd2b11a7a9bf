"""Packed columns of the contract to commands on int64 arrays."""

from collections.abc import Sequence

import numpy as np

from riskengine.api.v1 import columns_pb2 as pb
from riskengine.core.engine import Engine
from riskengine.metrics.statistics import CommandKind
from riskengine.service.command import Column, Command

_EMPTY: Column = np.empty(0, dtype=np.int64)


def _column(field: Sequence[int]) -> Column:
    return np.asarray(field, dtype=np.int64) if field else _EMPTY


def trades(columns: pb.TradeColumns) -> Command:
    """Map two-sided trades."""
    arguments = (
        _column(columns.market_id),
        _column(columns.buyer_account_id),
        _column(columns.seller_account_id),
        _column(columns.price_ticks),
        _column(columns.size_lots),
        _column(columns.buyer_fee_atoms),
        _column(columns.seller_fee_atoms),
        _column(columns.liquidation_id),
    )
    rows = len(arguments[0])
    return Command(CommandKind.TRADES, Engine.trades, arguments, rows, "market_id")


def position_updates(columns: pb.PositionUpdateColumns) -> Command:
    """Map one-sided position updates; the mode is checked by the core."""
    arguments = (
        int(columns.mode),
        _column(columns.account_id),
        _column(columns.market_id),
        _column(columns.size_lots),
        _column(columns.price_ticks),
    )
    rows = len(columns.account_id)
    kind = CommandKind.POSITION_UPDATES
    return Command(kind, Engine.position_updates, arguments, rows, "account_id")


def mark_prices(columns: pb.MarkPriceColumns) -> Command:
    """Map the mark prices of one instant."""
    arguments = (_column(columns.market_id), _column(columns.mark_price_ticks))
    rows = len(arguments[0])
    return Command(CommandKind.MARK_PRICES, Engine.mark_prices, arguments, rows, "market_id")


def deposits(columns: pb.DepositColumns) -> Command:
    """Map deposits."""
    arguments = (
        _column(columns.account_id),
        _column(columns.asset_id),
        _column(columns.amount_atoms),
    )
    rows = len(arguments[0])
    return Command(CommandKind.DEPOSITS, Engine.deposits, arguments, rows, "account_id")


def liquidation_reports(columns: pb.LiquidationReportColumns) -> Command:
    """Map reports of liquidation orders that are done."""
    arguments = (_column(columns.liquidation_id),)
    rows = len(arguments[0])
    kind = CommandKind.LIQUIDATION_REPORTS
    return Command(kind, Engine.liquidation_reports, arguments, rows, "liquidation_id")
