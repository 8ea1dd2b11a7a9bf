"""Rankings of holders by score, for the policy QUEUE (LS-10, docs/proofs/rankings.md)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.queue cimport Queue, Ranked, Ranking

cdef extern from *:
    const int64_t LOWEST_SCORE "INT64_MIN"


cdef void update_to(
    Desk& desk, Queue& queue, Ranking* ranking, int32_t market, bint shorts, size_t positions
) noexcept nogil
cdef void end_update(
    Desk& desk, Queue& queue, Ranking* ranking, int32_t market, bint shorts
) noexcept nogil
cdef void lower_ceiling(Desk& desk, Ranking* ranking, int32_t market, bint shorts) noexcept nogil
cdef Ranked pop(Ranking* ranking) noexcept nogil
cdef void put_back(Ranking* ranking, Ranked ranked) noexcept nogil
cdef void end_command(Desk& desk, Queue& queue) noexcept nogil
