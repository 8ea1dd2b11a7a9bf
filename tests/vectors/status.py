"""Which case is run by which check, and what becomes of the others."""

from enum import StrEnum

from tests.vectors import adl, fund, margin, orders, prices, quotes, waterfall
from tests.vectors.cases import Case, Topic
from tests.vectors.gaps import MET_IN_PART, MET_WITH_OWN_RESULT, RULES_NOT_RUN

MODULES = (adl, fund, margin, orders, prices, quotes, waterfall)
CHECKS = {rule: check for module in MODULES for rule, check in module.CHECKS.items()}


class Status(StrEnum):
    MET = "as stated"
    OWN_RESULT = "own result"
    IN_PART = "in part"
    NOT_RUN = "not run"


def status_of(case: Case) -> Status:
    if case.rule in RULES_NOT_RUN:
        return Status.NOT_RUN
    if case.id in MET_WITH_OWN_RESULT:
        return Status.OWN_RESULT
    return Status.IN_PART if case.id in MET_IN_PART else Status.MET


def reason_of(case: Case) -> str:
    """Return why a case is not met as stated; empty if it is."""
    if case.rule in RULES_NOT_RUN:
        return RULES_NOT_RUN[case.rule].reason
    return MET_WITH_OWN_RESULT.get(case.id, MET_IN_PART.get(case.id, ""))


def table(topics: list[Topic]) -> list[str]:
    """Return the counts of cases by topic and status, as lines."""
    rows = [("topic", "cases", *Status)]
    for name, cases in [(topic.name, topic.cases) for topic in topics] + [
        ("all", [case for topic in topics for case in topic.cases])
    ]:
        found = [status_of(case) for case in cases]
        counts = [str(found.count(status) or "") for status in Status]
        rows.append((name, str(len(cases)), *counts))
    return [f"{row[0]:<18}" + "".join(f"{cell:>12}" for cell in row[1:]) for row in rows]


def reasons(topics: list[Topic]) -> list[str]:
    """Return, by topic, each reason with the cases that it holds back, as lines."""
    lines: list[str] = []
    for topic in topics:
        found: dict[tuple[Status, str], list[str]] = {}
        for case in topic.cases:
            if reason_of(case):
                found.setdefault((status_of(case), reason_of(case)), []).append(case.id)
        if found:
            lines += ["", f"{topic.name}: {topic.about}"]
        for status, reason in sorted(found):
            lines.append(f"  {status}: {reason}")
            lines.append(f"    {' '.join(sorted(found[status, reason]))}")
    return lines
