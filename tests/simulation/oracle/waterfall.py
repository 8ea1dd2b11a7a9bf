"""The steps of a liquidation, from the first order to its end (WF-2 to WF-22, LS-1 to LS-3)."""

from typing import NamedTuple

from tests.simulation.oracle import adl, booking, closes, fees, margin
from tests.simulation.oracle.names import NANOS_PER_MILLI, PPM, Ended, Kind, Side, State
from tests.simulation.oracle.world import Account, Market, Order, World


def is_below_take_over(world: World, account: Account) -> bool:
    """Say whether all legs are to be resolved (WF-2)."""
    equity_atoms, maintenance_atoms = margin.assess(world, account)
    return equity_atoms * PPM < world.risk.take_over_ppm * maintenance_atoms


def is_over(world: World, account: Account) -> bool:
    return not account.positions or margin.is_safe(world, account)


def step(world: World, account: Account) -> None:
    """Take steps (WF-2) as long as `continue` leads back to one (WF-20)."""
    while _attempt(world, account):
        pass


def _attempt(world: World, account: Account) -> bool:
    """Resolve all (WF-3) or issue orders (WF-4); tell whether another step follows."""
    if is_over(world, account):
        finish(world, account)
        return False
    if is_below_take_over(world, account):
        account.shortfall = False
        for market_id in margin.legs(world, account):
            resolve(world, account, market_id, abs(account.size_in(market_id)))
    else:
        issue_orders(world, account)
        if account.open_orders:
            return False
    return _continues(world, account)


def _continues(world: World, account: Account) -> bool:
    """Finish, or wait for counterparties, or tell that another step follows (WF-20)."""
    if is_over(world, account):
        finish(world, account)
        return False
    if account.shortfall:
        timeouts = [
            world.markets[market_id].parameters.liquidation_timeout_millis
            for market_id in account.positions
        ]
        set_retry(world, account, max(timeouts))
        return False
    return True


def set_retry(world: World, account: Account, millis: int) -> None:
    """Have the account go on by itself after that time (TM-3)."""
    world.set_retry(world.command_time_nanos + millis * NANOS_PER_MILLI, account)


def issue_orders(world: World, account: Account) -> None:
    """Order the least closes; resolve a leg without a limit price in whole (WF-4)."""
    rules = closes.Rules(world.risk.liquidation_buffer_ppm)
    for close in closes.plan(world, account, rules):
        limit = closes.limit_price(world, account, close)
        if limit == 0:
            resolve(world, account, close.market_id, abs(account.size_in(close.market_id)))
        else:
            issue_order(world, account, close, limit)


def issue_order(world: World, account: Account, close: closes.Close, limit: int) -> None:
    """Issue an order with the next id and a deadline (WF-13)."""
    timeout = world.markets[close.market_id].parameters.liquidation_timeout_millis
    deadline = world.command_time_nanos + timeout * NANOS_PER_MILLI
    side = Side.SHORT if account.size_in(close.market_id) > 0 else Side.LONG
    world.last_liquidation_id += 1
    order = Order(
        world.last_liquidation_id,
        account.name,
        close.market_id,
        side,
        close.size_lots,
        limit,
        close.sliced,
    )
    account.orders.append(order)
    world.set_deadline(deadline, order)
    world.emit(
        Kind.LIQUIDATION_ORDER,
        account,
        liquidation_id=order.liquidation_id,
        market_id=close.market_id,
        side=side,
        size_lots=close.size_lots,
        price_ticks=limit,
        deadline_nanos=deadline,
        sliced=close.sliced,
        **margin.evidence(world, account, close.market_id),
    )


class Closing(NamedTuple):
    """What a fill closes of the position, and the equity and maintenance before it."""

    lots: int
    before: tuple[int, int]


def closing(world: World, order: Order, size_lots: int) -> Closing:
    """Return what a fill closes of the position that the order's account has now."""
    account = world.accounts[order.account]
    held = account.size_in(order.market_id)
    closable = max(0, held if order.side == Side.SHORT else -held)
    return Closing(min(size_lots, closable), margin.assess(world, account))


def fill(world: World, order: Order, size_lots: int, price_ticks: int, closed: Closing) -> None:
    """Note the fill and take the fee; both sides are booked and repriced already (WF-14)."""
    account = world.accounts[order.account]
    seen = margin.evidence(world, account, order.market_id)
    order.filled_lots += size_lots
    market = world.markets[order.market_id]
    fee = fees.charge_fill(world, account, market, closed.lots, closed.before)
    world.emit(
        Kind.LIQUIDATION_FILL,
        account,
        liquidation_id=order.liquidation_id,
        market_id=order.market_id,
        side=order.side,
        size_lots=size_lots,
        price_ticks=price_ticks,
        fee_atoms=fee,
        **seen,
    )
    if order.filled_lots >= order.size_lots:
        end_order(world, order, Ended.FILLED)


