"""How much of what was answered and instructed is remembered: set by a command (GD-22)."""

from riskengine.core.base.codes cimport (
    FIELD_ANSWER_BYTES,
    FIELD_ANSWER_COUNT,
    FIELD_CLIENT_COUNT,
    FIELD_INSTRUCTION_COUNT,
)
from riskengine.core.base.refusal cimport Refusal, refuse_outside
from riskengine.core.commands.frame cimport accept_row, refuse_row

cdef enum:
    MAX_CLIENTS = 1_000_000
    MAX_ANSWERS = 1_000_000
    MAX_ANSWER_BYTES = 1 << 30
    MAX_INSTRUCTIONS = 100_000_000


cdef bint refuse_retention(const Retention* wanted, Refusal* refusal) noexcept nogil:
    """Refuse a bound that is out of bounds itself (GD-22)."""
    return (
        refuse_outside(refusal, FIELD_CLIENT_COUNT, wanted.client_count, 1, MAX_CLIENTS)
        or refuse_outside(refusal, FIELD_ANSWER_COUNT, wanted.answer_count, 1, MAX_ANSWERS)
        or refuse_outside(refusal, FIELD_ANSWER_BYTES, wanted.answer_bytes, 1, MAX_ANSWER_BYTES)
        or refuse_outside(
            refusal, FIELD_INSTRUCTION_COUNT, wanted.instruction_count, 1, MAX_INSTRUCTIONS
        )
    )


cdef void apply_retention(
    Books& books, Progress& progress, const Retention* wanted
) noexcept nogil:
    """Set all of the bounds (GD-22)."""
    cdef Refusal refusal
    if refuse_retention(wanted, &refusal):
        refuse_row(progress, 0, &refusal)
        return
    books.retention = wanted[0]
    accept_row(progress)
