"""What an attacker and his friend can do to withdrawals: make gains wait, and nothing else."""

import pytest

from riskengine.core.types import AccountView
from tests.attack.attacker import BYSTANDER, Attacker


@pytest.mark.rule("MG-10", "MG-11")
def test_gains_wait_behind_a_loss_and_what_was_paid_in_leaves() -> None:
    """Any loss closes the gate here; the bystander is flat, and paid in before the first move."""
    closed = looks = 0
    for seed in range(60):
        attacker = Attacker(seed)
        attacker.venue.driver.risk(gate_floor_units=0, gate_ppm=0)
        for _ in range(4):
            attacker.play(30)
            closed += is_gate_right(attacker)
            looks += 1
        venue = attacker.venue
        assert venue.withdraw(BYSTANDER, venue.paid_in[BYSTANDER]), seed
    assert 0 < closed < looks


def is_gate_right(attacker: Attacker) -> bool:
    """Check what each may take out; return whether the gate is closed."""
    venue, driver = attacker.venue, attacker.venue.driver
    accounts = venue.accounts()
    lost = sum(max(0, -view.equity_atoms) for view in accounts.values())
    (gate,) = driver.engine.gates()
    assert (gate.unallocated_loss_atoms, gate.is_closed) == (lost, lost > 0)
    for view in accounts.values():
        assert not gate.is_closed or view.withdrawable_atoms <= max(0, view.net_deposits_atoms)
        leaves(attacker, view)
    return gate.is_closed


def leaves(attacker: Attacker, view: AccountView) -> None:
    """Check that what is shown leaves, and not an atom more."""
    driver, most = attacker.venue.driver, view.withdrawable_atoms
    driver.fork().refuse("withdrawals", (view.account_id,), (1,), (most + 1,))
    if most:
        driver.fork().withdraw(view.account_id, most)
