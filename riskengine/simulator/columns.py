"""Packs rows into the contract's columns."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeVar

from riskengine.api.v1 import columns_pb2
from riskengine.simulator.ledger import Trade
from riskengine.simulator.markets import ASSET_ID, MarketSpec

ROWS_PER_BATCH = 1_000
Row = TypeVar("Row")


def chunks(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Split rows into batches."""
    remaining = iter(rows)
    while batch := list(islice(remaining, ROWS_PER_BATCH)):
        yield batch


def trade_columns(
    markets: Sequence[MarketSpec], trades: Sequence[Trade]
) -> columns_pb2.TradeColumns:
    """Return a batch of trades; columns without a value in any row stay empty."""
    columns = columns_pb2.TradeColumns(
        market_id=[markets[trade.market].market_id for trade in trades],
        buyer_account_id=[trade.buyer_id for trade in trades],
        seller_account_id=[trade.seller_id for trade in trades],
        price_ticks=[trade.price_ticks for trade in trades],
        size_lots=[trade.size_lots for trade in trades],
    )
    if any(trade.buyer_fee_atoms or trade.seller_fee_atoms for trade in trades):
        columns.buyer_fee_atoms.extend(trade.buyer_fee_atoms for trade in trades)
        columns.seller_fee_atoms.extend(trade.seller_fee_atoms for trade in trades)
    if any(trade.liquidation_id for trade in trades):
        columns.liquidation_id.extend(trade.liquidation_id for trade in trades)
    return columns


def deposit_columns(deposits: Sequence[tuple[int, int]]) -> columns_pb2.DepositColumns:
    """Return a batch of deposits: account, atoms."""
    return columns_pb2.DepositColumns(
        account_id=[account_id for account_id, _ in deposits],
        asset_id=[ASSET_ID] * len(deposits),
        amount_atoms=[amount for _, amount in deposits],
    )


def mark_columns(
    markets: Sequence[MarketSpec], marks_ticks: Sequence[int]
) -> columns_pb2.MarkPriceColumns:
    """Return the marks of one instant."""
    return columns_pb2.MarkPriceColumns(
        market_id=[market.market_id for market in markets], mark_price_ticks=marks_ticks
    )


def report_columns(liquidation_ids: Sequence[int]) -> columns_pb2.LiquidationReportColumns:
    """Return the orders that the venue is done with."""
    return columns_pb2.LiquidationReportColumns(liquidation_id=liquidation_ids)
