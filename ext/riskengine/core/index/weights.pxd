"""What the prices of its legs can take from the slack of an account.

See docs/proofs/trigger-index.md.
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport int128_t
from riskengine.core.books.books cimport Books
from riskengine.core.books.limits cimport MAX_LEGS_PER_ACCOUNT
from riskengine.core.index.index cimport Index, WatchPair
from riskengine.core.margin.model cimport Weight


cdef struct WeighedLeg:
    Weight on  # a rise and a fall of its price by the whole of it
    int64_t weight_atoms  # on the side of harm, at least 1
    const WatchPair* pair  # of watches beside it
    int64_t used_atoms  # slack that the present band needs; -1 when there is no sound band
    int32_t leg
    int32_t market
    int32_t harm_side  # WatchSide on which the price goes against it


cdef struct Weighing:
    int128_t weight_atoms  # sums; what a leg may weigh: see Size in margin/model
    int128_t used_atoms
    int128_t open_weight_atoms  # of the legs without a sound band
    int32_t count
    bint any_relief_side_armed
    bint any_requirement_outgrows  # a leg's value: there is no side of relief
    WeighedLeg[MAX_LEGS_PER_ACCOUNT] legs


cdef void weigh_legs(
    Books& books, Index& index, int32_t account, int64_t share_ppm, Weighing* weighing
) noexcept nogil
cdef bint has_both_sides(const Weighing* weighing) noexcept nogil
cdef int128_t reference_weight(const Weighing* weighing) noexcept nogil
