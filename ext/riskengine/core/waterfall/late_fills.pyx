"""Ended orders that are kept for late fills, and whose lots such a fill is (WF-27, WF-28).

They stand in the order in which they ended, and so in that in which they are forgotten. One whose
time is over is not found any more, however long it still stands there: nothing depends on when
it is taken off. It is found by the number that it had when it was kept.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.base.expect cimport expect
from riskengine.core.base.fixedpoint cimport least
from riskengine.core.base.id_map cimport id_map_get, id_map_put, id_map_remove
from riskengine.core.books.books cimport Account, Books, EndedOrder, LiquidationOrder
from riskengine.core.books.limits cimport MAX_ENDED_ORDERS
from riskengine.core.books.timers cimport NANOS_PER_MILLI
from riskengine.core.losses.need cimport Need


cdef inline bint is_past(const Books& books, const EndedOrder* ended) noexcept nogil:
    """Return whether the time for which an ended order is kept is over (WF-28)."""
    return (
        ended.end_nanos + books.parameters.late_fill_millis * NANOS_PER_MILLI <= books.time_nanos
    )


cdef void forget_first(Books& books) noexcept nogil:
    """Forget the order that ended first of those that are kept."""
    id_map_remove(books.directory.ended_index, books.ended_orders.front().liquidation_id)
    books.ended_orders.pop_front()
    books.directory.first_ended = (books.directory.first_ended + 1) & ENDED_NUMBERS


cdef size_t list_ended(Books& books, const EndedOrder* ended) noexcept nogil:
    """List an ended order behind all others, and return its place."""
    cdef size_t place = books.ended_orders.size()
    id_map_put(
        books.directory.ended_index,
        ended.liquidation_id,
        <int32_t>((books.directory.first_ended + <int64_t>place) & ENDED_NUMBERS),
    )
    books.ended_orders.push_back(ended[0])
    return place


cdef void keep_ended(Books& books, const LiquidationOrder* order) noexcept nogil:
    """Keep an order that ends now for late fills, if something of it is unfilled (WF-28)."""
    cdef const Account* account = &books.accounts[order.account]
    cdef EndedOrder ended
    if books.parameters.late_fill_millis == 0 or order.filled_lots >= order.size_lots:
        return
    ended.liquidation_id = order.liquidation_id
    ended.account_id = account.account_id
    ended.asset = account.asset
    ended.isolated_market = account.isolated_market
    ended.market = order.market
    ended.side = order.side
    ended.limit_price_ticks = order.limit_price_ticks
    ended.unfilled_lots = order.size_lots - order.filled_lots
    ended.moved_lots = 0
    ended.next_liquidation_id = 0
    ended.end_nanos = books.time_nanos
    if books.ended_orders.size() >= MAX_ENDED_ORDERS:
        forget_first(books)
    list_ended(books, &ended)


cdef int64_t find_ended(Books& books, int64_t liquidation_id) noexcept nogil:
    """Return the place of an ended order that is kept, -1 when there is none (WF-28)."""
    cdef int32_t number = id_map_get(books.directory.ended_index, liquidation_id)
    cdef const EndedOrder* ended
    cdef int64_t place
    if number < 0:
        return -1
    place = (number - books.directory.first_ended) & ENDED_NUMBERS
    ended = &books.ended_orders[<size_t>place]
    expect(ended.liquidation_id == liquidation_id)
    return -1 if is_past(books, ended) else place


cdef void note_moved(Books& books, int64_t liquidation_id, int64_t lots) noexcept nogil:
    """Take note that lots of an ended order went another way than the book; 0: of none (WF-27)."""
    cdef int64_t place = find_ended(books, liquidation_id)
    cdef EndedOrder* ended
    if place < 0:
        return
    ended = &books.ended_orders[<size_t>place]
    ended.moved_lots = least(ended.unfilled_lots, ended.moved_lots + lots)


cdef void note_needs(Books& books, const vector[Need]& needs) noexcept nogil:
    """Take note of what was closed of needs that orders left (WF-27)."""
    cdef size_t i
    for i in range(needs.size()):
        note_moved(books, needs[i].liquidation_id, needs[i].closed_lots)


cdef void note_further(
    Books& books, int64_t liquidation_id, int64_t next_liquidation_id
) noexcept nogil:
    """Take note of which order is out for what an ended one left (WF-27)."""
    cdef int64_t place = find_ended(books, liquidation_id)
    if place >= 0:
        books.ended_orders[<size_t>place].next_liquidation_id = next_liquidation_id


cdef int64_t next_ended(Books& books, int64_t place) noexcept nogil:
    """Return the place of the order of the further attempt; -1: none, or it has not ended."""
    return find_ended(books, books.ended_orders[<size_t>place].next_liquidation_id)


cdef int64_t last_of_chain(Books& books, int64_t place) noexcept nogil:
    """Return the number of the last order for the same lots, open or ended (WF-27)."""
    cdef int64_t further = next_ended(books, place)
    while further >= 0:
        place = further
        further = next_ended(books, place)
    if books.ended_orders[<size_t>place].next_liquidation_id != 0:
        return books.ended_orders[<size_t>place].next_liquidation_id
    return books.ended_orders[<size_t>place].liquidation_id


cdef int64_t moved_of_chain(Books& books, int64_t place) noexcept nogil:
    """Return what was moved of an ended order and of those of further attempts (WF-27)."""
    cdef int64_t lots = 0
    while place >= 0:
        lots += books.ended_orders[<size_t>place].moved_lots
        place = next_ended(books, place)
    return lots


cdef int64_t lots_of_fund(
    Books& books, int64_t place, int64_t fill_lots, int64_t held_lots
) noexcept nogil:
    """Return how many lots of a late fill of an ended order are the fund's (WF-28).

    Those that were moved first; of the others what is more than the account holds on the side that
    the order closes.
    """
    cdef int64_t left = fill_lots - least(fill_lots, moved_of_chain(books, place))
    return fill_lots - least(left, held_lots)


cdef void count_late_fill(Books& books, int64_t place, int64_t fill_lots) noexcept nogil:
    """Take a late fill off what is unfilled, and off what was moved, the order's own first."""
    cdef int64_t left = fill_lots
    cdef int64_t lots
    books.ended_orders[<size_t>place].unfilled_lots -= fill_lots
    while place >= 0 and left > 0:
        lots = least(left, books.ended_orders[<size_t>place].moved_lots)
        books.ended_orders[<size_t>place].moved_lots -= lots
        left -= lots
        place = next_ended(books, place)


cdef void move_kept(Books& books, int64_t nanos) noexcept nogil:
    """Have ended orders be kept so much longer (TM-6); one whose time was over stays past it."""
    cdef size_t i
    for i in range(books.ended_orders.size()):
        books.ended_orders[i].end_nanos += nanos


cdef void forget_kept(Books& books) noexcept nogil:
    """Forget all ended orders: a venue that is loaded may issue their numbers again (LD-2)."""
    while not books.ended_orders.empty():
        forget_first(books)


cdef void forget_past(Books& books, size_t most) noexcept nogil:
    """Forget the ended orders whose time is over, at most so many of them (WF-28)."""
    while most > 0 and not books.ended_orders.empty() and is_past(
        books, &books.ended_orders.front()
    ):
        forget_first(books)
        most -= 1
