"""The shared worked cases against the engine's public face.

Where sources disagree the engine follows one, and the case asserts that rule, worked out beside it;
`vector_gaps` says why, and lists what is not built.
"""

import pytest

from tests.scenarios import (
    vector_adl,
    vector_fund,
    vector_margin,
    vector_prices,
    vector_quotes,
    vector_waterfalls,
)
from tests.scenarios.vector_file import PATH, Case, read_cases
from tests.scenarios.vector_gaps import CASES_MET_DIFFERENTLY, CASES_NOT_MET, KINDS_NOT_MET

if not PATH.exists():
    pytest.skip(f"the shared vectors are not here: {PATH}", allow_module_level=True)

MODULES = (
    vector_adl,
    vector_fund,
    vector_margin,
    vector_prices,
    vector_quotes,
    vector_waterfalls,
)
KINDS_MET = {kind: check for module in MODULES for kind, check in module.KINDS.items()}
CASES = read_cases()
RUN = [case for case in CASES if case.kind in KINDS_MET and case.id not in CASES_NOT_MET]


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.kind} {case.id}") for case in RUN])
def test_case(case: Case) -> None:
    KINDS_MET[case.kind](case)


def test_no_kind_is_met_by_two_modules() -> None:
    assert sum(len(module.KINDS) for module in MODULES) == len(KINDS_MET)


def test_every_kind_is_met_or_listed_with_a_reason() -> None:
    kinds = {case.kind for case in CASES}
    assert set(KINDS_MET) | set(KINDS_NOT_MET) == kinds
    assert set(KINDS_MET) & set(KINDS_NOT_MET) == set()
    assert all(KINDS_NOT_MET.values())


def test_every_case_is_run_or_listed_with_a_reason() -> None:
    run = {case.id for case in RUN}
    unmet_kind = {case.id for case in CASES if case.kind in KINDS_NOT_MET}
    assert len({case.id for case in CASES}) == len(CASES)
    assert run | unmet_kind | set(CASES_NOT_MET) == {case.id for case in CASES}
    assert run & set(CASES_NOT_MET) == unmet_kind & set(CASES_NOT_MET) == set()
    assert set(CASES_MET_DIFFERENTLY) <= run
