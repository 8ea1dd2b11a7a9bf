"""Needs of a market are closed together (LS-6 to LS-18): both sides first, then with holders."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from typing import NamedTuple

from tests.simulation.oracle import booking, discounts, holders
from tests.simulation.oracle.holders import Choice, Holder
from tests.simulation.oracle.judged import Judged
from tests.simulation.oracle.names import Kind, Side, State
from tests.simulation.oracle.parts import exact_parts
from tests.simulation.oracle.world import Market, Order, World


@dataclass(eq=False)
class Need:
    """Lots of a leg that are to be closed with holders, and the loss that goes with them."""

    judged: Judged
    market_id: int
    is_long: bool
    lots: int
    loss_atoms: int = 0
    has_discount: bool = False
    left_by: Order | None = None
    seen: dict[str, int] = field(default_factory=dict)
    netted_lots: int = 0
    held_lots: int = 0
    pair_count: int = 0
    skipped: int = 0
    discount_atoms: int = 0
    got_atoms: int = 0

    @property
    def closed_lots(self) -> int:
        return self.netted_lots + self.held_lots

    @property
    def sign(self) -> int:
        return 1 if self.is_long else -1

    @property
    def account_id(self) -> int:
        return self.judged.account.account_id


class Pair(NamedTuple):
    """Lots of a need that meet those of the other side: of a need, or of a holder."""

    need: Need
    other: int
    lots: int


def need(
    judged: Judged,
    market_id: int,
    lots: int,
    loss_atoms: int = 0,
    *,
    has_discount: bool = False,
    left_by: Order | None = None,
) -> Need:
    """Return the need to close lots of the account's leg, that an order may have left."""
    judged.has_needs = True
    is_long = judged.account.size_in(market_id) > 0
    return Need(judged, market_id, is_long, lots, loss_atoms, has_discount, left_by)


def pair_up(first: list[int], second: list[int]) -> Iterator[tuple[int, int, int]]:
    """Yield which of the first meets which of the second, in order, and with how many lots."""
    left, right = list(first), list(second)
    i = j = 0
    while i < len(left) and j < len(right):
        lots = min(left[i], right[j])
        if lots:
            yield i, j, lots
        left[i] -= lots
        right[j] -= lots
        i, j = i + (left[i] == 0), j + (right[j] == 0)


def close_market(world: World, market: Market, needs: list[Need]) -> None:
    """Net both sides (LS-6), close the rest with holders, share its loss (LS-8), tell all."""
    for one in needs:
        cut_to_leg(one)
        one.seen = one.judged.evidence(world, market.parameters.market_id)
    longs = [one for one in needs if one.is_long]
    shorts = [one for one in needs if not one.is_long]
    netted = net(market, longs, shorts)
    rest = longs if left_of(longs) else shorts
    choice = choose(world, market, rest)
    pairs = close_with_holders(market, rest, choice)
    for one in needs:
        pay_discount(world, market, one)
    if choice.shares:
        share_loss(world, market, rest, choice.shares)
    for pair in netted:
        tell_netted(world, market, pair, shorts[pair.other])
    tell_holders(world, market, pairs, choice.shares)
    for one in needs:
        tell_allocation(world, market, one)
        one.judged.moved_lots += one.closed_lots
    for holder in choice.shares:
        world.touch(holder.account)


def left_of(needs: list[Need]) -> int:
    """Return the lots that are still to be closed after the netting."""
    return sum(one.lots - one.netted_lots for one in needs)


def choose(world: World, market: Market, rest: list[Need]) -> Choice:
    """Choose holders for what is left, if anything is; note how many were skipped."""
    wanted = left_of(rest)
    if not wanted:
        return Choice([], 0)
    choice = holders.choose(world, market, rest[0].is_long, wanted)
    for one in rest:
        one.skipped = choice.skipped
    return choice


def cut_to_leg(one: Need) -> None:
    """Cut a need to what is there: a fund may have taken lots of the other side over since."""
    held = one.sign * one.judged.account.size_in(one.market_id)
    one.lots = min(one.lots, max(0, held))


def close(market: Market, one: Need, lots: int) -> None:
    """Book lots of a need at the mark."""
    signed = -one.sign * lots
    booking.book(market, one.judged.account, signed, signed * market.lot_value_atoms)


def net(market: Market, longs: list[Need], shorts: list[Need]) -> list[Pair]:
    """Pair the needs of both sides in order, and book them at the mark (LS-6)."""
    pairs = [
        Pair(longs[i], j, lots)
        for i, j, lots in pair_up([one.lots for one in longs], [one.lots for one in shorts])
    ]
    for pair in pairs:
        for one in (pair.need, shorts[pair.other]):
            one.netted_lots += pair.lots
            one.pair_count += 1
    for one in longs + shorts:
        close(market, one, one.netted_lots)
    return pairs


