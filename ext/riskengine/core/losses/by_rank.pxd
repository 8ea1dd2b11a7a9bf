"""The policy QUEUE: holders by score, in whole steps (LS-10)."""

from libcpp.vector cimport vector

from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.candidates cimport Field
from riskengine.core.losses.need cimport Pool
from riskengine.core.losses.queue cimport Queue
from riskengine.core.losses.share cimport Share


cdef bint rank_holders(
    Desk& desk, Queue& queue, const Pool* pool, Field& field
) noexcept nogil
cdef void choose_by_rank(
    Desk& desk, Queue& queue, const Pool* pool, Field& field, vector[Share]& shares
) noexcept nogil