def end_order(world: World, order: Order, outcome: Ended) -> None:
    """End an order and touch its account (WF-16)."""
    order.ended = True
    account = world.accounts[order.account]
    world.touch(account)
    world.emit(
        Kind.LIQUIDATION_ORDER_ENDED,
        account,
        liquidation_id=order.liquidation_id,
        market_id=order.market_id,
        size_lots=order.filled_lots,
        needed_lots=max(0, order.size_lots - order.filled_lots),
        outcome=outcome,
    )


def conclude(world: World, account: Account) -> None:
    """All orders of the attempt have ended: rests (WF-18), then what follows (WF-19)."""
    account.shortfall = False
    orders = sorted(account.orders, key=lambda order: order.liquidation_id)
    for order in orders:
        if margin.is_safe(world, account):
            break
        size = account.size_in(order.market_id)
        rest = min(order.size_lots - order.filled_lots, abs(size))
        closing = Side.SHORT if size > 0 else Side.LONG
        if rest > 0 and order.side == closing:
            resolve(world, account, order.market_id, rest)
    account.orders = []
    cooldown = max(
        (
            world.markets[order.market_id].parameters.liquidation_cooldown_millis
            for order in orders
            if order.sliced
        ),
        default=0,
    )
    if is_over(world, account):
        finish(world, account)
    elif cooldown > 0:
        set_retry(world, account, cooldown)
    elif _continues(world, account):
        step(world, account)


def finish(world: World, account: Account) -> None:
    """End the liquidation (WF-21), with a debt where one is left (WF-22)."""
    account.retry_nanos = 0
    account.shortfall = False
    if not account.positions and account.balance_atoms < 0:
        pay_debt(world, account)
        if account.balance_atoms < 0:
            world.set_state(account, State.BANKRUPT)
            world.emit(Kind.BAD_DEBT, account, amount_atoms=-account.balance_atoms)
            return
    end_liquidation(world, account)


def end_liquidation(world: World, account: Account) -> None:
    equity_atoms, maintenance_atoms = margin.assess(world, account)
    called = equity_atoms * PPM < world.risk.margin_call_ppm * maintenance_atoms
    world.set_state(account, State.MARGIN_CALL if called else State.NORMAL)
    world.emit(
        Kind.LIQUIDATION_ENDED,
        account,
        state=account.state,
        **margin.evidence(world, account),
    )


def pay_debt(world: World, account: Account) -> None:
    """Let the debt fund pay what it can of a negative balance (WF-22)."""
    if account.debt_fund == 0:
        return
    amount = min(margin.available(world, account.debt_fund), -account.balance_atoms)
    if amount <= 0:
        return
    world.fund_account(account.debt_fund).balance_atoms -= amount
    account.balance_atoms += amount
    world.emit(Kind.INSURANCE_PAYOUT, account, fund_id=account.debt_fund, amount_atoms=amount)


def settle_debts(world: World) -> None:
    """Have debts paid in the order in which they arose (FD-6, FD-7)."""
    for name in list(world.bankrupt):
        account = world.accounts[name]
        pay_debt(world, account)
        if account.balance_atoms == 0:
            end_liquidation(world, account)


def resolve(world: World, account: Account, market_id: int, lots: int) -> None:
    """Let the fund take a part of a leg over, else spread it over the other side (LS-1, LS-22)."""
    market = world.markets[market_id]
    quote = margin.bankruptcy_quote(world, account, market_id, lots)
    if take_over(world, account, market, lots, quote):
        return
    closed = adl.deleverage(world, account, market_id, lots, quote)
    if closed < lots:
        account.shortfall = True


def take_over(world: World, account: Account, market: Market, lots: int, quote: int) -> bool:
    """Have the fund take the leg over (LS-3), if it can (LS-2)."""
    market_id = market.parameters.market_id
    fund = world.fund_account(market.parameters.fund_id)
    is_long = account.size_in(market_id) > 0
    signed = lots if is_long else -lots
    before = booking.now(fund, market_id)
    after = booking.booked(before, signed, quote)
    if not booking.fits(market, fund, after):
        return False
    seen = margin.evidence(world, account, market_id)
    booking.put(market, fund, after)
    if not margin.is_safe(world, fund):
        booking.put(market, fund, before)
        return False
    booking.book(market, account, -signed, -quote)
    fee = fees.charge(world, account, market, lots)
    world.emit(
        Kind.TAKE_OVER,
        account,
        market_id=market_id,
        fund_id=market.parameters.fund_id,
        counterparty_account_id=fund.account_id,
        side=Side.LONG if is_long else Side.SHORT,
        size_lots=lots,
        quote_atoms=quote,
        fee_atoms=fee,
        **seen,
    )
    return True


def shrink_fund(world: World, fund: Account) -> None:
    """Deleverage a fund below its own maintenance (FD-2, FD-3); it waits for nothing (FD-4)."""
    for close in closes.plan(world, fund, closes.Rules(0, is_fund=True)):
        size = fund.size_in(close.market_id)
        quote = (1 if size > 0 else -1) * close.size_lots
        quote *= world.markets[close.market_id].lot_value_atoms
        if margin.equity(world, fund) < 0:
            quote = margin.bankruptcy_quote(world, fund, close.market_id, close.size_lots)
        adl.deleverage(world, fund, close.market_id, close.size_lots, quote, is_fund=True)
