"""The policy QUEUE: counterparties by score (LS-10, docs/proofs/rankings.md)."""

from libc.stdint cimport int32_t
from libcpp.vector cimport vector

from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.closeout cimport Closeout
from riskengine.core.losses.queue cimport Queue
from riskengine.core.losses.share cimport Share


cdef int32_t choose_by_rank(
    Desk& desk, Queue& queue, const Closeout* closeout, vector[Share]& shares
) noexcept nogil
cdef void end_command(Desk& desk, Queue& queue) noexcept nogil
