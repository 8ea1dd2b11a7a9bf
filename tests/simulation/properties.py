"""What must be true of any outcome, whoever computed it: fairness, exactness, no overshoot."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.simulation.oracle import margin
from tests.simulation.oracle.names import FUND_ACCOUNT_BASE, Kind, Policy
from tests.simulation.oracle.world import AccountName, EventFields, Market, Outcome, World

NETTED = 0


def check_outcome(world: World, outcome: Outcome) -> None:
    """Assert the properties of each instruction; `world` is the state after the command."""
    charged: Counter[tuple[int, int, int]] = Counter()
    for event in outcome.events:
        if event["kind"] == Kind.AUTO_DELEVERAGE:
            charge(world, event, charged)
        else:
            check_event(world, event)
    for pairs, allocations in closings(outcome.events):
        check_market(world, pairs, allocations)
    numbers = [event["instruction_sequence"] for event in outcome.events]
    if numbers:
        assert numbers == list(range(numbers[0], world.instruction_sequence + 1))


def check_event(world: World, event: EventFields) -> None:
    """Assert what is true of one instruction by itself."""
    if event["kind"] == Kind.TRADE_REPRICED:
        check_repriced(world, event)
    elif event["kind"] == Kind.LOSS_SPREAD:
        check_spread(world, event)
    elif event["kind"] == Kind.LIQUIDATION_ENDED:
        equity_atoms = event.get("equity_atoms", 0)
        assert equity_atoms >= event.get("maintenance_atoms", 0), event
    elif event["kind"] == Kind.TAKE_OVER:
        check_take_over(world, event)


def closings(events: Sequence[EventFields]) -> Iterator[tuple[list[EventFields], ...]]:
    """Yield the pairs and the allocations of each market of each pass; they stand together."""
    pairs: list[EventFields] = []
    allocations: list[EventFields] = []
    for event in events:
        if allocations and not goes_on(allocations, event):
            yield pairs, allocations
            pairs, allocations = [], []
        if event["kind"] == Kind.AUTO_DELEVERAGE:
            pairs.append(event)
        elif event["kind"] == Kind.LOSS_ALLOCATION:
            allocations.append(event)
        else:
            assert not pairs, "an allocation follows"
    yield pairs, allocations


def goes_on(allocations: Sequence[EventFields], event: EventFields) -> bool:
    """Say whether an event is one more allocation of the same market and pass."""
    if event["kind"] != Kind.LOSS_ALLOCATION or event["market_id"] != allocations[0]["market_id"]:
        return False
    return event["account_id"] not in [one["account_id"] for one in allocations]


def market_of(world: World, event: EventFields) -> Market:
    market = world.markets[event["market_id"]]
    assert event["mark_price_ticks"] == market.mark_price_ticks, event
    return market


def moved_atoms(world: World, market: Market) -> int:
    """Return by how much a lot moved in the last command, which is in the sequence already."""
    is_of_this_command = market.marked_sequence == world.sequence
    before = market.previous_value_atoms if is_of_this_command else market.lot_value_atoms
    return abs(market.lot_value_atoms - before)


def charge(world: World, event: EventFields, charged: Counter[tuple[int, int, int]]) -> None:
    """Nobody is charged more than the command gave the lots that were closed of him (LS-17)."""
    market, lots = market_of(world, event), event["size_lots"]
    loss = event.get("loss_atoms", 0)
    sign = 1 if event["position_lots"] > 0 else -1
    worth = sign * lots * market.lot_value_atoms
    assert event.get("quote_atoms", 0) == worth - loss, event
    assert loss >= 0, event
    of = (event["counterparty_account_id"], event["asset_id"], event["market_id"])
    charged[of] += moved_atoms(world, market) * lots - loss
    assert charged[of] >= 0, event


def check_take_over(world: World, event: EventFields) -> None:
    """The fund takes at the mark, and the discount leaves the account's share of the equity."""
    market, lots = market_of(world, event), event["size_lots"]
    sign = 1 if event["position_lots"] > 0 else -1
    assert event["quote_atoms"] == sign * lots * market.lot_value_atoms, event
    check_discount(market, event)


