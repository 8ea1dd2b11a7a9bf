"""When the books are taken to agree."""

import pytest

from riskengine.api.v1 import admin_service_pb2
from riskengine.simulator.reconcile import Reconciliation


def found(*missing_atoms: str) -> Reconciliation:
    checks = [admin_service_pb2.Conservation(missing_atoms=text) for text in missing_atoms]
    return Reconciliation(admin_service_pb2.GetStateResponse(conservation=checks))


@pytest.mark.parametrize(
    ("missing_atoms", "holds"),
    [(("0",), True), (("1",), False), (("-1",), False), (("1", "-1"), False)],
)
def test_one_atom_is_enough(missing_atoms: tuple[str, ...], holds: bool) -> None:
    assert found(*missing_atoms).holds is holds


@pytest.mark.parametrize(
    ("venue", "differences"),
    [(1_000, []), (1_001, ["account 7 equity, atoms: engine 1,000, venue 1,001"])],
)
def test_a_difference_is_told_with_both_sides(venue: int, differences: list[str]) -> None:
    reconciliation = found("0")
    reconciliation.compare("account 7 equity, atoms", 1_000, venue)
    assert reconciliation.differences == differences
    assert reconciliation.holds is not bool(differences)
