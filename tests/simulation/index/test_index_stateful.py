"""Index and scan side by side under Hypothesis: prices of a few ticks, steep and stepped rates."""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from riskengine.core.enums import AccountState, LossPolicy, PositionUpdateMode, Side
from riskengine.core.types import AccountView, MarketParameters, RiskTier
from tests.core.driver import MARKET
from tests.simulation.commands import Command
from tests.simulation.index import thresholds
from tests.simulation.index.pair import Pair
from tests.simulation.index.thresholds import Prices
from tests.simulation.index.worlds import change_market
from tests.simulation.oracle.names import MAX_LIQUIDATION_FEE_PPM, NANOS_PER_MILLI, PPM
from tests.simulation.oracle.setup_rows import largest_discount_ppm
from tests.simulation.oracle.world import RiskParameters
from tests.simulation.oracle.world import RiskTier as PlainTier
from tests.simulation.themes import OTHERS, USD

pytestmark = pytest.mark.any_model

TRADERS = (1, 2, 3, 4)
MARKETS = (1, 2, 3)
FUND_ACCOUNT = 2**62 + 1
HIGHEST = 120
EUR = OTHERS[0]

accounts = st.sampled_from((*TRADERS, FUND_ACCOUNT))
markets = st.sampled_from(MARKETS)
sizes = st.integers(1, 2_000)
prices = st.one_of(st.integers(1, HIGHEST), st.sampled_from((1, 2, HIGHEST)))
rates = st.sampled_from((1, 10_000, 50_000, 99_999, 100_001, 500_000, PPM))
shares = st.sampled_from((PPM + 1, 1_250_000, 10 * PPM - 1))
widths = st.sampled_from((1, 100_000, PPM))
numbers = st.integers(0, 1)


@st.composite
def tiers(draw: st.DrawFn) -> tuple[RiskTier, ...]:
    floors = [0, *sorted(draw(st.sets(st.integers(1, 100_000), max_size=3)))]
    levels = sorted(draw(st.lists(rates, min_size=len(floors), max_size=len(floors))))
    return tuple(RiskTier(f, PPM, rate) for f, rate in zip(floors, levels, strict=True))


@st.composite
def market_parameters(draw: st.DrawFn, market_id: int) -> MarketParameters:
    rates = draw(tiers())
    most_ppm = largest_discount_ppm(tuple(PlainTier(*rate) for rate in rates))
    return MARKET._replace(
        market_id=market_id,
        symbol=f"M{market_id}",
        lot_exponent=-6,
        max_price_ticks=HIGHEST,
        max_position_lots=5_000,
        tiers=rates,
        liquidation_fee_ppm=draw(st.sampled_from((0, min(MAX_LIQUIDATION_FEE_PPM, most_ppm)))),
        discount_ppm=most_ppm,
        book_attempts=draw(st.sampled_from((1, 2, 3))),
        liquidation_slice_lots=draw(st.sampled_from((0, 20))),
        liquidation_cooldown_millis=draw(st.sampled_from((0, 500))),
        loss_policy=draw(st.sampled_from([int(policy) for policy in LossPolicy if policy])),
        reprices_trades=draw(st.booleans()),
    )


