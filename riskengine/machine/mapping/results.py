"""What became of a command, as the contract says it."""

from riskengine.api.v1 import common_pb2 as pb
from riskengine.core.enums import RejectReason
from riskengine.core.types import Outcome, Rejection
from riskengine.machine.mapping.reasons import rejection_text

NOT_TAKEN = frozenset(
    (RejectReason.LOADING, RejectReason.NOT_LOADING, RejectReason.ALLOCATION_PENDING)
)
"""Why the core does not take a command now, whatever it asks: a mode, and work that is pending."""


def command_result(outcome: Outcome) -> pb.CommandResult:
    """Map an outcome of the core; one without a sequence, that is refused whole, has no time."""
    result = pb.CommandResult(
        sequence=outcome.sequence,
        applied_rows=outcome.applied_rows,
        rejected_rows=outcome.rejected_rows,
        outcome=_came_to(outcome),
    )
    if outcome.sequence:
        result.time_nanos = outcome.time_nanos
    if outcome.rejections:
        result.rejections.extend(map(rejection, outcome.rejections))
    return result


def is_taken(outcome: Outcome) -> bool:
    """Return whether a command was decided, be it refused whole by a rule."""
    return bool(outcome.applied_rows) or not (
        outcome.rejections and outcome.rejections[0].reason in NOT_TAKEN
    )


def _came_to(outcome: Outcome) -> pb.CommandOutcome:
    if outcome.applied_rows:
        return pb.COMMAND_OUTCOME_APPLIED
    return pb.COMMAND_OUTCOME_REFUSED if is_taken(outcome) else pb.COMMAND_OUTCOME_NOT_TAKEN


def not_taken_result(refusal: Rejection) -> pb.CommandResult:
    """Map the refusal of a command that was not looked at: its number is not due, say."""
    return pb.CommandResult(
        outcome=pb.COMMAND_OUTCOME_NOT_TAKEN, rejected_rows=1, rejections=[rejection(refusal)]
    )


def rejection(refusal: Rejection) -> pb.Rejection:
    """Map one refusal, with the text for a human reader."""
    return pb.Rejection(
        row=refusal.row,
        reason=refusal.reason,  # type: ignore[arg-type]
        field=refusal.field,
        value=refusal.value,
        limit=refusal.limit,
        message=rejection_text(refusal),
    )
