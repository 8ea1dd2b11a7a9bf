"""The gap rule: which legs bear an account's loss, by what each lost in this command (LS-4)."""

from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport greatest, magnitude
from riskengine.core.books.books cimport Leg
from riskengine.core.books.desk cimport Desk
from riskengine.core.books.market cimport Market


cdef inline int64_t value_before(Desk& desk, const Market* market) noexcept nogil:
    """Return the value of a lot, in atoms, at the mark before those that this command set (LS-4).

    It is that of now in a market that this command does not mark. Commands that go on with its
    work are part of it (WK-3).
    """
    if market.now.marked_sequence == desk.running.begun_sequence:
        return market.now.previous_unit_value_atoms
    return market.now.unit_value_atoms


cdef inline int64_t moved_atoms(Desk& desk, const Market* market, int64_t lots) noexcept nogil:
    """Return |u - u'| * lots: what this command's mark gave or took of so many lots (LS-17)."""
    return magnitude(market.now.unit_value_atoms - value_before(desk, market)) * lots


cdef inline int64_t lost_atoms(Desk& desk, const Leg* leg) noexcept nogil:
    """Return G = max(0, -s * (u - u')): what the leg lost in this command (LS-4)."""
    cdef const Market* market = &desk.books.markets[leg.market]
    return greatest(
        0,
        -leg.size_lots * (market.now.unit_value_atoms - value_before(desk, market)),
    )


cdef vector[int64_t] loss_shares(
    Desk& desk, const vector[int32_t]& legs, int64_t loss_atoms
) noexcept nogil
