"""Requests as bytes, made before the clock runs."""

from collections.abc import Iterator, Sequence

import numpy as np

from loadtests.bench.flow import Trades
from loadtests.bench.loading import ASSET_ID, OpeningColumns, market_parameters, spans
from loadtests.bench.population import Column, Population
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import columns_pb2, common_pb2, risk_service_pb2

SERVER_ROWS = 10_000
"""Rows of a batch that the server takes by default."""

Columns = (
    columns_pb2.TradeColumns
    | columns_pb2.PositionUpdateColumns
    | columns_pb2.MarkPriceColumns
    | columns_pb2.DepositColumns
)
_FIELDS = {
    columns_pb2.TradeColumns: "trades",
    columns_pb2.PositionUpdateColumns: "position_updates",
    columns_pb2.MarkPriceColumns: "mark_prices",
    columns_pb2.DepositColumns: "deposits",
}


class Batches:
    """Requests of one Submit client, numbered from 1."""

    def __init__(self, client_id: str, incarnation: int) -> None:
        self._client_id = client_id
        self._incarnation = incarnation
        self._next = 1

    def pack(self, columns: Columns) -> bytes:
        """Return the next request."""
        key = common_pb2.IdempotencyKey(
            client_id=self._client_id,
            batch_sequence=self._next,
            incarnation=self._incarnation,
        )
        request = risk_service_pb2.SubmitRequest(key=key)
        getattr(request, _FIELDS[type(columns)]).CopyFrom(columns)
        self._next += 1
        return request.SerializeToString()


def trade_batches(batches: Batches, trades: Trades, batch_rows: int) -> list[bytes]:
    """Return trades as requests."""
    return [
        batches.pack(
            columns_pb2.TradeColumns(
                **{name: column.tolist() for name, column in trades.part(rows)._asdict().items()}
            )
        )
        for rows in spans(len(trades.size_lots), batch_rows)
    ]


def opening_batches(batches: Batches, opening: OpeningColumns) -> Iterator[bytes]:
    """Yield the requests that set the marks, pay in every account and open every position."""
    yield batches.pack(mark_columns(range(1, len(opening.marks_ticks) + 1), opening.marks_ticks))
    for rows in spans(len(opening.deposit_account_ids), SERVER_ROWS):
        yield batches.pack(
            deposit_columns(opening.deposit_account_ids[rows], opening.deposit_amounts_atoms[rows])
        )
    for rows in spans(len(opening.position_lots), SERVER_ROWS):
        yield batches.pack(
            columns_pb2.PositionUpdateColumns(
                mode=columns_pb2.POSITION_UPDATE_MODE_DELTA,
                account_id=opening.position_account_ids[rows].tolist(),
                market_id=opening.position_market_ids[rows].tolist(),
                size_lots=opening.position_lots[rows].tolist(),
                price_ticks=opening.position_price_ticks[rows].tolist(),
            )
        )


def mark_columns(
    market_ids: Sequence[int], marks_ticks: Sequence[int] | Column
) -> columns_pb2.MarkPriceColumns:
    """Return the marks of one instant."""
    return columns_pb2.MarkPriceColumns(market_id=market_ids, mark_price_ticks=list(marks_ticks))


def deposit_columns(account_ids: Column, amounts_atoms: Column) -> columns_pb2.DepositColumns:
    """Return deposits in the one asset."""
    return columns_pb2.DepositColumns(
        account_id=account_ids.tolist(),
        asset_id=[ASSET_ID] * len(account_ids),
        amount_atoms=amounts_atoms.tolist(),
    )


def market_message(index: int) -> admin_pb.Market:
    """Return the market at an index as the contract has it."""
    values = market_parameters(index)._asdict()
    tiers = [admin_pb.RiskTier(**tier._asdict()) for tier in values.pop("tiers")]
    return admin_pb.Market(**values, tiers=tiers)


def order_requests(population: Population, count: int, seed: int) -> list[bytes]:
    """Return orders of random accounts near the marks, in markets that they hold."""
    rng = np.random.default_rng([seed, 6])
    held = rng.integers(0, len(population.position_lots), count)
    markets = population.position_markets[held]
    return [
        risk_service_pb2.CheckOrderRequest(
            account_id=account_id,
            market_id=market_id,
            side=common_pb2.SIDE_LONG if is_buy else common_pb2.SIDE_SHORT,
            size_lots=size,
            price_ticks=mark,
        ).SerializeToString()
        for account_id, market_id, is_buy, size, mark in zip(
            population.account_ids[population.position_accounts[held]].tolist(),
            (markets + 1).tolist(),
            (rng.random(count) < 0.5).tolist(),
            rng.integers(1, 100, count).tolist(),
            population.marks_ticks[markets].tolist(),
            strict=True,
        )
    ]
