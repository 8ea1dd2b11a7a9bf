"""Engine and oracle side by side under Hypothesis, which makes a failing run small."""

from typing import Any

from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.simulation.commands import Command
from tests.simulation.oracle.names import FUND_ACCOUNT_BASE, NANOS_PER_MILLI, Mode, Policy, Side
from tests.simulation.oracle.world import (
    AccountName,
    MarketParameters,
    Order,
    RiskParameters,
    RiskTier,
)
from tests.simulation.side_by_side import SideBySide

USD, EUR = 1, 2
TRADERS = (1, 2, 3, 4, 5)
MARKETS = (1, 2)
FUND, SECOND_FUND = 9, 10
FUND_ACCOUNT = FUND_ACCOUNT_BASE + FUND
PRICE = 1_000

accounts = st.sampled_from((*TRADERS, FUND_ACCOUNT))
assets = st.sampled_from((USD, EUR))
markets = st.sampled_from(MARKETS)
sizes = st.integers(1, 200)
prices = st.integers(PRICE // 2, 3 * PRICE // 2)
delays = st.sampled_from((0, 0, 1, 500, 1_000, 5_000))
tiers = st.sampled_from(
    (
        (RiskTier(0, 100_000, 50_000),),
        (RiskTier(0, 20_000, 10_000), RiskTier(50_000, 100_000, 50_000)),
        (
            RiskTier(0, 10_000, 5_000),
            RiskTier(20_000, 100_000, 30_000),
            RiskTier(100_000, 10**6, 10**6),
        ),
    )
)


@st.composite
def market_parameters(draw: st.DrawFn, market_id: int) -> MarketParameters:
    return MarketParameters(
        market_id=market_id,
        symbol=f"M{market_id}",
        asset_id=USD,
        fund_id=FUND,
        tick_exponent=-2,
        lot_exponent=-4,
        price_step_ticks=draw(st.sampled_from((1, 5))),
        size_step_lots=draw(st.sampled_from((1, 10))),
        max_price_ticks=10 * PRICE,
        max_position_lots=1_000,
        tiers=draw(tiers),
        liquidation_fee_ppm=draw(st.sampled_from((0, 1_000, 2_499))),
        liquidation_timeout_millis=1_000,
        liquidation_slice_lots=draw(st.sampled_from((0, 15))),
        liquidation_cooldown_millis=draw(st.sampled_from((0, 500))),
        dust_notional_atoms=draw(st.sampled_from((0, 5_000))),
        loss_policy=draw(st.sampled_from([int(policy) for policy in Policy])),
        order_band_ppm=draw(st.sampled_from((1, 100_000, 1_000_000))),
        reprices_trades=draw(st.booleans()),
        discount_ppm=2_499,
        book_attempts=draw(st.sampled_from((0, 1, 2, 3))),
        fund_share_ppm=draw(st.sampled_from((0, 0, 50_000))),
        inventory_ppm=draw(st.sampled_from((0, 0, 500_000))),
    )


class EngineAgainstOracle(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.pair = SideBySide()
        self.millis = 0

    def apply(self, name: str, *arguments: Any) -> None:
        self.pair.apply(Command(name, self.millis * NANOS_PER_MILLI, arguments))

    def open_orders(self) -> list[Order]:
        holders = self.pair.oracle.world.accounts.values()
        return [order for account in holders for order in account.open_orders]

    @initialize(
        fund=st.sampled_from((0, 200, 50_000)),
        deposits=st.lists(st.integers(1_000, 60_000), min_size=5, max_size=5),
        first=market_parameters(1),
        second=market_parameters(2),
        take_over=st.sampled_from((500_000, 666_667)),
    )
    def open_venue(
        self,
        fund: int,
        deposits: list[int],
        first: MarketParameters,
        second: MarketParameters,
        take_over: int,
    ) -> None:
        self.apply("create_asset", USD, "USD", -6)
        self.apply("create_fund", FUND, USD)
        if fund:
            self.apply("fund_deposit", FUND, fund)
        for parameters in (first, second):
            self.apply("set_market", parameters)
        self.apply("set_risk_parameters", RiskParameters(take_over_ppm=take_over))
        self.apply("mark_prices", MARKETS, (PRICE, PRICE))
        self.apply("deposits", TRADERS, (USD,) * 5, tuple(deposits))

    @rule(delay=delays)
    def wait(self, delay: int) -> None:
        self.millis += delay

    @rule(market=markets, buyer=accounts, seller=accounts, price=prices, size=sizes)
    def trade(self, market: int, buyer: int, seller: int, price: int, size: int) -> None:
        self._trade(market, buyer, seller, price, size, 0)

    def _trade(
        self, market: int, buyer: int, seller: int, price: int, size: int, order: int
    ) -> None:
        parameters = self.pair.oracle.world.markets[market].parameters
        price -= price % parameters.price_step_ticks
        size = max(size - size % parameters.size_step_lots, parameters.size_step_lots)
        row = ((market,), (buyer,), (seller,), (max(price, 5),), (size,), (), (), (order,))
        self.apply("trades", *row)

    @precondition(lambda self: self.open_orders())
    @rule(
        data=st.data(),
        other=accounts,
        price=st.none() | prices,
        share=st.sampled_from((0.5, 1, 2)),
    )
    def fill(self, data: st.DataObject, other: int, price: int | None, share: float) -> None:
        """Fill an order at a price, or at its limit."""
        order = data.draw(st.sampled_from(self.open_orders()))
        price = order.limit_price_ticks if price is None else price
        sides = (order.account.account_id, other)
        buyer, seller = sides if order.side == Side.LONG else sides[::-1]
        size = int(order.unfilled_lots * share)
        self._trade(order.market_id, buyer, seller, price, size, order.liquidation_id)

    @precondition(lambda self: self.open_orders())
    @rule(data=st.data())
    def report(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from(self.open_orders()))
        self.apply("liquidation_reports", (order.liquidation_id,))

    @rule(market=markets, price=prices)
    def mark(self, market: int, price: int) -> None:
        self.apply("mark_prices", (market,), (price,))

    @rule(first=prices, second=prices)
    def marks_of_one_instant(self, first: int, second: int) -> None:
        self.apply("mark_prices", MARKETS, (first, second))

    @rule(account=accounts, market=markets, size=st.integers(-100, 100), price=prices)
    def delta(self, account: int, market: int, size: int, price: int) -> None:
        self.apply("position_updates", int(Mode.DELTA), (account,), (market,), (size,), (price,))

    @rule(account=accounts, market=markets, size=st.integers(-10, 10), price=prices)
    def absolute(self, account: int, market: int, size: int, price: int) -> None:
        self.apply(
            "position_updates", int(Mode.ABSOLUTE), (account,), (market,), (10 * size,), (price,)
        )

    @rule(account=st.sampled_from(TRADERS), amount=st.integers(1, 20_000))
    def deposit(self, account: int, amount: int) -> None:
        self.apply("deposits", (account,), (USD,), (amount,))

    @rule(account=st.sampled_from(TRADERS), amount=st.integers(1, 20_000))
    def withdraw(self, account: int, amount: int) -> None:
        self.apply("withdrawals", (account,), (USD,), (amount,))

    @rule(account=st.sampled_from(TRADERS))
    def leave(self, account: int) -> None:
        self.leave_asset(account, USD)

    def leave_asset(self, account: int, asset: int) -> None:
        """Have an account paid out, if that is all that it holds, and closed."""
        held = self.pair.oracle.world.accounts.get(AccountName(account, asset))
        if held is not None and not held.positions and held.balance_atoms > 0:
            self.apply("withdrawals", (account,), (asset,), (held.balance_atoms,))
        self.apply("close_account", account, *(() if asset == USD else (asset,)))

    @rule(amount=st.integers(1, 5_000))
    def fund_deposit(self, amount: int) -> None:
        self.apply("fund_deposit", FUND, amount)

    @rule(data=st.data(), market=markets)
    def change_market(self, data: st.DataObject, market: int) -> None:
        self.apply("set_market", data.draw(market_parameters(market)))

    @rule()
    def tick(self) -> None:
        due = self.pair.oracle.next_timer_nanos
        assume(due > 0)
        self.millis = max(self.millis, -(-due // NANOS_PER_MILLI))
        self.apply("tick")

    @rule(
        account=accounts,
        market=markets,
        side=st.sampled_from((0, 1, 2)),
        size=sizes,
        price=prices,
        reduce_only=st.booleans(),
    )
    def check_order(
        self, account: int, market: int, side: int, size: int, price: int, reduce_only: bool
    ) -> None:
        self.pair.check_order(account, market, side, size, price, reduce_only)

    def teardown(self) -> None:
        self.pair.replay()


class SeveralAssets(EngineAgainstOracle):
    """Market 2 is settled in another asset, in which everybody has an account as well.

    Marks of one instant fall on both; the other asset's exponent is another one.
    """

    @initialize(
        funds=st.tuples(*[st.sampled_from((0, 200, 50_000))] * 2),
        deposits=st.lists(st.integers(1_000, 60_000), min_size=10, max_size=10),
        first=market_parameters(1),
        second=market_parameters(2),
        take_over=st.sampled_from((500_000, 666_667)),
    )
    def open_venue(
        self,
        funds: tuple[int, int],
        deposits: list[int],
        first: MarketParameters,
        second: MarketParameters,
        take_over: int,
    ) -> None:
        for asset, symbol, exponent in ((USD, "USD", -6), (EUR, "EUR", -2)):
            self.apply("create_asset", asset, symbol, exponent)
        for fund, asset, amount in zip((FUND, SECOND_FUND), (USD, EUR), funds, strict=True):
            self.apply("create_fund", fund, asset)
            if amount:
                self.apply("fund_deposit", fund, amount)
        for parameters in (first, of_euros(second)):
            self.apply("set_market", parameters)
        self.apply("set_risk_parameters", RiskParameters(take_over_ppm=take_over))
        self.apply("mark_prices", MARKETS, (PRICE, PRICE))
        of_each = ((USD,) * 5 + (EUR,) * 5, tuple(deposits))
        self.apply("deposits", TRADERS * 2, *of_each)

    @rule(account=st.sampled_from(TRADERS), asset=assets, amount=st.integers(1, 20_000))
    def deposit(self, account: int, amount: int, asset: int = USD) -> None:
        self.apply("deposits", (account,), (asset,), (amount,))

    @rule(account=st.sampled_from(TRADERS), asset=assets, amount=st.integers(1, 20_000))
    def withdraw(self, account: int, amount: int, asset: int = USD) -> None:
        self.apply("withdrawals", (account,), (asset,), (amount,))

    @rule(account=st.sampled_from(TRADERS), asset=assets)
    def leave(self, account: int, asset: int = USD) -> None:
        self.leave_asset(account, asset)

    @rule(fund=st.sampled_from((FUND, SECOND_FUND)), amount=st.integers(1, 5_000))
    def fund_deposit(self, amount: int, fund: int = FUND) -> None:
        self.apply("fund_deposit", fund, amount)

    @rule(data=st.data(), market=markets)
    def change_market(self, data: st.DataObject, market: int) -> None:
        parameters = data.draw(market_parameters(market))
        self.apply("set_market", parameters if market == 1 else of_euros(parameters))


def of_euros(parameters: MarketParameters) -> MarketParameters:
    """Return the market with EUR for its asset: a lot at a tick is still one atom."""
    return parameters._replace(asset_id=EUR, fund_id=SECOND_FUND, lot_exponent=0)


TestEngineAgainstOracle = EngineAgainstOracle.TestCase
TestEngineAgainstOracle.settings = settings(stateful_step_count=40)
TestSeveralAssets = SeveralAssets.TestCase
TestSeveralAssets.settings = settings(stateful_step_count=40)
