"""The gap rule: which legs bear an account's loss, by what each lost in this command (LS-4).

Before the command the account was judged, and had equity. So what it is below zero is at most what
its legs lost in the command, and can be laid on those who gained just that, at a price between the
two marks. No entry price, no profit of before and no market that stood still enters.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport int128_t
from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.exact_parts cimport exact_parts


cdef vector[int64_t] loss_shares(
    Desk& desk, const vector[int32_t]& legs, int64_t loss_atoms
) noexcept nogil:
    """Return what of a loss each leg bears, in atoms: at most what it lost in this command (LS-4).

    They sum to the loss, unless a trade, a fee or funding did some of it: that is borne by no leg.
    """
    cdef vector[int64_t] lost
    cdef int128_t total = 0
    cdef size_t i
    for i in range(legs.size()):
        lost.push_back(lost_atoms(desk, &desk.books.legs[legs[i]]))
        total += lost.back()
    if total < loss_atoms:
        return lost
    return exact_parts(lost, loss_atoms)
