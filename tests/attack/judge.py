"""What the rules allowed in each command, by kind, and what they gave the attacker.

Nothing of `breaches` may happen under rules that cannot be turned against the venue or its users.
All that one loses beyond the marks must be told by an event, and be no more than its rule allows:

- a holder pays for others at most what the command's marks gave the lots that were closed of him,
  and keeps his own maintenance;
- a close of his own costs its discount, a fill of an order its fee and what is between mark and
  limit;
- the fund pays for what a gap left below zero, then or later, and keeps its maintenance;
- of limits, late fills and debts that are spread `limits` tells what they may cost.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from riskengine.core.enums import AccountState, EventKind, Side
from riskengine.core.types import AccountView, Event
from riskengine.units import PPM
from tests.attack.attacker import BYSTANDER, GROUP, HOLDERS, Attacker
from tests.attack.limits import (
    agreed_costs,
    given_by_gains,
    late_cost,
    lost,
    of_limits,
    of_spread,
)
from tests.attack.venue import FUND, Effect

CLOSES = (EventKind.TAKE_OVER, EventKind.LOSS_ALLOCATION)
KEPT_OF_NOTIONAL = 10
"""A tenth of the notional stays after a withdrawal."""


class Breach(NamedTuple):
    """What the rules allowed: its kind, how many atoms, and the number of the command."""

    kind: str
    atoms: int
    command: int


class Gifts(NamedTuple):
    """What others lost to the group beyond the marks, in atoms, all of it by the rules."""

    fund_paid_in_gaps: int
    holders_paid_in_gaps: int
    fills_at_limits: int
    trades_told_late: int
    gains_paid_debts: int
    left_as_debt: int


def breaches(attacker: Attacker) -> Iterator[Breach]:
    """Yield what the rules allowed in all commands so far, and what is left at the end."""
    venue = attacker.venue
    discounts = {market.market_id: market.discount_ppm for market in venue.markets}
    parts = [
        {market.market_id: getattr(market, part) for market in venue.markets}
        for part in ("fund_share_ppm", "inventory_ppm")
    ]
    for number, effect in enumerate(venue.effects):
        for kind, atoms in of_effect(effect, discounts):
            yield Breach(kind, atoms, number)
        for kind, atoms in of_limits(effect, *parts) if attacker.is_limited else ():
            yield Breach(kind, atoms, number)
    count = len(venue.effects)
    beyond = gain_atoms(attacker) - sum(gifts(attacker))
    if beyond > 0:
        yield Breach("the group has what nobody gave it by the rules", beyond, count)
    if not venue.withdraw(BYSTANDER, venue.paid_in[BYSTANDER]):
        yield Breach("what was paid in cannot be taken out", venue.paid_in[BYSTANDER], count)


def of_effect(effect: Effect, discounts_ppm: dict[int, int]) -> Iterator[tuple[str, int]]:
    """Yield what one command did against the rules, with atoms; discounts by market."""
    for account_id in effect.beyond:
        if account_id in HOLDERS:
            yield from _of_holder(effect, account_id)
        elif account_id == FUND:
            yield from _of_fund(effect)
    yield from _of_losses(effect)
    yield from of_spread(effect)
    for event in effect.events:
        if event.kind == EventKind.TRADE_REPRICED:
            yield from _of_repriced(event, is_late=effect.agreed is not None)
        elif event.kind in CLOSES:
            yield from _of_close(event, discounts_ppm[event.market_id])
    for account_id in (*HOLDERS, BYSTANDER):
        yield from _of_withdrawal(effect.after[account_id])


def _of_holder(effect: Effect, account_id: int) -> Iterator[tuple[str, int]]:
    lots, paid = _closed_of(effect, account_id)
    for market_id, atoms in paid.items():
        gave = abs(effect.moved.get(market_id, 0)) * lots[market_id]
        if atoms > gave:
            yield f"a holder pays more than a {effect.what} gave his lots", atoms - gave
    view = effect.after[account_id]
    if any(paid.values()) and view.equity_atoms < view.maintenance_atoms:
        yield "a holder pays of his maintenance", view.maintenance_atoms - view.equity_atoms
    told = sum(paid.values()) + _of_own_closes(effect, account_id)
    told += _of_spread_and_agreed(effect, account_id)
    if -effect.beyond[account_id] > told:
        yield f"a {effect.what} costs a holder", -effect.beyond[account_id] - told


def _of_own_closes(effect: Effect, account_id: int) -> int:
    """Return discounts, fees and what fills at a limit cost one whose own legs were closed."""
    cost = 0
    for event in effect.events:
        if event.account_id == account_id:
            cost += event.discount_atoms + event.fee_atoms
            if event.kind == EventKind.LIQUIDATION_FILL:
                cost += _fill_below_mark(event)
    return cost


def _of_spread_and_agreed(effect: Effect, account_id: int) -> int:
    """Return what one paid of debts, and what a trade told late costs him but by a fill of his."""
    told = [event for event in effect.events if event.account_id == account_id]
    cost = sum(each.amount_atoms for each in told if each.kind == EventKind.LOSS_SPREAD)
    if not any(each.kind == EventKind.LIQUIDATION_FILL for each in told):
        cost += max(0, agreed_costs(effect).get(account_id, 0))
    return cost


def _fill_below_mark(event: Event) -> int:
    """Return what a fill cost its account against the mark."""
    sold = event.side == Side.SHORT
    worse = event.mark_price_ticks - event.price_ticks
    return max(0, event.size_lots * (worse if sold else -worse))


def _closed_of(effect: Effect, account_id: int) -> tuple[Counter[int], Counter[int]]:
    """Return by market the lots that were closed of a holder, and what he paid."""
    lots: Counter[int] = Counter()
    paid: Counter[int] = Counter()
    for event in effect.events:
        is_close = event.kind == EventKind.AUTO_DELEVERAGE
        if is_close and event.counterparty_account_id == account_id:
            lots[event.market_id] += event.size_lots
            paid[event.market_id] += event.loss_atoms
    return lots, paid


def _of_fund(effect: Effect) -> Iterator[tuple[str, int]]:
    payouts = [event for event in effect.events if event.kind == EventKind.INSURANCE_PAYOUT]
    _, as_holder = _closed_of(effect, FUND)
    told = sum(event.amount_atoms for event in payouts) + sum(as_holder.values())
    late = late_cost(effect)
    if -effect.beyond[FUND] > told + max(0, late):
        yield f"a {effect.what} costs the fund", -effect.beyond[FUND] - told - max(0, late)
    view = effect.after[FUND]
    if told and view.equity_atoms < view.maintenance_atoms:
        yield "the fund pays of its maintenance", view.maintenance_atoms - view.equity_atoms
    for event in payouts:
        is_debtor = _is_debtor(effect.before.get(event.account_id))
        if not effect.moved and not is_debtor:
            yield f"the fund pays for a {effect.what}", event.amount_atoms


def _is_debtor(view: AccountView | None) -> bool:
    return view is not None and view.equity_atoms < 0


def _of_losses(effect: Effect) -> Iterator[tuple[str, int]]:
    before, after = lost(effect.before), lost(effect.after)
    if after > before and not effect.moved:
        yield f"a {effect.what} leaves a loss", after - before
    for view in effect.after.values():
        if view.equity_atoms < 0 and view.positions:
            yield "one below zero keeps legs", -view.equity_atoms


def _of_repriced(event: Event, *, is_late: bool) -> Iterator[tuple[str, int]]:
    """Yield what a payment takes from the other side's mark, or gives beyond zero equity.

    Of a late fill the fund gets back what takes it below its drawdown.
    """
    taken = event.size_lots * abs(event.price_ticks - event.mark_price_ticks)
    if event.amount_atoms > taken:
        yield "a trade is repriced beyond the mark", event.amount_atoms - taken
    is_of_fund = is_late and event.account_id == FUND
    if not is_of_fund and event.equity_atoms + event.amount_atoms > 0:
        yield "a trade is repriced for one who can pay", event.equity_atoms + event.amount_atoms


def _of_close(event: Event, discount_ppm: int) -> Iterator[tuple[str, int]]:
    """Yield what a close costs beyond its discount, or beyond the equity."""
    full = -(-event.size_lots * event.mark_price_ticks * discount_ppm // PPM)
    most = min(full, max(0, event.equity_atoms))
    if event.discount_atoms > most:
        yield "a close costs more than its discount", event.discount_atoms - most


def _of_withdrawal(view: AccountView) -> Iterator[tuple[str, int]]:
    """Yield what one paid in that his margin would let go and the venue does not."""
    if view.state in (AccountState.LIQUIDATING, AccountState.BANKRUPT):
        return
    kept = max(view.initial_atoms, -(-view.notional_atoms // KEPT_OF_NOTIONAL))
    free = min(view.balance_atoms, view.equity_atoms - kept, view.net_deposits_atoms)
    if view.withdrawable_atoms < free:
        yield "what was paid in has to stay", free - view.withdrawable_atoms


def gain_atoms(attacker: Attacker) -> int:
    """Return what the group has beyond what it paid in and what the marks gave it."""
    venue, accounts = attacker.venue, attacker.venue.accounts()
    has = sum(venue.withdrawn.get(each, 0) for each in GROUP)
    has += sum(max(0, accounts[each].equity_atoms) for each in GROUP if each in accounts)
    marks = sum(effect.at_mark.get(each, 0) for effect in venue.effects for each in GROUP)
    return has - sum(venue.paid_in.get(each, 0) for each in GROUP) - marks


def gifts(attacker: Attacker) -> Gifts:
    """Return what others lost to the group; what it paid as a holder is taken off."""
    given: Counter[str] = Counter()
    for effect in attacker.venue.effects:
        for event in effect.events:
            _add_gift(given, event)
        given["late"] -= sum(agreed_costs(effect).get(each, 0) for each in GROUP)
        given["late"] += _repriced_to_group(effect)
        given["spread"] += sum(got for each, got in given_by_gains(effect) if each in GROUP)
    views = attacker.venue.accounts()
    debt = sum(max(0, -views[each].equity_atoms) for each in GROUP if each in views)
    return Gifts(
        given["fund"], given["holders"], given["fills"], given["late"], given["spread"], debt
    )


def _add_gift(given: Counter[str], event: Event) -> None:
    """Add what an event gives to the group, or takes from it."""
    is_own = event.account_id in GROUP
    if event.kind == EventKind.INSURANCE_PAYOUT and is_own:
        given["fund"] += event.amount_atoms
    elif event.kind == EventKind.LOSS_ALLOCATION and is_own:
        given["holders"] += event.haircut_atoms
    elif event.kind == EventKind.AUTO_DELEVERAGE and event.counterparty_account_id in GROUP:
        given["holders"] -= event.loss_atoms
    elif event.kind == EventKind.LIQUIDATION_FILL and not is_own:
        given["fills"] += _fill_below_mark(event)
    elif event.kind == EventKind.LOSS_SPREAD and is_own:
        given["spread"] -= event.amount_atoms


def _repriced_to_group(effect: Effect) -> int:
    """Return what others paid back to the group of a trade told late, less what it paid back."""
    return sum(
        event.amount_atoms
        * ((event.account_id in GROUP) - (event.counterparty_account_id in GROUP))
        for event in effect.events
        if event.kind == EventKind.TRADE_REPRICED and effect.agreed is not None
    )
