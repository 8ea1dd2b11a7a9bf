"""What a walk pays out, reserves, confirms and cancels; and now and then what there is not."""

from random import Random

from tests.simulation.commands import Command
from tests.simulation.oracle import margin
from tests.simulation.oracle.world import Account, World

MOST_NUMBERS = 6


def withdrawals(rng: Random, world: World, time_nanos: int, unit_atoms: int) -> Command | None:
    """Have somebody withdraw, in one row or some."""
    traders = list(world.traders())
    if not traders:
        return None
    account = rng.choice(traders)
    most = margin.withdrawable(world, account)
    paid_in = max(0, account.net_deposits_atoms)
    amounts = (most, most + 1, most // 2, unit_atoms, paid_in, paid_in + 1)
    chosen = rng.choices(amounts, k=rng.choice((1, 1, 1, 3)))
    rows = [(*account.name[:2], max(1, amount)) for amount in chosen]
    return Command("withdrawals", time_nanos, tuple(zip(*rows, strict=True)))


def reservation(rng: Random, world: World, time_nanos: int) -> Command | None:
    """Have somebody reserve, or a reservation end."""
    traders = list(world.traders())
    if not traders:
        return None
    holders = [held for held in traders if held.reservations]
    if holders and rng.random() < 0.5:
        return end(rng, rng.choice(holders), time_nanos)
    account = rng.choice(traders)
    most = max(1, margin.withdrawable(world, account))
    paid_in = max(1, account.net_deposits_atoms)
    amount = rng.choice((most, most + 1, max(1, most // 3), 1, paid_in, paid_in + 1))
    given = (*account.name[:2], amount, rng.randint(1, MOST_NUMBERS))
    return Command("reserve_withdrawal", time_nanos, given)


def end(rng: Random, account: Account, time_nanos: int) -> Command:
    number = rng.choice(list(account.reservations))
    if rng.random() < 0.1:
        number = rng.randint(1, MOST_NUMBERS)
    name = rng.choice(("confirm_withdrawal", "cancel_withdrawal", "cancel_withdrawal"))
    return Command(name, time_nanos, (*account.name[:2], number))
