"""What must be true of any outcome, whoever computed it: fairness, exactness, no overshoot."""

from collections.abc import Sequence

from tests.simulation.oracle.names import Kind, Policy
from tests.simulation.oracle.world import EventFields, Outcome, World


def check_outcome(world: World, outcome: Outcome) -> None:
    """Assert the properties of each instruction; `world` is the state after the command."""
    closed: list[EventFields] = []
    for event in outcome.events:
        if event["kind"] == Kind.AUTO_DELEVERAGE:
            closed.append(event)
            check_counterparty(world, event)
        elif event["kind"] == Kind.LOSS_ALLOCATION:
            check_allocation(world, event, closed)
            closed = []
        elif event["kind"] == Kind.TRADE_REPRICED:
            check_repriced(world, event)
        elif event["kind"] == Kind.LIQUIDATION_ENDED:
            equity_atoms = event.get("equity_atoms", 0)
            assert equity_atoms >= event.get("maintenance_atoms", 0), event
    assert not closed
    numbers = [event["instruction_sequence"] for event in outcome.events]
    if numbers:
        assert numbers == list(range(numbers[0], world.instruction_sequence + 1))


def lot_value(world: World, event: EventFields) -> int:
    return event["mark_price_ticks"] * world.markets[event["market_id"]].multiplier


def check_counterparty(world: World, event: EventFields) -> None:
    """Nobody is closed for more than there was, flipped, or pushed below zero equity."""
    before, lots = event["position_lots"], event["size_lots"]
    assert 0 < lots <= abs(before), event
    signed = lots if before < 0 else -lots
    equity_before = event.get("equity_atoms", 0)
    equity_after = equity_before + signed * lot_value(world, event) + event.get("quote_atoms", 0)
    assert equity_after >= min(0, equity_before), event


def check_repriced(world: World, event: EventFields) -> None:
    """Nobody is raised above zero, or pays more than the price gave him beyond the mark."""
    multiplier = world.markets[event["market_id"]].multiplier
    worse = abs(event["price_ticks"] - event["mark_price_ticks"]) * multiplier
    assert event["amount_atoms"] == min(-event["equity_atoms"], event["size_lots"] * worse), event


def check_allocation(world: World, event: EventFields, closed: Sequence[EventFields]) -> None:
    lots = sum(one["size_lots"] for one in closed)
    assert lots == event.get("size_lots", 0) <= event["needed_lots"], event
    assert [one["rank"] for one in closed] == list(range(1, len(closed) + 1)), event
    assert len(closed) == event.get("touched_accounts", 0), event
    paid = -sum(one.get("quote_atoms", 0) for one in closed)
    spread = paid - event.get("quote_atoms", 0)
    assert 0 <= spread <= len(closed) + 1, "counterparties pay what the account gets, rounded up"
    if event["policy"] == Policy.PRO_RATA:
        check_shares(closed)


def check_shares(closed: Sequence[EventFields]) -> None:
    """Traders that were closed in part were closed in proportion, to the lot."""
    traders = [one for one in closed if one["counterparty_account_id"] < 2**62]
    partial = any(one["size_lots"] < abs(one["position_lots"]) for one in traders)
    for one in traders if partial else ():
        for other in traders:
            share = one["size_lots"] * abs(other["position_lots"])
            other_share = other["size_lots"] * abs(one["position_lots"])
            slack = abs(one["position_lots"]) + abs(other["position_lots"])
            assert abs(share - other_share) <= slack, (one, other)
