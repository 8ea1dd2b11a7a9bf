"""A refusal: why a row changes nothing."""

from libc.stdint cimport int32_t, int64_t


cdef struct Refusal:
    int32_t reason  # 0: not refused
    int32_t field
    int64_t value
    int64_t limit


cdef inline bint refuse(
    Refusal* refusal, int32_t reason, int32_t field, int64_t value, int64_t limit
) noexcept nogil:
    """Note the refusal and return True."""
    refusal.reason = reason
    refusal.field = field
    refusal.value = value
    refusal.limit = limit
    return True


cdef bint refuse_outside(
    Refusal* refusal, int32_t field, int64_t value, int64_t lowest, int64_t highest
) noexcept nogil
cdef bint refuse_off_step(
    Refusal* refusal, int32_t field, int64_t value, int64_t step
) noexcept nogil
