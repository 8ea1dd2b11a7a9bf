"""Small worlds for tests of the oracle alone: accounts by their equity, marks as they were."""

from tests.simulation.oracle import judgement, margin, views
from tests.simulation.oracle.names import FUND_ACCOUNT_BASE, Kind, State
from tests.simulation.oracle.world import (
    Account,
    AccountName,
    Asset,
    EventFields,
    Market,
    MarketParameters,
    Order,
    Position,
    RiskTier,
    World,
)

USD, FUND = 1, 1
FUND_ACCOUNT = FUND_ACCOUNT_BASE + FUND
FIVE_PERCENT = (RiskTier(0, 100_000, 50_000),)
HIGHEST_TICKS, LARGEST_LOTS = 10**7, 10**9


def market(
    market_id: int, before: int, mark: int, discount_ppm: int = 20_000, **changed: object
) -> Market:
    """Return a market whose mark the running command has moved; nothing costs a fee."""
    parameters = MarketParameters(
        market_id=market_id,
        symbol=f"M{market_id}",
        asset_id=USD,
        fund_id=FUND,
        tick_exponent=0,
        lot_exponent=0,
        price_step_ticks=1,
        size_step_lots=1,
        max_price_ticks=HIGHEST_TICKS,
        max_position_lots=LARGEST_LOTS,
        tiers=FIVE_PERCENT,
        liquidation_fee_ppm=0,
        liquidation_timeout_millis=1_000,
        liquidation_slice_lots=0,
        liquidation_cooldown_millis=0,
        dust_notional_atoms=0,
        loss_policy=1,
        discount_ppm=discount_ppm,
    )._replace(**changed)  # type: ignore[arg-type]
    return Market(parameters, 1, mark, previous_value_atoms=before, marked_sequence=1)


def world(*markets: Market, fund_atoms: int = 0) -> World:
    """Return a world with a fund and those markets, in its first command."""
    made = World(assets={USD: Asset(USD, "USD", 0)})
    made.markets = {one.parameters.market_id: one for one in markets}
    made.funds[FUND] = AccountName(FUND_ACCOUNT, USD)
    hold(made, FUND_ACCOUNT, fund_atoms, {}).is_fund = True
    return made


def hold(world: World, account_id: int, equity_atoms: int, sizes: dict[int, int]) -> Account:
    """Give an account that equity and those positions, entered at the mark, and touch it."""
    account = Account(AccountName(account_id, USD), balance_atoms=equity_atoms)
    for market_id, lots in sizes.items():
        value = world.markets[market_id].lot_value_atoms
        account.positions[market_id] = Position(lots, lots * value)
        world.markets[market_id].outside_lots -= lots
        world.markets[market_id].outside_cost_atoms -= lots * value
        account.debt_market = market_id
    world.accounts[account.name] = account
    world.assets[USD].net_deposits_atoms += equity_atoms
    world.touch(account)
    return account


def ordered(world: World, account: Account, order: Order) -> Order:
    """Have the account liquidated by that order, which is open until far from now."""
    account.state = State.LIQUIDATING
    account.orders.append(order)
    world.last_liquidation_id = max(world.last_liquidation_id, order.liquidation_id)
    world.set_deadline(2**62, order)
    return order


def judge(world: World) -> list[EventFields]:
    """Judge, and assert what holds between two commands; return what was told."""
    judgement.judge(world)
    views.check_invariants(world)
    return world.events


def of_kind(events: list[EventFields], kind: Kind) -> list[EventFields]:
    return [event for event in events if event["kind"] == kind]


def equity(world: World, account_id: int) -> int:
    return margin.equity(world, world.accounts[AccountName(account_id, USD)])


def size(world: World, account_id: int, market_id: int = 1) -> int:
    return world.accounts[AccountName(account_id, USD)].size_in(market_id)
