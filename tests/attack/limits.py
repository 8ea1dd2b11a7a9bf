"""What the limits of funds, late fills and spread debts may do in one command.

- the fund pays for a market no more than its share of the peak (FD-10), and not below what its
  drawdown leaves (FD-11); with what it takes over it holds no more than its parts (FD-8);
- a gain pays of a debt what it has above its maintenance and above what was paid in (FD-13);
- a trade that is told late costs a side what its price is worse than the mark of now: the price was
  agreed on before. The fund has a part of it if the order had ended (WF-28).
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from riskengine.core.enums import EventKind, Side
from riskengine.core.types import AccountView, Event
from riskengine.units import PPM
from tests.attack.venue import FUND, Effect

MARKET_NOTIONAL_PPM, NOTIONAL_PPM = 1_000_000, 3_000_000
DRAWDOWN_PPM, RESUME_PPM = 300_000, 250_000
SECOND_TERM_MILLIS, HOUR_MILLIS = 1_000, 3_600_000
LEVELS = {
    "fund_market_notional_ppm": MARKET_NOTIONAL_PPM,
    "fund_notional_ppm": NOTIONAL_PPM,
    "fund_drawdown_ppm": DRAWDOWN_PPM,
    "fund_resume_ppm": RESUME_PPM,
    "second_term_millis": SECOND_TERM_MILLIS,
    "late_fill_millis": HOUR_MILLIS,
    "spread_after_millis": HOUR_MILLIS,
}
"""With what a venue begins."""
BELOW_BY_A_LATE_FILL = "a late fill takes the fund below its drawdown"
KEPT_OF_A_LATE_FILL = "a late fill leaves a debt, and the fund keeps what it gains by it"
"""What an attacker could do with late fills; `test_limits` has the smallest inputs."""
SHARE_PPM, SHARE_OF_MAJOR_PPM = 50_000, 100_000
INVENTORY_PPM, INVENTORY_OF_MAJOR_PPM = 50_000, 100_000


def of_limits(
    effect: Effect, shares_ppm: Mapping[int, int], inventories_ppm: Mapping[int, int]
) -> Iterator[tuple[str, int]]:
    """Yield by how much the fund passes a limit in a command; shares, inventories by market."""
    assert effect.fund is not None
    peak = effect.fund.peak_equity_atoms
    for market_id, (_, paid) in effect.paid.items():
        most = peak * shares_ppm[market_id] // PPM
        if paid > most:
            yield "the fund pays more for a market than its share", paid - most
    least = -(-peak * (PPM - DRAWDOWN_PPM) // PPM)
    if paid_by_fund(effect) and effect.fund.equity_atoms < least:
        yield "the fund pays below its drawdown", least - effect.fund.equity_atoms
    below = min(least, noted_before(effect)) - effect.fund.noted_equity_atoms
    if late_cost(effect) > 0 and below > 0:
        yield BELOW_BY_A_LATE_FILL, below
    kept = min(lost(effect.after) - lost(effect.before), -late_cost(effect) - paid_by_fund(effect))
    if late_cost(effect) < 0 < kept:
        yield KEPT_OF_A_LATE_FILL, kept
    yield from _of_take_overs(effect, inventories_ppm)


def noted_before(effect: Effect) -> int:
    """Return what was noted of the fund before a trade: its cash, less what its inventory lost."""
    fund = effect.before[FUND]
    return fund.balance_atoms + sum(min(0, leg.unrealised_pnl_atoms) for leg in fund.positions)


def lost(views: Mapping[int, AccountView]) -> int:
    """Return what accounts and funds are below zero."""
    return sum(max(0, -view.equity_atoms) for view in views.values())


def late_cost(effect: Effect) -> int:
    """Return what a late fill costs the fund by its price; below 0: gives."""
    return agreed_costs(effect).get(FUND, 0)


def paid_by_fund(effect: Effect) -> int:
    """Return what the fund paid of losses, as a fund and as a holder."""
    paid = 0
    for event in effect.events:
        if event.kind == EventKind.INSURANCE_PAYOUT:
            paid += event.amount_atoms
        elif (event.kind, event.counterparty_account_id) == (EventKind.AUTO_DELEVERAGE, FUND):
            paid += event.loss_atoms
    return paid


def _of_take_overs(effect: Effect, inventories_ppm: Mapping[int, int]) -> Iterator[tuple[str, int]]:
    """Yield by how much what a fund holds is too much for what it has before each take-over.

    What it has is the least of balance and equity; once it has closed lots in the command, whose
    profit is not told, the equity alone.
    """
    before = effect.before[FUND]
    balance: int | None = before.balance_atoms
    equity = before.equity_atoms + effect.at_mark[FUND]
    lots = {leg.market_id: leg.size_lots for leg in before.positions}
    for event in effect.events:
        held, gets = lots.get(event.market_id, 0), _to_fund(event)
        lots[event.market_id] = after = held + _taken_by_fund(event)
        if event.kind == EventKind.TAKE_OVER and abs(after) >= abs(held):
            means = max(0, equity if balance is None else min(balance, equity))
            own_ppm = inventories_ppm[event.market_id]
            yield from _beyond_parts(lots, effect.marks, event.market_id, means, own_ppm)
        if event.kind == EventKind.LATE_FILL:
            equity -= late_cost(effect)
        equity += gets
        balance = None if balance is None or held * (after - held) < 0 else balance + gets


def _beyond_parts(
    lots: Mapping[int, int],
    marks: Mapping[int, int],
    market_id: int,
    means_atoms: int,
    own_ppm: int,
) -> Iterator[tuple[str, int]]:
    """Yield by how much a fund with those means holds too much, in the market and in all.

    The market has a part of its own, beside that of any.
    """
    sizes = {each: abs(held) * marks[each] for each, held in lots.items() if held}
    for name, size, part_ppm in (
        ("in a market", sizes.get(market_id, 0), MARKET_NOTIONAL_PPM),
        ("of this market", sizes.get(market_id, 0), own_ppm),
        ("in all", sum(sizes.values()), NOTIONAL_PPM),
    ):
        most = means_atoms * part_ppm // PPM
        if size > most:
            yield f"the fund holds too much {name}", size - most


def _taken_by_fund(event: Event) -> int:
    """Return the lots that an event adds to the fund's position."""
    if event.kind == EventKind.TAKE_OVER:
        return event.size_lots if event.side == Side.LONG else -event.size_lots
    is_close = event.kind == EventKind.AUTO_DELEVERAGE and event.rank > 0
    if is_close and event.counterparty_account_id == FUND:
        return -event.size_lots if event.side == Side.LONG else event.size_lots
    if event.kind == EventKind.LOSS_ALLOCATION and event.account_id == FUND:
        return -event.size_lots if event.side == Side.LONG else event.size_lots
    if event.kind == EventKind.LATE_FILL:
        return event.size_lots if event.side == Side.LONG else -event.size_lots
    return 0


