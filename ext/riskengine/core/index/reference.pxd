"""The reference: how high all markets stand together, to watch a mark relative to it.

Which level it has decides nothing: any would find the same accounts (docs/proofs/trigger-index.md).
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport div_floor, int128_t, mul_div_floor
from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk
from riskengine.core.books.market cimport Market
from riskengine.core.index.index cimport Index

cdef enum:
    RELATIVE_BITS = 46  # a relative price has 16 more than a mark at the first level
    MOST_PRICE_BITS = 40  # of the highest mark that is watched relative to the reference


cdef inline bint has_relative_price(const Market* market) noexcept nogil:
    """Return whether every mark that the market may have has a relative price of at most 2^62."""
    return market.rules.max_price_ticks <= <int64_t>1 << MOST_PRICE_BITS


cdef inline int64_t relative_price_floor(
    Books& books, Index& index, const Market* market
) noexcept nogil:
    """Return floor(mark * 2^46 / level), which is 4 to 2^62; for markets that have such a price.

    level > 0: it is 2^24 to 2^44.
    """
    return <int64_t>div_floor(
        <int128_t>market.now.mark_price_ticks << RELATIVE_BITS, index.reference_level
    )


cdef inline int64_t widest_band(int64_t price) noexcept nogil:
    """Return how far relative prices and the reference may go.

    Both at once keep a price below twice of itself: 7/5 of 7/5 is 49/25, which is below two.
    """
    return mul_div_floor(price, 2, 5)


cdef void follow_from_now(Books& books, Index& index) noexcept nogil
cdef void note_marks(Desk& desk, Index& index, int64_t marks) noexcept nogil
cdef void fire_relative_marks(Desk& desk, Index& index, int32_t market) noexcept nogil