def check_discount(market: Market, event: EventFields) -> None:
    """A discount is no more than health allows, so that it never lowers it (LS-19)."""
    freed = margin.released(market, event["position_lots"], event.get("size_lots", 0))
    equity, maintenance = event.get("equity_atoms", 0), event.get("maintenance_atoms", 0)
    assert event.get("discount_atoms", 0) * maintenance <= max(0, equity) * freed, event


def check_repriced(world: World, event: EventFields) -> None:
    """Nobody is raised above zero, or pays more than the price gave him beyond the mark.

    A fund may be raised to what it has to keep (FD-11).
    """
    multiplier = world.markets[event["market_id"]].multiplier
    worse = abs(event["price_ticks"] - event["mark_price_ticks"]) * multiplier
    most = event["size_lots"] * worse
    if event["account_id"] >= FUND_ACCOUNT_BASE:
        assert 0 < event["amount_atoms"] <= most, event
        return
    assert event["amount_atoms"] == min(-event["equity_atoms"], most), event


def check_spread(world: World, event: EventFields) -> None:
    """Nobody pays of what he paid in, or falls below his maintenance by a debt of others."""
    name = AccountName(event["account_id"], event["asset_id"])
    left = event["equity_atoms"] - event["amount_atoms"]
    assert left >= max(event.get("maintenance_atoms", 0), 0), event
    assert left >= world.accounts[name].net_deposits_atoms, event


def check_market(
    world: World, pairs: Sequence[EventFields], allocations: Sequence[EventFields]
) -> None:
    """Each need tells what its pairs close, and the loss that holders pay is all handed on."""
    assert bool(allocations) or not pairs, pairs
    if not allocations:
        return
    market = market_of(world, allocations[0])
    closed: Counter[int] = Counter()
    counted: Counter[int] = Counter()
    for one in pairs:
        ids = [one["account_id"]]
        if one.get("rank", NETTED) == NETTED:
            ids.append(one["counterparty_account_id"])
        closed.update(dict.fromkeys(ids, one["size_lots"]))
        counted.update(ids)
    for event in allocations:
        needed, account_id = event["needed_lots"], event["account_id"]
        assert closed[account_id] == event.get("size_lots", 0) <= needed, event
        assert needed <= abs(event["position_lots"]), event
        assert counted[account_id] == event.get("touched_accounts", 0), event
        got = event.get("amount_atoms", 0) + event.get("haircut_atoms", 0)
        assert got <= event.get("loss_atoms", 0), event
        check_discount(market, event)
    paid = sum(one.get("loss_atoms", 0) for one in pairs)
    assert paid == sum(event.get("haircut_atoms", 0) for event in allocations), allocations
    check_holders(market, [one for one in pairs if one.get("rank", NETTED) != NETTED])


def check_holders(market: Market, pairs: Sequence[EventFields]) -> None:
    """Nobody is closed for more than there was, flipped, or charged below his maintenance."""
    by_rank: dict[int, list[EventFields]] = {}
    for one in pairs:
        by_rank.setdefault(one["rank"], []).append(one)
    assert list(by_rank) == list(range(1, len(by_rank) + 1)), pairs
    shares = []
    for of_holder in by_rank.values():
        first = of_holder[0]
        lots = sum(one["size_lots"] for one in of_holder)
        loss = sum(one.get("loss_atoms", 0) for one in of_holder)
        assert 0 < lots <= abs(first["position_lots"]), of_holder
        if first["counterparty_account_id"] < FUND_ACCOUNT_BASE and loss > 0:
            freed = margin.released(market, first["position_lots"], lots)
            left = first.get("equity_atoms", 0) - loss
            assert left >= first["maintenance_atoms"] - freed, of_holder
        shares.append((first, lots))
    if pairs and pairs[0]["policy"] == Policy.PRO_RATA:
        check_shares(market.parameters.size_step_lots, shares)


def check_shares(step: int, shares: Sequence[tuple[EventFields, int]]) -> None:
    """Traders of whom something is left were closed in proportion, to the step.

    The odd rest of a need, and what whole steps of nobody cover, goes to the first of them.
    """
    traders = [
        (lots // step, abs(one["position_lots"]) // step)
        for one, lots in shares
        if one["counterparty_account_id"] < FUND_ACCOUNT_BASE
    ]
    if step > 1 or all(lots == held for lots, held in traders):
        return
    for lots, held in traders:
        for other_lots, other_held in traders:
            assert abs(lots * other_held - other_lots * held) <= held + other_held, shares
