"""What became of a command, as the contract says it."""

from riskengine.api.v1 import common_pb2 as pb
from riskengine.core.types import Outcome, Rejection
from riskengine.machine.mapping.reasons import rejection_text


def command_result(outcome: Outcome) -> pb.CommandResult:
    """Map an outcome of the core; one that was refused whole has no time."""
    result = pb.CommandResult(
        sequence=outcome.sequence,
        applied_rows=outcome.applied_rows,
        rejected_rows=outcome.rejected_rows,
    )
    if outcome.sequence:
        result.time_nanos = outcome.time_nanos
    if outcome.rejections:
        result.rejections.extend(map(rejection, outcome.rejections))
    return result


def refused_result(refusal: Rejection) -> pb.CommandResult:
    """Map a refusal of a whole command."""
    return pb.CommandResult(rejected_rows=1, rejections=[rejection(refusal)])


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
