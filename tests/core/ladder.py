"""Ladders of faults: a command's guards in order of precedence.

A rung spoils some arguments of a valid command. A test climbs the ladder: it spoils one rung alone,
and then that rung together with all later ones; either time that rung must be reported.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from _pytest.mark import ParameterSet

from riskengine.core.enums import RejectReason
from riskengine.core.types import Rejection


class Rung(NamedTuple):
    """What is spoilt, and the refusal that must follow."""

    spoilt: dict[str, Any]
    reason: RejectReason
    field: str
    value: int
    limit: int = 0
    detail: int = 0

    @property
    def refusal(self) -> Rejection:
        return Rejection(0, self.reason, self.field, self.value, self.limit, self.detail)


class Step(NamedTuple):
    name: str
    arguments: dict[str, Any]
    refusal: Rejection


def spoil(valid: dict[str, Any], rungs: list[Rung]) -> dict[str, Any]:
    """Spoil the arguments; an earlier rung wins where two spoil the same one."""
    spoilt = dict(valid)
    for rung in reversed(rungs):
        spoilt |= rung.spoilt
    return spoilt


def climb(valid: dict[str, Any], rungs: list[Rung]) -> Iterator[Step]:
    for k, rung in enumerate(rungs):
        name = f"{rung.reason.name} {rung.field} {rung.value}"
        yield Step(f"{name} alone", spoil(valid, [rung]), rung.refusal)
        yield Step(f"{name} with all later", spoil(valid, rungs[k:]), rung.refusal)


def steps(valid: dict[str, Any], rungs: list[Rung]) -> list[ParameterSet]:
    """Return the parameters of a test that climbs the ladder."""
    return [pytest.param(step, id=step.name) for step in climb(valid, rungs)]
