"""What a walk writes off: debts, and now and then what is none."""

from collections.abc import Sequence
from random import Random

from tests.simulation.oracle import margin, means
from tests.simulation.oracle.names import Payer
from tests.simulation.oracle.world import Account, World
from tests.simulation.themes import apart_from


def arguments(rng: Random, world: World, traders: Sequence[Account]) -> tuple[int, ...] | None:
    """Have a debt paid by somebody, now and then where there is none; None: nothing is written."""
    if not world.bankrupt and rng.random() < 0.9:
        return None
    names = world.bankrupt or [held.name for held in traders]
    if not names:
        return None
    name = rng.choice(names)
    debtor = world.accounts[name]
    lost = apart_from(rng).choice((debtor.balance_atoms, margin.equity(world, debtor)))
    debt = max(1, -lost)
    payer = rng.choice((*Payer, rng.choice((0, 4))))
    funds = [fund_id for fund_id, held in world.funds.items() if held.asset_id == name.asset_id]
    fund_id = rng.choice(funds) if payer == Payer.FUND or rng.random() < 0.05 else 0
    amount = rng.choice((debt, debt, max(1, debt // 3), 1, debt + 1))
    if payer == Payer.FUND and rng.random() < 0.5:
        spare = means.spare(world, world.fund_account(fund_id))
        amount = max(1, min(debt, spare + rng.choice((0, 1))))
    return (*name[:2], amount, int(payer), fund_id, *((0,) if rng.random() < 0.5 else ()))
