"""What an attacker and his friend can do to withdrawals: make gains wait, and nothing else."""

import pytest

from tests.attack.attacker import BYSTANDER, Attacker


@pytest.mark.rule("MG-10", "MG-11")
def test_gains_wait_behind_a_loss_and_what_was_paid_in_leaves() -> None:
    """Any loss closes the gate here; the bystander is flat, and paid in before the first move."""
    closed = 0
    for seed in range(40):
        attacker = Attacker(seed)
        venue, driver = attacker.venue, attacker.venue.driver
        driver.risk(gate_floor_units=0, gate_ppm=0)
        attacker.play(80)
        accounts = venue.accounts()
        lost = sum(max(0, -view.equity_atoms) for view in accounts.values())
        (gate,) = driver.engine.gates()
        assert (gate.unallocated_loss_atoms, gate.is_closed) == (lost, lost > 0), seed
        closed += gate.is_closed
        for account_id, view in accounts.items():
            most = view.withdrawable_atoms
            assert not gate.is_closed or most <= max(0, view.net_deposits_atoms), account_id
            driver.fork().refuse("withdraw", account_id, 1, most + 1)
            if most:
                driver.fork().withdraw(account_id, most)
        assert venue.withdraw(BYSTANDER, venue.paid_in[BYSTANDER]), seed
    assert 0 < closed < 40
