"""Reading back liquidation orders: those of attempts, and ended ones that are kept.

An id has to lead to something that was read before; one that does not is found out, not followed.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport LIQUIDATION_OUTCOME_UNSPECIFIED
from riskengine.core.base.id_map cimport id_map_get
from riskengine.core.base.words cimport Words
from riskengine.core.books.books cimport (
    CROSS,
    AccountName,
    Books,
    EndedOrder,
    LiquidationOrder,
    find_asset,
)
from riskengine.core.books.fields cimport carry_attempt, carry_ended, carry_order
from riskengine.core.books.limits cimport MAX_ENDED_ORDERS
from riskengine.core.waterfall.attempts cimport begin_attempt
from riskengine.core.waterfall.late_fills cimport list_ended

cdef enum:
    MOST_ORDER_SLOTS = 1 << 28  # issued since the oldest that is not forgotten


cdef int32_t market_index(Books& books, int64_t market_id, Words& words) noexcept nogil:
    """Return the index of a market that must be there."""
    cdef int32_t market = id_map_get(books.directory.market_index, market_id)
    if market < 0:
        words.fail()
    return market


cdef int32_t asset_index(Books& books, int64_t asset_id, Words& words) noexcept nogil:
    """Return the index of an asset that must be there."""
    cdef int32_t asset = find_asset(books, asset_id)
    if asset < 0:
        words.fail()
    return asset


cdef int32_t read_order(Books& books, int32_t account, Words& words) noexcept nogil:
    """Read an order of the account's attempt and return its index; it is on no list yet."""
    cdef int32_t index = <int32_t>books.orders.size()
    cdef int64_t market_id = 0
    cdef LiquidationOrder* order
    books.orders.resize(books.orders.size() + 1)
    order = &books.orders[index]
    carry_order(order[0], market_id, words)
    order.account = account
    order.market = market_index(books, market_id, words)
    order.next_order = -1
    return index


cdef void read_attempt(Books& books, int32_t account, Words& words) noexcept nogil:
    """Read the attempt of an account that is liquidating, with its orders, the newest first."""
    cdef int32_t order
    cdef int32_t newer = -1
    cdef int32_t attempt
    cdef size_t _
    begin_attempt(books, account)
    attempt = books.accounts[account].attempt
    carry_attempt(books.attempts[attempt], words)
    for _ in range(words.next_count(LEAST_WORDS)):
        order = read_order(books, account, words)
        if newer < 0:
            books.attempts[attempt].first_order = order
        else:
            books.orders[newer].next_order = order
        if books.orders[order].outcome == LIQUIDATION_OUTCOME_UNSPECIFIED:
            books.attempts[attempt].open_orders += 1
            books.open_orders += 1
        newer = order


cdef bint is_further(const Books& books, const EndedOrder* ended) noexcept nogil:
    """Return whether the order of the further attempt, if there is one, was issued later (WF-27).
    """
    return ended.next_liquidation_id == 0 or (
        ended.liquidation_id < ended.next_liquidation_id <= books.last_liquidation_id
    )


cdef void read_ended(Books& books, Words& words) noexcept nogil:
    """Read the ended orders that are kept for late fills; their accounts may be gone."""
    cdef EndedOrder ended
    cdef AccountName name
    cdef int64_t market_id = 0
    cdef size_t count = words.next_count(LEAST_WORDS)
    cdef size_t _
    if count > MAX_ENDED_ORDERS:
        words.fail()
        return
    for _ in range(count):
        carry_ended(ended, name, market_id, words)
        ended.account_id = name.account_id
        ended.asset = asset_index(books, name.asset_id, words)
        ended.isolated_market = CROSS
        ended.market = market_index(books, market_id, words)
        if (
            words.has_failed()
            or name.isolated_market_id != 0
            or not 0 < ended.liquidation_id <= books.last_liquidation_id
            or not is_further(books, &ended)
            or id_map_get(books.directory.ended_index, ended.liquidation_id) >= 0
        ):
            words.fail()
            return
        list_ended(books, &ended)


cdef void list_orders(Books& books, Words& words) noexcept nogil:
    """Have every order that is not forgotten found by its number."""
    cdef int64_t oldest = books.last_liquidation_id + 1
    cdef int64_t number
    cdef size_t i
    for i in range(books.orders.size()):
        number = books.orders[i].liquidation_id
        if not 0 < number <= books.last_liquidation_id:
            words.fail()
            return
        if number < oldest:
            oldest = number
    if books.last_liquidation_id - oldest >= MOST_ORDER_SLOTS:
        words.fail()
        return
    books.directory.oldest_liquidation_id = oldest
    books.directory.order_slots.assign(<size_t>(books.last_liquidation_id + 1 - oldest), -1)
    for i in range(books.orders.size()):
        number = books.orders[i].liquidation_id
        books.directory.order_slots[<size_t>(number - oldest)] = <int32_t>i