def close_with_holders(market: Market, rest: list[Need], choice: Choice) -> list[Pair]:
    """Pair what is left of needs with shares in order (LS-16), and book both at the mark."""
    left = [one.lots - one.netted_lots for one in rest]
    lots_of_shares = [holder.lots for holder in choice.shares]
    pairs = [Pair(rest[i], j, lots) for i, j, lots in pair_up(left, lots_of_shares)]
    for holder in choice.shares:
        signed = holder.lots if holder.size_lots < 0 else -holder.lots
        booking.book(market, holder.account, signed, signed * market.lot_value_atoms)
    for pair in pairs:
        pair.need.held_lots += pair.lots
        pair.need.pair_count += 1
    for one in rest:
        close(market, one, one.held_lots)
    return pairs


def pay_discount(world: World, market: Market, one: Need) -> None:
    """Move the discount on what was closed of a need to the market's fund (LS-19)."""
    if not one.has_discount:
        return
    size = one.seen["position_lots"]
    fund = world.fund_account(market.parameters.fund_id)
    full = discounts.discount(market, one.judged, size, one.closed_lots)
    one.discount_atoms = min(full, discounts.room(fund))
    one.judged.account.balance_atoms -= one.discount_atoms
    fund.balance_atoms += one.discount_atoms


def share_loss(world: World, market: Market, rest: list[Need], shares: list[Holder]) -> None:
    """Have the holders pay for the loss of their side's needs, which get it by loss (LS-17)."""
    losses = [one.loss_atoms for one in rest]
    paid = holders.lay_loss(world, market, shares, sum(losses))
    got = exact_parts(paid, losses, [one.account_id for one in rest])
    for one, atoms in zip(rest, got, strict=True):
        one.got_atoms = atoms
        one.judged.account.balance_atoms += atoms


def tell_netted(world: World, market: Market, pair: Pair, short: Need) -> None:
    """Tell of lots of two closed accounts that met (LS-16)."""
    world.emit(
        Kind.AUTO_DELEVERAGE,
        pair.need.judged.account,
        counterparty_account_id=short.account_id,
        market_id=pair.need.market_id,
        side=Side.SHORT,
        size_lots=pair.lots,
        price_ticks=market.mark_price_ticks,
        quote_atoms=-pair.lots * market.lot_value_atoms,
        **short.seen,
    )


def tell_holders(world: World, market: Market, pairs: list[Pair], shares: list[Holder]) -> None:
    """Tell of each pair what the holder receives, less its part of what it pays (LS-16)."""
    parts: dict[int, Iterator[int]] = {}
    for number, holder in enumerate(shares):
        weights = [pair.lots for pair in pairs if pair.other == number]
        parts[number] = iter(exact_parts(holder.pay_atoms, weights))
    for pair in pairs:
        tell_holder(world, market, pair, shares[pair.other], next(parts[pair.other]))


def tell_holder(world: World, market: Market, pair: Pair, holder: Holder, loss_atoms: int) -> None:
    is_long = holder.size_lots > 0
    sign = 1 if is_long else -1
    quote = sign * pair.lots * market.lot_value_atoms - loss_atoms
    world.emit(
        Kind.AUTO_DELEVERAGE,
        pair.need.judged.account,
        counterparty_account_id=holder.account.account_id,
        market_id=market.parameters.market_id,
        side=Side.LONG if is_long else Side.SHORT,
        size_lots=pair.lots,
        price_ticks=floor(Fraction(sign * quote, pair.lots * market.multiplier)),
        quote_atoms=quote,
        loss_atoms=loss_atoms,
        rank=pair.other + 1,
        score_ppm=holder.score_ppm,
        policy=market.parameters.loss_policy,
        **holder.seen,
    )


def tell_allocation(world: World, market: Market, one: Need) -> None:
    """Tell what became of a need, unless nothing did and nobody waits for it (LS-20)."""
    loss = one.judged.loss(one.market_id)
    happened = one.closed_lots or one.got_atoms or loss.paid_atoms
    if not happened and one.judged.account.state != State.LIQUIDATING:
        return
    world.emit(
        Kind.LOSS_ALLOCATION,
        one.judged.account,
        market_id=one.market_id,
        side=Side.LONG if one.is_long else Side.SHORT,
        policy=market.parameters.loss_policy,
        needed_lots=one.lots,
        size_lots=one.closed_lots,
        touched_accounts=one.pair_count,
        skipped_accounts=one.skipped,
        quote_atoms=one.sign * one.closed_lots * market.lot_value_atoms,
        loss_atoms=loss.share_atoms,
        amount_atoms=loss.paid_atoms,
        discount_atoms=one.discount_atoms,
        haircut_atoms=one.got_atoms,
        **one.seen,
    )


def close_needs(world: World, needs: list[Need]) -> None:
    """Close market by market, in order of id, each after what was paid in those before."""
    for market_id in sorted({one.market_id for one in needs}):
        of_market = [one for one in needs if one.market_id == market_id]
        close_market(world, world.markets[market_id], of_market)
