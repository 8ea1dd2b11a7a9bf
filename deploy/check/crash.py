"""A venue in small that lets everything happen that a dashboard shows, a round at a time.

Each round opens accounts that a move of one percent brings to a margin call, to a liquidation
order and to a take-over, longs in one market and shorts in the other; it fills orders of the one
whole and of the other by half. The insurance fund is small, so that after a few rounds it cannot
take over any more; what orders leave is then closed by ADL.
"""

from queue import Empty, Queue
from threading import Thread
from typing import NamedTuple

import grpc

from riskengine.api.v1 import (
    account_service_pb2 as accounts,
)
from riskengine.api.v1 import (
    admin_service_pb2 as admin,
)
from riskengine.api.v1 import (
    columns_pb2 as columns,
)
from riskengine.api.v1 import (
    common_pb2 as common,
)
from riskengine.api.v1 import (
    instructions_pb2 as instructions,
)
from riskengine.api.v1 import (
    risk_service_pb2 as risk,
)
from riskengine.api.v1.account_service_pb2_grpc import AccountServiceStub
from riskengine.api.v1.admin_service_pb2_grpc import AdminServiceStub
from riskengine.api.v1.risk_service_pb2_grpc import RiskServiceStub

USD = 1_000_000
ASSET_ID = FUND_ID = 1
MAKER = 1
DEPOSITS = (1_100 * USD, 900 * USD, 700 * USD)
"""For a margin call, a liquidation order and a take-over, on 50,000 USD and a move of 1 %."""
ORDER_WAIT_SECONDS = 2.0
ORDER_GAP_SECONDS = 0.3
"""How long the first order of a round may take, and each after another."""


class Leg(NamedTuple):
    """One market of the crash: where its price stands, and where it goes."""

    market_id: int
    symbol: str
    loss_policy: common.LossPolicy
    side: common.Side
    size_lots: int
    calm_ticks: int
    moved_ticks: int


LEGS = (
    Leg(1, "BTC-PERP", common.LOSS_POLICY_QUEUE, common.SIDE_LONG, 1_000, 5_000_000, 4_950_000),
    Leg(2, "ETH-PERP", common.LOSS_POLICY_PRO_RATA, common.SIDE_SHORT, 25_000, 200_000, 202_000),
)


