"""What the price of a leg can take from the slack of its account (docs/proofs/trigger-index.md)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport int128_t
from riskengine.core.books.books cimport Books
from riskengine.core.books.limits cimport MAX_LEGS_PER_ACCOUNT
from riskengine.core.index.index cimport Index


cdef struct WeighedLeg:
    int64_t weight_atoms  # loss of slack when the price goes against the leg by its whole
    int64_t used_atoms  # slack that the present band needs; -1 when there is no sound band
    int32_t leg
    int32_t market
    int32_t harm_side  # WatchSide on which the price goes against it


cdef struct Weighing:
    int128_t weight_atoms  # sums: 128 legs of up to 11 * 2^54
    int128_t used_atoms
    int128_t open_weight_atoms  # of the legs without a sound band
    int32_t count
    bint any_relief_side_armed  # on which the own price does no harm
    bint any_requirement_outgrows  # share * M of one can rise faster than its value as a long
    WeighedLeg[MAX_LEGS_PER_ACCOUNT] legs


cdef void weigh(
    Books& books, Index& index, int32_t account, int64_t share_ppm, Weighing* weighing
) noexcept nogil
cdef bint has_both_sides(const Weighing* weighing) noexcept nogil
cdef int128_t reference_weight(
    Books& books, const Weighing* weighing, int64_t share_ppm
) noexcept nogil
