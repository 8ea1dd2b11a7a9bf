"""What a walk adjusts: balances up and down, against each payer, at the edge of what is allowed."""

from random import Random

from tests.simulation.commands import Command
from tests.simulation.oracle import margin
from tests.simulation.oracle.adjustments import (
    CORRECTION,
    FEE_PAYOUT,
    FUND_SURPLUS,
    REALISED_PROFIT,
    REBATE,
)
from tests.simulation.oracle.debts import most_of
from tests.simulation.oracle.names import Payer
from tests.simulation.oracle.world import World

PAYERS = {FEE_PAYOUT: Payer.FEES, FUND_SURPLUS: Payer.FUND}
REASONS = (REBATE, CORRECTION, CORRECTION, REALISED_PROFIT, FEE_PAYOUT, FUND_SURPLUS)


def command(rng: Random, world: World, time_nanos: int) -> Command | None:
    if not list(world.traders()):
        return None
    rows = [_row(rng, world) for _ in range(rng.choice((1, 1, 3)))]
    columns = list(zip(*rows, strict=True))
    return Command("adjust_balances", time_nanos, tuple(columns))


def _row(rng: Random, world: World) -> tuple[int, ...]:
    account = rng.choice(list(world.traders()))
    reason = rng.choice(REASONS)
    payer = rng.choice(list(Payer))
    if rng.random() < 0.9:
        payer = PAYERS.get(reason, payer)
    funds = [number for number, name in world.funds.items() if name.asset_id == account.asset_id]
    fund_id = rng.choice(funds) if payer == Payer.FUND and funds else 0
    if payer == Payer.FUND and not fund_id:
        payer = Payer.VENUE
    most = min(most_of(world, payer, fund_id, account.asset_id), 10**6)
    taken = margin.withdrawable(world, account)
    paid = rng.choice((most, most + 1, most // 3, 1))
    amount = rng.choice((paid, -rng.choice((taken, taken + 1, taken // 3, 1))))
    return (*account.name[:2], amount, reason, int(payer), fund_id)
