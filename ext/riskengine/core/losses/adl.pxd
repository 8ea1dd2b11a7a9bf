"""Auto-deleveraging: closing counterparties against a position that nobody can carry."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.candidates cimport Closeout
from riskengine.core.losses.queue cimport Queue


cdef struct Allocated:
    int64_t lots
    int64_t received_atoms  # by the account
    int64_t haircut_atoms  # given up by the counterparties against mark
    int32_t touched
    int32_t skipped


cdef Allocated deleverage(Desk& desk, Queue& queue, const Closeout* closeout) noexcept nogil
