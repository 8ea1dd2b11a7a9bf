"""The watches of a leg: on the side of its harm, on that of its relief, or on both."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport int128_t
from riskengine.core.books.books cimport Books
from riskengine.core.books.market cimport Market
from riskengine.core.index.index cimport Index
from riskengine.core.index.weights cimport WeighedLeg


cdef int64_t band_ticks(
    const Market* market, int64_t slack_atoms, int128_t weight_atoms
) noexcept nogil
cdef int64_t relative_band_ticks(
    int64_t price, int64_t slack_atoms, int128_t weight_atoms
) noexcept nogil
cdef void watch_harm(
    Books& books,
    Index& index,
    const WeighedLeg* weighed,
    int64_t slack_atoms,
    int128_t weight_atoms,
    bint is_relative,
) noexcept nogil
cdef void set_relief_side(
    Books& books, Index& index, const WeighedLeg* weighed, int32_t heap, int64_t key
) noexcept nogil
cdef void clear_relief_side(Books& books, Index& index, const WeighedLeg* weighed) noexcept nogil
cdef void watch_both_sides(
    Books& books, Index& index, const WeighedLeg* weighed, int64_t fall_ticks, int64_t rise_ticks
) noexcept nogil
cdef void always_fire(Books& books, Index& index, int32_t account) noexcept nogil
