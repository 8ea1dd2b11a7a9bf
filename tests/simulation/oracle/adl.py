"""Deleverage (LS-4 to LS-22): who is closed, how much each, and at what quote."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from tests.simulation.oracle import booking, fees, margin
from tests.simulation.oracle.names import MAX_BALANCE_ATOMS, MAX_SCORE_FACTOR, PPM, Kind, Side
from tests.simulation.oracle.names import Policy as LossPolicy
from tests.simulation.oracle.world import Account, Market, World


@dataclass(frozen=True)
class Exchange:
    """`needed_lots` of the account's leg against `quote_atoms`, which it receives."""

    needed_lots: int
    quote_atoms: int
    leg_is_long: bool

    def lots(self, lots: int) -> int:
        """Return what a counterparty acquires, signed (LS-6)."""
        return lots if self.leg_is_long else -lots

    def paid(self, lots: int) -> int:
        """Return what a counterparty pays (LS-6)."""
        return ceil(Fraction(self.quote_atoms * lots, self.needed_lots))


@dataclass(frozen=True)
class Counterparty:
    account: Account
    size_lots: int
    score_ppm: int
    is_eligible: bool
    seen: dict[str, int]


def score(market: Market, account_equity: int, size_lots: int, cost_atoms: int) -> int:
    """Profit times effective leverage as BitMEX ranks it; losers by loss over leverage (LS-12)."""
    value = size_lots * market.lot_value_atoms
    gain = value - cost_atoms
    profit = min(MAX_SCORE_FACTOR, abs(gain) * PPM // max(1, abs(cost_atoms)))
    leverage = MAX_SCORE_FACTOR
    if account_equity > 0:
        leverage = min(MAX_SCORE_FACTOR, abs(value) * PPM // account_equity)
    if gain > 0:
        return profit * leverage // PPM
    return -(profit * PPM // max(1, leverage))


def is_skipped(world: World, market: Market, account: Account, exchange: Exchange) -> bool:
    """Say whether it cannot be closed for as much as could be asked of it (LS-7)."""
    market_id = market.parameters.market_id
    lots = min(abs(account.size_in(market_id)), exchange.needed_lots)
    signed, paid = exchange.lots(lots), exchange.paid(lots)
    left = margin.equity(world, account) + signed * market.lot_value_atoms - paid
    after = booking.booked(booking.now(account, market_id), signed, paid)
    return left < 0 or abs(after.balance_atoms) > MAX_BALANCE_ATOMS


def candidates(
    world: World, market: Market, account: Account, exchange: Exchange
) -> list[Counterparty]:
    """Return all opposite positions, by account id, before any is booked (LS-5, LS-8)."""
    market_id = market.parameters.market_id
    found = []
    for other in world.holders(market_id):
        position = other.positions[market_id]
        if other is account or (position.size_lots > 0) == exchange.leg_is_long:
            continue
        eligible = not is_skipped(world, market, other, exchange)
        seen = margin.evidence(world, other, market_id)
        ranked = score(market, seen["equity_atoms"], position.size_lots, position.cost_atoms)
        found.append(Counterparty(other, position.size_lots, ranked, eligible, seen))
    return found


def passed_over(market: Market, found: list[Counterparty], needed_lots: int) -> int:
    """Count who was skipped: under QUEUE in order until the need is met (LS-13)."""
    if market.parameters.loss_policy == LossPolicy.PRO_RATA:
        return sum(not c.is_eligible for c in found)
    funds = [c for c in found if c.account.is_fund]
    traders = sorted(
        (c for c in found if not c.account.is_fund),
        key=lambda c: (-c.score_ppm, c.account.account_id),
    )
    skipped = 0
    for counterparty in funds + traders:
        if needed_lots <= 0:
            break
        if counterparty.is_eligible:
            needed_lots -= abs(counterparty.size_lots)
        else:
            skipped += 1
    return skipped


def greedy(ranked: list[Counterparty], rest: int) -> list[tuple[Counterparty, int]]:
    chosen = []
    for counterparty in ranked:
        lots = min(abs(counterparty.size_lots), rest)
        if lots > 0:
            chosen.append((counterparty, lots))
        rest -= lots
    return chosen


def queue(traders: list[Counterparty], rest: int) -> list[tuple[Counterparty, int]]:
    """Take by score, then account id (LS-10)."""
    ranked = sorted(traders, key=lambda c: (-c.score_ppm, c.account.account_id))
    return greedy(ranked, rest)


def pro_rata(traders: list[Counterparty], rest: int) -> list[tuple[Counterparty, int]]:
    """Share exactly, round down, and hand out the rest by largest remainder (LS-14)."""
    total = sum(abs(c.size_lots) for c in traders)
    if total <= rest:
        return [(c, abs(c.size_lots)) for c in traders]
    shares = [Fraction(rest * abs(c.size_lots), total) for c in traders]
    lots = [floor(share) for share in shares]
    by_remainder = sorted(range(len(traders)), key=lambda i: (lots[i] - shares[i], i))
    for index in by_remainder[: rest - sum(lots)]:
        lots[index] += 1
    assert sum(lots) == rest
    return [(c, share) for c, share in zip(traders, lots, strict=True) if share > 0]


POLICIES: dict[int, Callable[[list[Counterparty], int], list[tuple[Counterparty, int]]]] = {
    LossPolicy.QUEUE: queue,
    LossPolicy.PRO_RATA: pro_rata,
}


def allocate(
    market: Market, found: list[Counterparty], needed_lots: int
) -> list[tuple[Counterparty, int]]:
    """Take from funds first (LS-9), then from traders by the market's policy."""
    chosen = greedy([c for c in found if c.account.is_fund], needed_lots)
    rest = needed_lots - sum(lots for _, lots in chosen)
    traders = [c for c in found if not c.account.is_fund]
    return chosen + POLICIES[market.parameters.loss_policy](traders, rest)


def deleverage(
    world: World,
    account: Account,
    market_id: int,
    needed_lots: int,
    quote_atoms: int,
    *,
    is_fund: bool = False,
) -> int:
    """Close a part of a leg against the other side (LS-4 to LS-21); return what could be closed."""
    market = world.markets[market_id]
    seen = margin.evidence(world, account, market_id)
    leg_is_long = account.size_in(market_id) > 0
    sign = 1 if leg_is_long else -1
    loss = quote_atoms - sign * needed_lots * market.lot_value_atoms
    fund = world.fund_account(market.parameters.fund_id)
    pay = 0
    if not is_fund:
        pay = min(margin.available(world, market.parameters.fund_id), max(0, loss))
        fund.balance_atoms -= pay
        account.balance_atoms += pay
    exchange = Exchange(needed_lots, quote_atoms - pay, leg_is_long)
    everybody = candidates(world, market, account, exchange)
    skipped = passed_over(market, everybody, needed_lots)
    chosen = allocate(market, [c for c in everybody if c.is_eligible], needed_lots)
    paid = close_counterparties(world, account, market, exchange, chosen)
    closed = sum(lots for _, lots in chosen)
    received = floor(Fraction(exchange.quote_atoms * closed, needed_lots))
    booking.book(market, account, -sign * closed, -received)
    fund.balance_atoms += paid - received
    kept = floor(Fraction(pay * closed, needed_lots))
    account.balance_atoms -= pay - kept
    fund.balance_atoms += pay - kept
    fee = 0 if is_fund else fees.charge(world, account, market, closed)
    world.emit(
        Kind.LOSS_ALLOCATION,
        account,
        market_id=market_id,
        side=Side.LONG if leg_is_long else Side.SHORT,
        policy=market.parameters.loss_policy,
        needed_lots=needed_lots,
        size_lots=closed,
        touched_accounts=len(chosen),
        skipped_accounts=skipped,
        quote_atoms=received,
        amount_atoms=kept,
        fee_atoms=fee,
        haircut_atoms=paid - sign * closed * market.lot_value_atoms,
        **seen,
    )
    return closed


def close_counterparties(
    world: World,
    account: Account,
    market: Market,
    exchange: Exchange,
    chosen: list[tuple[Counterparty, int]],
) -> int:
    """Book each allocation, touch and tell (LS-16); return the sum that was paid."""
    total = 0
    for rank, (counterparty, lots) in enumerate(chosen, start=1):
        signed, paid = exchange.lots(lots), exchange.paid(lots)
        booking.book(market, counterparty.account, signed, paid)
        world.touch(counterparty.account)
        total += paid
        sign = 1 if signed > 0 else -1
        world.emit(
            Kind.AUTO_DELEVERAGE,
            account,
            counterparty_account_id=counterparty.account.account_id,
            market_id=market.parameters.market_id,
            side=Side.SHORT if exchange.leg_is_long else Side.LONG,
            size_lots=lots,
            price_ticks=floor(Fraction(sign * paid, lots * market.multiplier)),
            quote_atoms=-paid,
            rank=rank,
            score_ppm=counterparty.score_ppm,
            policy=market.parameters.loss_policy,
            **counterparty.seen,
        )
    return total
