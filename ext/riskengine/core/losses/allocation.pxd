"""Allocation of a loss: the shares that a policy chose are booked (LS-15 to LS-21)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.closeout cimport Closeout
from riskengine.core.losses.policies cimport Policy
from riskengine.core.losses.queue cimport Queue
from riskengine.core.margin.model cimport Risk


cdef struct Allocation:
    int64_t policy  # that chose
    int64_t lots  # closed
    int64_t received_atoms  # by the account, for the lots and besides
    int64_t haircut_atoms  # given up by the counterparties against mark
    int32_t touched
    int32_t skipped


cdef Allocation allocate_by(
    Desk& desk, Queue& queue, const Policy* policy, const Closeout* closeout
) noexcept nogil
cdef Allocation allocate(Desk& desk, Queue& queue, const Closeout* closeout) noexcept nogil
cdef void report_allocation(
    Desk& desk,
    const Closeout* closeout,
    Risk risk,
    const Allocation* allocation,
    int64_t fund_payment_atoms,
    int64_t fee_atoms,
) noexcept nogil
