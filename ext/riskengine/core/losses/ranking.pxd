"""The queue of counterparties of one side of a market (docs/SEMANTICS.md section 11)."""

from libc.stdint cimport int32_t
from libcpp.vector cimport vector

from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.candidates cimport Candidate, Closeout
from riskengine.core.losses.queue cimport Queue


cdef int32_t pick_by_rank(
    Desk& desk, Queue& queue, const Closeout* closeout, vector[Candidate]& picked
) noexcept nogil
cdef void end_command(Desk& desk, Queue& queue) noexcept nogil
