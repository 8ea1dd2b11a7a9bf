"""What funds were worth, and what they paid by rule, over the last 8 hours (FD-9, FD-10).

The window is 96 slots of 5 minutes of the log's time. Each has its place in a ring; what leaves the
window is cleared when the first command of a slot ends.
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport div_floor, greatest
from riskengine.core.base.id_map cimport id_map_get
from riskengine.core.books.books cimport FUND, Books, FundWindow
from riskengine.core.books.limits cimport SLOT_NANOS, WINDOW_SLOTS

cdef extern from *:
    """
    static const int64_t RISKENGINE_NOTHING_NOTED = INT64_MIN;
    """
    const int64_t NOTHING_NOTED "RISKENGINE_NOTHING_NOTED"


cdef inline int64_t slot_at(int64_t time_nanos) noexcept nogil:
    """Return the slot of a time of the log."""
    # SLOT_NANOS > 0.
    return <int64_t>div_floor(time_nanos, SLOT_NANOS)


cdef inline int64_t first_slot(int64_t noted_slot) noexcept nogil:
    """Return the oldest slot of the window that ends with a slot; below 0 there are none yet."""
    return noted_slot - WINDOW_SLOTS + 1


cdef inline int64_t place_of(int64_t slot) noexcept nogil:
    """Return the place of a slot in the rings."""
    return slot - <int64_t>div_floor(slot, WINDOW_SLOTS) * WINDOW_SLOTS


cdef inline FundWindow* window_of(Books& books, int32_t fund) noexcept nogil:
    """Return the window of a fund, by the index of its account."""
    return &books.fund_windows[
        id_map_get(books.directory.fund_index, books.accounts[fund].account_id)
    ]


cdef inline bint has_window(Books& books, int32_t account) noexcept nogil:
    """Return whether the account is that of a listed fund."""
    return (
        books.accounts[account].kind == FUND
        and id_map_get(books.directory.fund_index, books.accounts[account].account_id) >= 0
    )


cdef inline int64_t noted_peak(const FundWindow* window) noexcept nogil:
    """Return the highest equity noted in the window; NOTHING_NOTED without any (FD-9)."""
    cdef int64_t peak = NOTHING_NOTED
    cdef int i
    for i in range(WINDOW_SLOTS):
        peak = greatest(peak, window.peak_atoms[i])
    return peak


cdef void add_fund(Books& books, int32_t account) noexcept nogil
cdef void add_payouts(Books& books) noexcept nogil
cdef bint begin_slot(Books& books) noexcept nogil
cdef void forget_windows(Books& books) noexcept nogil
cdef void note_payout(Books& books, int32_t market, int64_t atoms) noexcept nogil
cdef int64_t paid_for(Books& books, int32_t market) noexcept nogil
