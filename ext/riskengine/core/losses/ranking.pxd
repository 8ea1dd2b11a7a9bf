"""The queue of counterparties of one side of a market (LS-10, docs/proofs/rankings.md)."""

from libc.stdint cimport int32_t
from libcpp.vector cimport vector

from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.candidates cimport Candidate, Closeout
from riskengine.core.losses.queue cimport Queue


cdef int32_t pick_by_rank(
    Desk& desk, Queue& queue, const Closeout* closeout, vector[Candidate]& picked
) noexcept nogil
cdef void end_command(Desk& desk, Queue& queue) noexcept nogil
