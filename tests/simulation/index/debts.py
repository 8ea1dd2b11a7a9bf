"""Money for funds and for debts, in the walks of the index."""

from random import Random
from typing import Any

from riskengine.core.engine import Engine
from riskengine.core.enums import AccountState, WriteOffPayer
from tests.simulation.index.worlds import World
from tests.simulation.oracle.names import MAX_BALANCE_ATOMS

FIRST = 1


def payment(rng: Random, engine: Engine, world: World) -> tuple[Any, ...]:
    """Return a command that writes a debt off by one of three payers, or pays into a fund."""
    debtors = engine.accounts(0, FIRST, AccountState.BANKRUPT)
    fund = rng.choice(world.funds)
    if debtors and rng.random() < 0.4:
        (debtor,) = debtors
        payer = rng.choice((WriteOffPayer.FUND, WriteOffPayer.FEES, WriteOffPayer.VENUE))
        debt = max(1, -debtor.balance_atoms)
        amount = rng.choice((debt, 1 + debt // 2))
        fund_id = fund.fund_id if payer == WriteOffPayer.FUND else 0
        return "write_off", debtor.account_id, debtor.asset_id, amount, int(payer), fund_id
    amount = max(1, world.unit_atoms // rng.choice((1, 10, 300)))
    return "fund_deposit", fund.fund_id, min(amount, MAX_BALANCE_ATOMS)
