"""The policy QUEUE: holders by score, in whole steps (LS-10)."""

from libc.stdint cimport int32_t
from libcpp.vector cimport vector

from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.need cimport Pool
from riskengine.core.losses.queue cimport Queue
from riskengine.core.losses.share cimport Share


cdef int32_t choose_by_rank(
    Desk& desk, Queue& queue, const Pool* pool, vector[Share]& shares
) noexcept nogil
