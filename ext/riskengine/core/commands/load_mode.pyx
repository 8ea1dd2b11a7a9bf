"""Loading a venue: how it begins, and how the venue goes live (LD-1 to LD-3, LD-11, LD-12)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    FIELD_ACCOUNT_COUNT,
    FIELD_IMBALANCE_LOTS,
    FIELD_LAST_LIQUIDATION_ID,
    FIELD_POSITION_COUNT,
    REJECT_REASON_IMBALANCED,
    REJECT_REASON_NOT_EMPTY,
    VENUE_MODE_LIVE,
    VENUE_MODE_LOADING,
)
from riskengine.core.base.expect cimport expect
from riskengine.core.base.refusal cimport Refusal, refuse, refuse_in_detail, refuse_outside
from riskengine.core.books.books cimport Books, position_count, trader_accounts
from riskengine.core.books.desk cimport Desk
from riskengine.core.books.limits cimport MAX_ISSUED_LIQUIDATIONS
from riskengine.core.commands.frame cimport Progress, accept_row, refuse_row
from riskengine.core.commands.judgement cimport review_all
from riskengine.core.waterfall.late_fills cimport forget_kept


cdef bint refuse_begin(
    Books& books, int64_t last_liquidation_id, Refusal* refusal
) noexcept nogil:
    """Refuse to load a venue that has accounts or positions, or to give ids again (LD-2)."""
    cdef int64_t accounts = trader_accounts(books)
    cdef int64_t positions = position_count(books)
    if accounts > 0:
        return refuse(refusal, REJECT_REASON_NOT_EMPTY, FIELD_ACCOUNT_COUNT, accounts, 0)
    if positions > 0:
        return refuse(refusal, REJECT_REASON_NOT_EMPTY, FIELD_POSITION_COUNT, positions, 0)
    return refuse_outside(
        refusal,
        FIELD_LAST_LIQUIDATION_ID,
        last_liquidation_id,
        books.last_liquidation_id,
        MAX_ISSUED_LIQUIDATIONS,
    )


cdef void apply_begin_loading(
    Desk& desk, Progress& progress, int64_t last_liquidation_id
) noexcept nogil:
    """Have the venue loaded; liquidations up to that id count as issued (LD-2)."""
    cdef Refusal refusal
    if refuse_begin(desk.books, last_liquidation_id, &refusal):
        refuse_row(progress, 0, &refusal)
        return
    expect(desk.books.directory.order_slots.empty())
    forget_kept(desk.books)
    desk.books.venue_mode = VENUE_MODE_LOADING
    desk.books.last_liquidation_id = last_liquidation_id
    desk.books.directory.oldest_liquidation_id = last_liquidation_id + 1
    accept_row(progress)


cdef int32_t first_imbalanced(Books& books) noexcept nogil:
    """Return the market of the lowest id whose sizes do not sum to zero; -1: there is none."""
    cdef int32_t found = -1
    cdef size_t i
    for i in range(books.markets.size()):
        if books.markets[i].now.outside_lots != 0 and (
            found < 0
            or books.markets[i].rules.market_id < books.markets[found].rules.market_id
        ):
            found = <int32_t>i
    return found


cdef bint refuse_going_live(
    Books& books, bint accept_imbalance, Refusal* refusal
) noexcept nogil:
    """Refuse to go live with longs that no shorts stand against, or the reverse (LD-11)."""
    cdef int32_t market = first_imbalanced(books)
    if accept_imbalance or market < 0:
        return False
    return refuse_in_detail(
        refusal,
        REJECT_REASON_IMBALANCED,
        FIELD_IMBALANCE_LOTS,
        -books.markets[market].now.outside_lots,
        0,
        books.markets[market].rules.market_id,
    )


cdef void apply_go_live(Desk& desk, Progress& progress, bint accept_imbalance) noexcept nogil:
    """Have the venue go live: everybody is judged in this command (LD-12)."""
    cdef Refusal refusal
    if refuse_going_live(desk.books, accept_imbalance, &refusal):
        refuse_row(progress, 0, &refusal)
        return
    desk.books.venue_mode = VENUE_MODE_LIVE
    review_all(desk)
    accept_row(progress)