class Crash:
    """Drive an empty engine through a channel; `close` ends the subscription."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._risk = RiskServiceStub(channel)
        self._accounts = AccountServiceStub(channel)
        self._admin = AdminServiceStub(channel)
        self._orders: Queue[instructions.LiquidationOrder] = Queue()
        self._next_account_id = 1_000
        self._closed = False
        self._stream = self._risk.StreamInstructions(
            risk.StreamInstructionsRequest(from_instruction_sequence=1)
        )
        self._reader = Thread(target=self._read_orders)
        self._reader.start()

    def close(self) -> None:
        """End the subscription."""
        self._closed = True
        self._stream.cancel()
        self._reader.join()

    def set_up(self) -> None:
        """Make the asset, the fund, the markets and the account that is the other side."""
        asset = admin.Asset(asset_id=ASSET_ID, symbol="USD", exponent=-6)
        self._admin.CreateAsset(admin.CreateAssetRequest(asset=asset))
        self._admin.CreateInsuranceFund(
            admin.CreateInsuranceFundRequest(fund_id=FUND_ID, asset_id=ASSET_ID)
        )
        self._admin.DepositInsuranceFund(
            admin.DepositInsuranceFundRequest(fund_id=FUND_ID, amount_atoms=2_000 * USD)
        )
        for leg in LEGS:
            self._admin.SetMarket(admin.SetMarketRequest(market=_market(leg)))
        self._set_marks([leg.calm_ticks for leg in LEGS])
        self._deposit(MAKER, 10_000_000 * USD)

    def round(self) -> None:
        """Open accounts, move the prices, fill the orders that come of it, move back."""
        for leg in LEGS:
            self._open_accounts(leg)
        self._check_orders()
        self._set_marks([leg.moved_ticks for leg in LEGS])
        self._fill_orders()
        self._disagree()
        self._set_marks([leg.calm_ticks for leg in LEGS])

    def _open_accounts(self, leg: Leg) -> None:
        trades = columns.TradeColumns()
        for amount_atoms in DEPOSITS:
            account_id = self._next_account_id
            self._next_account_id += 1
            self._deposit(account_id, amount_atoms)
            _add_trade(trades, leg.market_id, leg.side, account_id, leg.size_lots, leg.calm_ticks)
        request = risk.ApplyTradesRequest(trades=trades)
        client_id = f"check-{self._next_account_id}"
        client = self._risk.RegisterClient(risk.RegisterClientRequest(client_id=client_id))
        request.key.client_id = client_id
        request.key.incarnation = client.result.incarnation
        request.key.batch_sequence = 1
        for _ in ("first", "once more"):
            self._risk.ApplyTrades(request)

    def _check_orders(self) -> None:
        for account_id in (MAKER, 999):
            self._risk.CheckOrder(
                risk.CheckOrderRequest(
                    account_id=account_id,
                    market_id=LEGS[0].market_id,
                    side=common.SIDE_LONG,
                    size_lots=1,
                    price_ticks=LEGS[0].calm_ticks,
                )
            )

    def _fill_orders(self) -> None:
        """Fill orders of the first market whole, of the second by half, and report them done.

        Once the fund can take over no more there are more of them than a market has accounts for.
        """
        wait_seconds = ORDER_WAIT_SECONDS
        while True:
            try:
                order = self._orders.get(timeout=wait_seconds)
            except Empty:
                return
            wait_seconds = ORDER_GAP_SECONDS
            leg = LEGS[order.market_id - 1]
            size_lots = order.size_lots if leg is LEGS[0] else max(1, order.size_lots // 2)
            trades = columns.TradeColumns(liquidation_id=[order.liquidation_id])
            price_ticks = leg.moved_ticks
            _add_trade(trades, leg.market_id, order.side, order.account_id, size_lots, price_ticks)
            self._risk.ApplyTrades(risk.ApplyTradesRequest(trades=trades))
            report = columns.LiquidationReportColumns(liquidation_id=[order.liquidation_id])
            self._risk.ReportLiquidations(
                risk.ReportLiquidationsRequest(liquidation_reports=report)
            )

    def _disagree(self) -> None:
        """State a position that the engine does not have, and one of an unknown account."""
        account_id = self._next_account_id
        self._next_account_id += 1
        self._deposit(account_id, 1_000_000 * USD)
        updates = columns.PositionUpdateColumns(
            mode=columns.POSITION_UPDATE_MODE_ABSOLUTE,
            account_id=[account_id, 999],
            market_id=[1, 1],
            size_lots=[5, 5],
            price_ticks=[LEGS[0].calm_ticks] * 2,
        )
        self._risk.UpdatePositions(risk.UpdatePositionsRequest(position_updates=updates))

    def _deposit(self, account_id: int, amount_atoms: int) -> None:
        self._accounts.Deposit(
            accounts.DepositRequest(
                account_id=account_id, asset_id=ASSET_ID, amount_atoms=amount_atoms
            )
        )

    def _set_marks(self, prices_ticks: list[int]) -> None:
        marks = columns.MarkPriceColumns(
            market_id=[leg.market_id for leg in LEGS], mark_price_ticks=prices_ticks
        )
        self._risk.UpdateMarkPrices(risk.UpdateMarkPricesRequest(mark_prices=marks))

    def _read_orders(self) -> None:
        try:
            for response in self._stream:
                for instruction in response.instructions:
                    if instruction.HasField("liquidation_order"):
                        self._orders.put(instruction.liquidation_order)
        except grpc.RpcError:
            if not self._closed:
                raise


def _add_trade(
    trades: columns.TradeColumns,
    market_id: int,
    side: common.Side,
    account_id: int,
    size_lots: int,
    price_ticks: int,
) -> None:
    is_buyer = side == common.SIDE_LONG
    trades.market_id.append(market_id)
    trades.buyer_account_id.append(account_id if is_buyer else MAKER)
    trades.seller_account_id.append(MAKER if is_buyer else account_id)
    trades.price_ticks.append(price_ticks)
    trades.size_lots.append(size_lots)


def _market(leg: Leg) -> admin.Market:
    return admin.Market(
        market_id=leg.market_id,
        symbol=leg.symbol,
        asset_id=ASSET_ID,
        fund_id=FUND_ID,
        tick_exponent=-2,
        lot_exponent=-3,
        price_step_ticks=1,
        size_step_lots=1,
        max_price_ticks=100_000_000,
        max_position_lots=10_000_000,
        tiers=[admin.RiskTier(floor_atoms=0, initial_rate_ppm=20_000, maintenance_rate_ppm=10_000)],
        liquidation_fee_ppm=500,
        liquidation_timeout_millis=1_000,
        loss_policy=leg.loss_policy,
        order_band_ppm=50_000,
        discount_ppm=4_000,
        book_attempts=1,
    )
