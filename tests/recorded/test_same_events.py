"""The code answers and instructs as the code did that recorded the journals: `make same-events`."""

from collections import Counter

import pytest

from riskengine.api.v1.common_pb2 import CommandResult, LossPolicy
from riskengine.api.v1.instructions_pb2 import Instruction
from riskengine.api.v1.risk_service_pb2 import StreamInstructionsResponse
from riskengine.commands import CommandKind
from riskengine.machine.request_kinds import REQUEST_KINDS
from tests.recorded.compare import play
from tests.recorded.journal import read_journal, recorded_names
from tests.recorded.player import OWN, QUESTION_RPCS, START
from tests.recorded.record import SOURCES

MADE_LATER = {
    CommandKind.RETENTION,
    CommandKind.LOADING,
    CommandKind.LOADED_ACCOUNTS,
    CommandKind.LOADED_POSITIONS,
    CommandKind.LOADED_LIQUIDATIONS,
    CommandKind.GOING_LIVE,
    CommandKind.CLIENT_FORGETTING,
    *(CommandKind.RESERVED_WITHDRAWAL, CommandKind.CONFIRMED_WITHDRAWAL),
    *(CommandKind.CANCELLED_WITHDRAWAL, CommandKind.LOADED_RESERVATIONS),
    CommandKind.BALANCE_ADJUSTMENTS,
}
"""Commands that no recorded journal has: the revision that recorded did not, or its sources."""

INSTRUCTIONS_MADE_LATER: set[str] = set()
"""The same of instructions, by the names of their bodies."""

pytestmark = pytest.mark.same_events


@pytest.mark.parametrize("name", recorded_names())
def test_a_journal_is_answered_as_it_was(name: str) -> None:
    play(read_journal(name)).engine.check_invariants()


def test_every_source_is_recorded() -> None:
    assert recorded_names() == sorted(SOURCES)


def test_the_journals_come_by_everything() -> None:
    """So that a difference anywhere has a chance to be seen."""
    requests, bodies, policies = Counter[int](), Counter[str | None](), Counter[int]()
    answers = Counter[str]()
    for name in recorded_names():
        for entry in read_journal(name).entries:
            requests[entry.kind] += 1
            if entry.kind not in QUESTION_RPCS:
                result = CommandResult.FromString(entry.answer)
                answers["repeated"] += result.duplicate
                answers["refused rows"] += len(result.rejections) > 0 and result.sequence > 0
                answers["refused whole"] += result.applied_rows == 0
            for piece in entry.instructions:
                (instruction,) = StreamInstructionsResponse.FromString(piece).instructions
                bodies[instruction.WhichOneof("body")] += 1
                policies[instruction.loss_allocation.policy] += 1
    known = {START, *OWN, *REQUEST_KINDS, *QUESTION_RPCS}
    assert set(requests) == known - MADE_LATER
    fields = Instruction.DESCRIPTOR.oneofs_by_name["body"].fields
    assert set(bodies) == {one.name for one in fields} - INSTRUCTIONS_MADE_LATER
    assert policies[LossPolicy.LOSS_POLICY_QUEUE] > 1_000
    assert policies[LossPolicy.LOSS_POLICY_PRO_RATA] > 1_000
    assert min(answers[what] for what in ("repeated", "refused rows", "refused whole")) > 100
