"""The worked cases of venues, peers and papers against the engine's public face.

Where sources disagree the engine follows one, and the case asserts that rule, worked out beside it;
`gaps` says why, and lists what is not built. `make vectors` shows it.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from riskengine.api.v1 import common_pb2
from tests.vectors.attempts import ATTEMPTS
from tests.vectors.cases import Case, read_topics
from tests.vectors.gaps import MET_IN_PART, MET_WITH_OWN_RESULT, RULES_NOT_RUN, Gap
from tests.vectors.status import CHECKS, MODULES, Status, reasons, status_of, table

CONTRACT = Path(common_pb2.__file__).with_name("riskengine.binpb")
TOPICS = read_topics()
CASES = [case for topic in TOPICS for case in topic.cases]
RULES = [rule for topic in TOPICS for rule in topic.rules]
RUN = [case for case in CASES if case.rule in CHECKS]
ATTEMPTED = [case for case in CASES if case.rule in ATTEMPTS]


def named(cases: list[Case]) -> list[object]:
    return [pytest.param(case, id=f"{case.rule} {case.id}") for case in cases]


@pytest.mark.parametrize("case", named(RUN))
def test_case(case: Case) -> None:
    CHECKS[case.rule](case)


def test_every_rule_is_run_or_listed_with_a_reason() -> None:
    assert sorted([*CHECKS, *RULES_NOT_RUN]) == sorted(RULES)
    assert len(CHECKS) == sum(len(module.CHECKS) for module in MODULES)
    assert all(gap.reason for gap in RULES_NOT_RUN.values())


def test_the_lists_name_only_cases_that_are_run() -> None:
    listed = [*MET_WITH_OWN_RESULT, *MET_IN_PART]
    assert len(set(listed)) == len(listed)
    assert set(listed) <= {case.id for case in RUN}


def names_of_the_contract() -> Iterator[str]:
    """Yield every name that the contract has, in lower case."""
    files = FileDescriptorSet.FromString(CONTRACT.read_bytes())
    for file in files.file:
        if not file.package.startswith("riskengine."):
            continue
        for message in file.message_type:
            yield message.name.lower()
            yield from (field.name for field in message.field)
        for enum in file.enum_type:
            yield from (value.name.lower() for value in enum.value)
        for service in file.service:
            yield from (method.name.lower() for method in service.method)


@pytest.mark.parametrize("gap", sorted(set(RULES_NOT_RUN.values())), ids=lambda gap: gap.reason)
def test_what_is_listed_as_not_built_is_not_in_the_contract(gap: Gap) -> None:
    """A feature that has come must run its cases: until then its names are not there."""
    found = {name for name in names_of_the_contract() for word in gap.words if word in name}
    rules = {rule for rule, of_rule in RULES_NOT_RUN.items() if of_rule == gap}
    assert found == set(), f"the contract has {found} now: run the cases of {rules}"


def test_names_of_the_contract_are_seen() -> None:
    names = set(names_of_the_contract())
    assert {"liquidationorder", "loss_policy", "loss_policy_queue", "checkorder"} <= names


@pytest.mark.parametrize("case", named(ATTEMPTED))
def test_what_is_listed_as_not_built_is_not_met(case: Case) -> None:
    found, stated = ATTEMPTS[case.rule](case)
    assert found != stated, f"{case.rule} is met now: run its cases"


def test_attempts_are_of_rules_that_are_not_run() -> None:
    assert set(ATTEMPTS) <= set(RULES_NOT_RUN)


def test_the_table_counts_every_case() -> None:
    head, *_, total = (line.split("  ") for line in table(TOPICS))
    assert [cell.strip() for cell in head if cell] == ["topic", "cases", *Status]
    numbers = [int(cell) for cell in total if cell.strip().isdigit()]
    assert numbers[0] == len(CASES) == sum(numbers[1:])


def test_every_case_that_is_not_met_stands_in_the_list() -> None:
    listed = {word for line in reasons(TOPICS) for word in line.split()}
    unmet = {case.id for case in CASES if status_of(case) != Status.MET}
    assert unmet <= listed
    assert listed.isdisjoint({case.id for case in CASES} - unmet)
