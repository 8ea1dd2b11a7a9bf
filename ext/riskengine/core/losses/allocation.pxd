"""Allocation: needs are closed against the other side and its holders (LS-6 to LS-22)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.candidates cimport Field
from riskengine.core.losses.need cimport Need, Pool
from riskengine.core.losses.pairing cimport Pair
from riskengine.core.losses.queue cimport Queue
from riskengine.core.losses.share cimport Share


cdef struct Place:  # of a need, to be taken by market
    int64_t market_id
    size_t need


cdef struct Booking:  # of lots that are closed at the mark
    size_t at  # in Closing.shares, or among the needs
    int64_t lots
    int32_t is_share


cdef enum ClosingPart:
    BETWEEN_MARKETS = 0
    MEETING = 1  # lots of the two sides are booked (LS-6)
    CHOOSING = 2  # holders for what is left
    CLOSING = 3  # lots of holders, and of the needs that they close
    ASKING = 4  # holders what they can pay
    TELLING = 5


cdef cppclass Closing:  # of the needs of a pass, and how far it has come
    vector[Place] places  # markets in order of id
    size_t begin  # where the needs of the market begin
    size_t end
    int32_t part  # ClosingPart, of the market
    Pool pool
    Field field
    vector[size_t] longs
    vector[size_t] shorts
    vector[Share] shares
    vector[Pair] netted
    vector[Pair] pairs
    vector[int64_t] most_atoms  # that each of the shares pays
    vector[int64_t] paid_atoms  # of the loss, in each of the pairs
    vector[Booking] bookings
    size_t booked
    size_t told_netted
    size_t told_pairs
    size_t told_needs  # in places


cdef void begin_closing(Desk& desk, Closing& closing, const vector[Need]& needs) noexcept nogil
cdef bint close_needs(
    Desk& desk, Queue& queue, Closing& closing, vector[Need]& needs
) noexcept nogil
