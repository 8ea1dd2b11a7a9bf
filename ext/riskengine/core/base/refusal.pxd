"""A refusal: why a row changes nothing."""

from libc.stdint cimport int32_t, int64_t


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


cdef bint refuse_outside(
    Refusal* refusal, int32_t field, int64_t value, int64_t lowest, int64_t highest
) noexcept nogil
cdef bint refuse_off_step(
    Refusal* refusal, int32_t field, int64_t value, int64_t step
) noexcept nogil
