"""The two guards that every number goes through."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport REJECT_REASON_OFF_STEP, REJECT_REASON_OUT_OF_RANGE
from riskengine.core.base.fixedpoint cimport round_down_to


cdef bint refuse_outside(
    Refusal* refusal, int32_t field, int64_t value, int64_t lowest, int64_t highest
) noexcept nogil:
    """Refuse a value outside lowest..highest, naming the bound that it passes."""
    if value < lowest:
        return refuse(refusal, REJECT_REASON_OUT_OF_RANGE, field, value, lowest)
    if value > highest:
        return refuse(refusal, REJECT_REASON_OUT_OF_RANGE, field, value, highest)
    return False


cdef bint refuse_off_step(
    Refusal* refusal, int32_t field, int64_t value, int64_t step
) noexcept nogil:
    """Refuse a value that is not a multiple of the step; step > 0, as a market's are."""
    if round_down_to(value, step) != value:
        return refuse(refusal, REJECT_REASON_OFF_STEP, field, value, step)
    return False