def _to_fund(event: Event) -> int:
    """Return what an event adds to the fund's equity at the mark."""
    gets = event.discount_atoms + event.fee_atoms
    if event.kind == EventKind.INSURANCE_PAYOUT:
        gets -= event.amount_atoms
    elif (event.kind, event.counterparty_account_id) == (EventKind.AUTO_DELEVERAGE, FUND):
        gets -= event.loss_atoms
    elif event.kind == EventKind.LOSS_ALLOCATION and event.account_id == FUND:
        gets += event.haircut_atoms
    elif event.kind == EventKind.TRADE_REPRICED:
        sides = (event.account_id, event.counterparty_account_id)
        gets += event.amount_atoms * ((sides[0] == FUND) - (sides[1] == FUND))
    return gets


def of_spread(effect: Effect) -> Iterator[tuple[str, int]]:
    """Yield what a gain pays beyond what it is, and what is paid and given to no debtor."""
    paid = 0
    for event in effect.events:
        if event.kind != EventKind.LOSS_SPREAD:
            continue
        paid += event.amount_atoms
        view = effect.after[event.account_id]
        kept = max(event.maintenance_atoms, view.net_deposits_atoms, 0)
        most = max(0, event.equity_atoms - kept)
        if event.amount_atoms > most:
            yield "a gain pays more of a debt than it is", event.amount_atoms - most
        if view.equity_atoms < view.maintenance_atoms:
            yield "a gain pays of its maintenance", view.maintenance_atoms - view.equity_atoms
    given = sum(got for _, got in given_by_gains(effect))
    if paid != given:
        yield "gains pay what no debtor gets", paid - given


def given_by_gains(effect: Effect) -> Iterator[tuple[int, int]]:
    """Yield each debtor and what it got of gains: what it owed before, less what is left."""
    owed = {each: -view.equity_atoms for each, view in effect.before.items()}
    has_begun = False
    for event in effect.events:
        has_begun = has_begun or event.kind == EventKind.LOSS_SPREAD
        if event.kind == EventKind.INSURANCE_PAYOUT:
            owed[event.account_id] -= event.amount_atoms
        elif has_begun and event.kind in (EventKind.BAD_DEBT, EventKind.LIQUIDATION_ENDED):
            yield event.account_id, owed[event.account_id] - event.amount_atoms


def lots_agreed(effect: Effect) -> Counter[int]:
    """Return the lots that each side of a trade told late got by it: below 0 it sold.

    Of an order that had ended a part may be the fund's.
    """
    lots: Counter[int] = Counter()
    if effect.agreed is not None:
        lots[effect.agreed.buyer] += effect.agreed.lots
        lots[effect.agreed.seller] -= effect.agreed.lots
    for event in effect.events:
        if event.kind == EventKind.LATE_FILL:
            lots[event.account_id] -= _taken_by_fund(event)
            lots[FUND] += _taken_by_fund(event)
    return lots


def agreed_costs(effect: Effect) -> dict[int, int]:
    """Return what the price of a trade that is told late costs each side; below 0: gives."""
    if effect.agreed is None:
        return {}
    above = effect.agreed.price_ticks - effect.marks[effect.agreed.market_id]
    return {account_id: lots * above for account_id, lots in lots_agreed(effect).items()}
