"""How much of what was answered and instructed is remembered: set by a command (GD-22)."""

from libc.stdint cimport int64_t

from riskengine.core.base.codes cimport (
    FIELD_ANSWER_BYTES,
    FIELD_ANSWER_COUNT,
    FIELD_CALLER_CLIENT_COUNT,
    FIELD_CLIENT_COUNT,
    FIELD_CLIENT_IDLE_MILLIS,
    FIELD_INSTRUCTION_COUNT,
)
from riskengine.core.base.fixedpoint cimport div_floor
from riskengine.core.base.refusal cimport Refusal, refuse_outside
from riskengine.core.commands.frame cimport accept_row, refuse_row

cdef enum:
    MAX_CLIENTS = 1_000_000
    MAX_ANSWERS = 1_000_000
    LEAST_ANSWER_BYTES = 64  # without its refusals
    MAX_ANSWER_BYTES = 1 << 30
    MAX_INSTRUCTIONS = 100_000_000

cdef extern from *:
    """
    static const int64_t RISKENGINE_MAX_ANSWER_BYTES_IN_ALL = (int64_t)1 << 34;
    static const int64_t RISKENGINE_MAX_IDLE_MILLIS = INT64_C(31622400000);
    """
    const int64_t MAX_ANSWER_BYTES_IN_ALL "RISKENGINE_MAX_ANSWER_BYTES_IN_ALL"  # of all clients
    const int64_t MAX_IDLE_MILLIS "RISKENGINE_MAX_IDLE_MILLIS"  # 366 days


cdef bint refuse_answers(const Retention* wanted, Refusal* refusal) noexcept nogil:
    """Refuse answers that do not fit: each is kept, and all of all clients are bounded (GD-22)."""
    # wanted.client_count > 0: it was looked at before.
    cdef int64_t most_bytes = min(
        <int64_t>MAX_ANSWER_BYTES,
        <int64_t>div_floor(MAX_ANSWER_BYTES_IN_ALL, wanted.client_count),
    )
    cdef int64_t most = min(
        <int64_t>MAX_ANSWERS, <int64_t>div_floor(most_bytes, LEAST_ANSWER_BYTES)
    )
    return refuse_outside(
        refusal, FIELD_ANSWER_COUNT, wanted.answer_count, 1, most
    ) or refuse_outside(
        refusal,
        FIELD_ANSWER_BYTES,
        wanted.answer_bytes,
        wanted.answer_count * LEAST_ANSWER_BYTES,
        most_bytes,
    )


cdef bint refuse_retention(const Retention* wanted, Refusal* refusal) noexcept nogil:
    """Refuse a bound that is out of bounds itself, or contradicts another one (GD-22)."""
    return (
        refuse_outside(refusal, FIELD_CLIENT_COUNT, wanted.client_count, 1, MAX_CLIENTS)
        or refuse_answers(wanted, refusal)
        or refuse_outside(
            refusal, FIELD_INSTRUCTION_COUNT, wanted.instruction_count, 1, MAX_INSTRUCTIONS
        )
        or refuse_outside(
            refusal,
            FIELD_CALLER_CLIENT_COUNT,
            wanted.caller_client_count,
            1,
            wanted.client_count,
        )
        or refuse_outside(
            refusal, FIELD_CLIENT_IDLE_MILLIS, wanted.client_idle_millis, 1, MAX_IDLE_MILLIS
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
