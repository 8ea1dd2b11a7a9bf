"""The two guards that every number goes through."""

cimport cython
from libc.stdint cimport int32_t, int64_t

from riskengine.core.codes cimport REJECT_REASON_OFF_STEP, REJECT_REASON_OUT_OF_RANGE


cdef bint refuse_outside(
    Refusal* refusal, int32_t field, int64_t value, int64_t lowest, int64_t highest
) noexcept nogil:
    """Refuse a value outside lowest..highest, naming the bound that it passes."""
    if value < lowest:
        return refuse(refusal, REJECT_REASON_OUT_OF_RANGE, field, value, lowest)
    if value > highest:
        return refuse(refusal, REJECT_REASON_OUT_OF_RANGE, field, value, highest)
    return False


@cython.cdivision(True)
cdef bint refuse_off_step(
    Refusal* refusal, int32_t field, int64_t value, int64_t step
) noexcept nogil:
    """Refuse a value that is not a multiple of the step."""
    return value % step != 0 and refuse(refusal, REJECT_REASON_OFF_STEP, field, value, step)
