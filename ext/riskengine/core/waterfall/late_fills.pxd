"""Ended orders that are kept for late fills, and whose lots such a fill is (WF-27, WF-28)."""

from libc.stddef cimport size_t
from libc.stdint cimport int64_t
from libcpp.vector cimport vector

from riskengine.core.books.books cimport Books, EndedOrder, LiquidationOrder
from riskengine.core.losses.need cimport Need

cdef enum:
    ENDED_NUMBERS = (1 << 30) - 1  # as bits; after them they begin anew, far more than are kept


cdef size_t list_ended(Books& books, const EndedOrder* ended) noexcept nogil
cdef void keep_ended(Books& books, const LiquidationOrder* order) noexcept nogil
cdef int64_t find_ended(Books& books, int64_t liquidation_id) noexcept nogil
cdef void note_moved(Books& books, int64_t liquidation_id, int64_t lots) noexcept nogil
cdef void note_needs(Books& books, const vector[Need]& needs) noexcept nogil
cdef void note_further(
    Books& books, int64_t liquidation_id, int64_t next_liquidation_id
) noexcept nogil
cdef int64_t last_of_chain(Books& books, int64_t place) noexcept nogil
cdef int64_t lots_of_fund(
    Books& books, int64_t place, int64_t fill_lots, int64_t held_lots
) noexcept nogil
cdef void count_late_fill(Books& books, int64_t place, int64_t fill_lots) noexcept nogil
cdef void move_kept(Books& books, int64_t nanos) noexcept nogil
cdef void forget_kept(Books& books) noexcept nogil
cdef void forget_past(Books& books, size_t most) noexcept nogil