class IndexAgainstScan(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair(audit_every=1)
        self.millis = 0
        self.call_ppm = 0
        self.markets: dict[int, MarketParameters] = {}

    def apply(self, name: str, *arguments: Any) -> None:
        self.pair.apply(Command(name, self.millis * NANOS_PER_MILLI, arguments))

    def set_market(self, parameters: MarketParameters) -> None:
        self.markets[parameters.market_id] = parameters
        self.pair.apply(change_market(parameters, self.millis * NANOS_PER_MILLI))

    @initialize(
        fund=st.sampled_from((0, 500, 100_000)),
        deposit=st.integers(2_000, 200_000),
        parameters=st.tuples(*(market_parameters(market_id) for market_id in MARKETS)),
        opening=st.tuples(prices, prices, prices),
        call_ppm=shares,
    )
    def open_venue(
        self,
        fund: int,
        deposit: int,
        parameters: tuple[MarketParameters, ...],
        opening: tuple[int, ...],
        call_ppm: int,
    ) -> None:
        self.open_assets(fund)
        for market in parameters:
            self.set_market(market)
        self.change_risk(call_ppm, 100_000)
        self.apply("mark_prices", MARKETS, opening)
        for asset_id in self.asset_ids:
            count = len(TRADERS)
            self.apply("deposits", TRADERS, (asset_id,) * count, (deposit,) * count)

    @property
    def asset_ids(self) -> tuple[int, ...]:
        return (USD.asset_id,)

    def asset_of(self, number: int) -> int:
        """Return one of the assets, by any number."""
        return self.asset_ids[number % len(self.asset_ids)]

    def open_assets(self, fund: int) -> None:
        self.apply("create_asset", *USD)
        self.apply("create_fund", 1, USD.asset_id)
        if fund:
            self.apply("fund_deposit", 1, fund)

    @rule(call_ppm=shares, width_ppm=widths)
    def change_risk(self, call_ppm: int, width_ppm: int) -> None:
        self.call_ppm = call_ppm
        self.clear_ppm = min(call_ppm + width_ppm, 10 * PPM)
        risk = RiskParameters(call_ppm, margin_call_clear_ppm=self.clear_ppm)
        self.apply("set_risk_parameters", risk)

    @rule(market=markets, buyer=accounts, seller=accounts, price=prices, size=sizes)
    def trade(self, market: int, buyer: int, seller: int, price: int, size: int) -> None:
        row = ((market,), (buyer,), (seller,), (price,), (size,), (), (), ())
        self.apply("trades", *row)

    @rule(buyer=accounts, seller=accounts, marked=st.tuples(sizes, sizes, sizes))
    def spread(self, buyer: int, seller: int, marked: tuple[int, ...]) -> None:
        at = [view.mark_price_ticks for view in self.pair.index.markets()]
        count = len(MARKETS)
        self.apply(
            "trades", MARKETS, (buyer,) * count, (seller,) * count, tuple(at), marked, (), (), ()
        )

    @rule(market=markets, price=prices)
    def mark(self, market: int, price: int) -> None:
        self.apply("mark_prices", (market,), (price,))

    @rule(given=st.tuples(prices, prices, prices))
    def marks_of_one_instant(self, given: tuple[int, ...]) -> None:
        self.apply("mark_prices", MARKETS, given)

    @rule(market=markets, ticks=st.integers(-4, 4))
    def nudge(self, market: int, ticks: int) -> None:
        mark = self.pair.index.markets()[market - 1].mark_price_ticks
        self.apply("mark_prices", (market,), (max(1, min(mark + ticks, HIGHEST)),))

    @rule(
        account=accounts,
        leg=st.integers(0, 2),
        is_relief=st.booleans(),
        share=st.booleans(),
        asset=numbers,
    )
    def aim_at_one(self, account: int, leg: int, is_relief: bool, share: bool, asset: int) -> None:
        """Mark one leg to the last tick at which the account is safe, and then to the next."""
        view = self.pair.index.account(account, self.asset_of(asset))
        if view is None or not view.positions:
            return
        position = view.positions[leg % len(view.positions)]
        step = 1 if (position.size_lots > 0) == is_relief else -1
        share_ppm = self.level_of(view) if share else PPM
        self.cross(thresholds.crossing_of_one(view, position, self.markets, share_ppm, step))

    @rule(account=accounts, is_relief=st.booleans(), share=st.booleans(), asset=numbers)
    def aim_at_all(self, account: int, is_relief: bool, share: bool, asset: int) -> None:
        view = self.pair.index.account(account, self.asset_of(asset))
        if view is None or not view.positions:
            return
        share_ppm = self.level_of(view) if share else PPM
        direction = 1 if is_relief else -1
        self.cross(thresholds.crossing_of_all(view, self.markets, share_ppm, direction))

    def level_of(self, view: AccountView) -> int:
        """Return the level at which a call is made, or ends where there is one."""
        return self.clear_ppm if view.state == AccountState.MARGIN_CALL else self.call_ppm

    def cross(self, found: tuple[Prices, Prices] | None) -> None:
        for given in found or ():
            self.apply("mark_prices", tuple(given), tuple(given.values()))

    @rule(account=st.sampled_from(TRADERS), amount=st.integers(1, 20_000), asset=numbers)
    def deposit(self, account: int, amount: int, asset: int) -> None:
        self.apply("deposits", (account,), (self.asset_of(asset),), (amount,))

    @rule(account=st.sampled_from(TRADERS), left=st.integers(0, 3), asset=numbers)
    def withdraw(self, account: int, left: int, asset: int) -> None:
        asset_id = self.asset_of(asset)
        view = self.pair.index.account(account, asset_id)
        amount = max(1, (view.withdrawable_atoms if view else 0) - left)
        self.apply("withdrawals", (account,), (asset_id,), (amount,))

    @rule(account=st.sampled_from(TRADERS), other=st.sampled_from(TRADERS), asset=numbers)
    def leave(self, account: int, other: int, asset: int) -> None:
        """Have two accounts flattened, paid out and closed; deposits open them in any order."""
        asset_id = self.asset_of(asset)
        for account_id in (account, other):
            view = self.pair.index.account(account_id, asset_id)
            for position in view.positions if view else ():
                self.update(account_id, position.market_id, 0, 1)
            if view and view.balance_atoms > 0:
                self.apply("withdrawals", (account_id,), (asset_id,), (view.balance_atoms,))
            self.apply("close_account", account_id, asset_id)

    @rule(amount=st.integers(1, 20_000), fund=numbers)
    def fund_deposit(self, amount: int, fund: int) -> None:
        self.apply("fund_deposit", 1 + fund % len(self.asset_ids), amount)

    @rule(account=accounts, market=markets, size=st.integers(-2_000, 2_000), price=prices)
    def update(self, account: int, market: int, size: int, price: int) -> None:
        mode = int(PositionUpdateMode.ABSOLUTE)
        self.apply("position_updates", mode, (account,), (market,), (size,), (price,))

    @rule(data=st.data(), market=markets)
    def change_market(self, data: st.DataObject, market: int) -> None:
        self.set_market(self.markets[market]._replace(tiers=data.draw(tiers())))

    @precondition(lambda self: self.pair.orders)
    @rule(data=st.data(), other=accounts, price=prices, share=st.sampled_from((0.5, 1, 2)))
    def fill(self, data: st.DataObject, other: int, price: int, share: float) -> None:
        order = self.pair.orders[data.draw(st.sampled_from(sorted(self.pair.orders)))]
        sides = (order.account_id, other)
        buyer, seller = sides if order.side == Side.LONG else sides[::-1]
        size = max(1, int(order.size_lots * share))
        row = (order.market_id, buyer, seller, price, size, 0, 0, order.liquidation_id)
        self.apply("trades", *((value,) for value in row))

    @precondition(lambda self: self.pair.orders)
    @rule(data=st.data())
    def report(self, data: st.DataObject) -> None:
        order_id = data.draw(st.sampled_from(sorted(self.pair.orders)))
        self.apply("liquidation_reports", (order_id,))

    @precondition(lambda self: self.pair.index.next_timer_nanos)
    @rule()
    def tick(self) -> None:
        self.millis = max(self.millis, -(-self.pair.index.next_timer_nanos // NANOS_PER_MILLI))
        self.apply("tick")

    def teardown(self) -> None:
        self.pair.finish()


class SeveralAssets(IndexAgainstScan):
    """Market 3 is settled in another asset, in which everybody has an account as well."""

    def set_market(self, parameters: MarketParameters) -> None:
        if parameters.market_id == 3:
            lot_exponent = EUR.exponent
            parameters = parameters._replace(
                asset_id=EUR.asset_id, fund_id=2, lot_exponent=lot_exponent
            )
        super().set_market(parameters)

    def open_assets(self, fund: int) -> None:
        super().open_assets(fund)
        self.apply("create_asset", *EUR)
        self.apply("create_fund", 2, EUR.asset_id)
        self.apply("fund_deposit", 2, 1 + fund)

    @property
    def asset_ids(self) -> tuple[int, ...]:
        return USD.asset_id, EUR.asset_id


TestIndexAgainstScan = IndexAgainstScan.TestCase
TestIndexAgainstScan.settings = settings(stateful_step_count=80)
TestSeveralAssets = SeveralAssets.TestCase
TestSeveralAssets.settings = settings(stateful_step_count=80)
