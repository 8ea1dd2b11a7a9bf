"""Holders of the other side: who is closed, and how much each (LS-9 to LS-14, LS-17)."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.simulation.oracle import booking, gap, margin, means
from tests.simulation.oracle.names import MAX_BALANCE_ATOMS, MAX_SCORE_FACTOR, PPM
from tests.simulation.oracle.names import Policy as LossPolicy
from tests.simulation.oracle.parts import exact_parts
from tests.simulation.oracle.world import Account, Market, World


@dataclass(eq=False)
class Holder:
    """A holder as the policy sees it, and what is closed of it; `pay_atoms` is of the loss."""

    account: Account
    size_lots: int
    score_ppm: int
    is_eligible: bool
    seen: dict[str, int]
    lots: int = 0
    pay_atoms: int = 0

    @property
    def left_lots(self) -> int:
        return abs(self.size_lots) - self.lots


@dataclass
class Choice:
    """The shares in the policy's order, and how many were skipped for it."""

    shares: list[Holder]
    skipped: int


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


def fits(market: Market, account: Account, wanted_lots: int) -> bool:
    """Say whether the balance stays in its bounds when as much as may be is closed (LS-7)."""
    size = account.size_in(market.parameters.market_id)
    lots = min(abs(size), wanted_lots) * (-1 if size > 0 else 1)
    before = booking.now(account, market.parameters.market_id)
    after = booking.booked(before, lots, lots * market.lot_value_atoms)
    return abs(after.balance_atoms) <= MAX_BALANCE_ATOMS


def opposite(world: World, market: Market, closes_longs: bool, wanted_lots: int) -> list[Holder]:
    """Return all legs of the other side, by account id."""
    market_id = market.parameters.market_id
    found = []
    for account in world.holders(market_id):
        position = account.positions[market_id]
        if (position.size_lots > 0) == closes_longs:
            continue
        seen = margin.evidence(world, account, market_id)
        ranked = score(market, seen["equity_atoms"], position.size_lots, position.cost_atoms)
        eligible = fits(market, account, wanted_lots)
        found.append(Holder(account, position.size_lots, ranked, eligible, seen))
    return found


def in_order(market: Market, found: list[Holder]) -> list[Holder]:
    """Put funds first (LS-9), by id; traders by score under QUEUE (LS-10), else by id (LS-15)."""
    funds = [holder for holder in found if holder.account.is_fund]
    traders = [holder for holder in found if not holder.account.is_fund]
    if market.parameters.loss_policy == LossPolicy.QUEUE:
        traders.sort(key=lambda holder: (-holder.score_ppm, holder.account.account_id))
    return funds + traders


def passed_over(market: Market, ranked: list[Holder], wanted_lots: int) -> int:
    """Count who was skipped: under QUEUE in order until the need is met (LS-13)."""
    if market.parameters.loss_policy == LossPolicy.PRO_RATA:
        return sum(not holder.is_eligible for holder in ranked)
    skipped = 0
    for holder in ranked:
        if wanted_lots <= 0:
            break
        if holder.is_eligible:
            wanted_lots -= abs(holder.size_lots)
        else:
            skipped += 1
    return skipped


def greedy(ranked: list[Holder], wanted: int, unit_lots: int) -> int:
    """Take from one after the other as many whole units as it has; return what is still wanted."""
    for holder in ranked:
        units = min(holder.left_lots // unit_lots, wanted)
        holder.lots += units * unit_lots
        wanted -= units
    return wanted


def pro_rata(ranked: list[Holder], wanted: int, unit_lots: int) -> int:
    """Take whole units by how many each has, exactly (LS-14); return what is still wanted."""
    units = [holder.left_lots // unit_lots for holder in ranked]
    if sum(units) > wanted:
        units = exact_parts(wanted, units, [holder.account.account_id for holder in ranked])
    for holder, share in zip(ranked, units, strict=True):
        holder.lots += share * unit_lots
    return wanted - sum(units)


POLICIES: dict[int, Callable[[list[Holder], int, int], int]] = {
    LossPolicy.QUEUE: greedy,
    LossPolicy.PRO_RATA: pro_rata,
}


def choose(world: World, market: Market, closes_longs: bool, wanted_lots: int) -> Choice:
    """Share lots in whole steps first, then what these leave over in lots (LS-14)."""
    ranked = in_order(market, opposite(world, market, closes_longs, wanted_lots))
    skipped = passed_over(market, ranked, wanted_lots)
    eligible = [holder for holder in ranked if holder.is_eligible]
    funds = [holder for holder in eligible if holder.account.is_fund]
    traders = [holder for holder in eligible if not holder.account.is_fund]
    step = market.parameters.size_step_lots
    steps, odd_lots = divmod(wanted_lots, step)
    steps = greedy(funds, steps, step)
    steps = POLICIES[market.parameters.loss_policy](traders, steps, step)
    greedy(eligible, steps * step + odd_lots, 1)
    return Choice([holder for holder in eligible if holder.lots > 0], skipped)


def cap(world: World, market: Market, holder: Holder) -> int:
    """Return the most that a holder pays (LS-17): what the command gave its lots, if it can."""
    gained = abs(gap.move(world, market)) * holder.lots
    if holder.account.is_fund:
        spare = means.available(world, holder.account)
    else:
        equity_atoms, maintenance_atoms = margin.assess(world, holder.account)
        spare = max(0, equity_atoms - maintenance_atoms)
    return min(gained, spare)


def lay_loss(world: World, market: Market, shares: list[Holder], loss_atoms: int) -> int:
    """Share a loss by lots, then offer once what some cannot pay (LS-17); return what is paid."""
    if loss_atoms == 0:
        return 0
    ids = [holder.account.account_id for holder in shares]
    due = exact_parts(loss_atoms, [holder.lots for holder in shares], ids)
    caps = [cap(world, market, holder) for holder in shares]
    for holder, part, most in zip(shares, due, caps, strict=True):
        holder.pay_atoms = min(part, most)
    missing = loss_atoms - sum(holder.pay_atoms for holder in shares)
    for holder, most in zip(shares, caps, strict=True):
        more = min(most - holder.pay_atoms, missing)
        holder.pay_atoms += more
        missing -= more
    for holder in shares:
        holder.account.balance_atoms -= holder.pay_atoms
    return sum(holder.pay_atoms for holder in shares)
