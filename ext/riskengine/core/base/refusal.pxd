"""A refusal: why a row changes nothing; and the two guards that every number goes through.

They are inline, since rows of trades meet each several times.
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport REJECT_REASON_OFF_STEP, REJECT_REASON_OUT_OF_RANGE
from riskengine.core.base.fixedpoint cimport round_down_to


cdef struct Refusal:
    int32_t reason  # 0: not refused
    int32_t field
    int64_t value
    int64_t limit
    int64_t detail  # what its text needs besides; by reason, see types.Rejection


cdef inline bint refuse(
    Refusal* refusal, int32_t reason, int32_t field, int64_t value, int64_t limit
) noexcept nogil:
    """Note the refusal and return True."""
    refusal.reason = reason
    refusal.field = field
    refusal.value = value
    refusal.limit = limit
    refusal.detail = 0
    return True


cdef inline bint refuse_in_detail(
    Refusal* refusal, int32_t reason, int32_t field, int64_t value, int64_t limit, int64_t detail
) noexcept nogil:
    """Note the refusal with what its text needs besides, and return True."""
    refuse(refusal, reason, field, value, limit)
    refusal.detail = detail
    return True


cdef inline bint refuse_outside(
    Refusal* refusal, int32_t field, int64_t value, int64_t lowest, int64_t highest
) noexcept nogil:
    """Refuse a value outside lowest..highest, naming the bound that it passes."""
    if value < lowest:
        return refuse(refusal, REJECT_REASON_OUT_OF_RANGE, field, value, lowest)
    if value > highest:
        return refuse(refusal, REJECT_REASON_OUT_OF_RANGE, field, value, highest)
    return False


cdef inline bint refuse_off_step(
    Refusal* refusal, int32_t field, int64_t value, int64_t step
) noexcept nogil:
    """Refuse a value that is not a multiple of the step; step > 0, as a market's are."""
    if step != 1 and round_down_to(value, step) != value:
        return refuse(refusal, REJECT_REASON_OFF_STEP, field, value, step)
    return False
