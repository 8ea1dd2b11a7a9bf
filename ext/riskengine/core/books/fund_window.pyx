"""What funds were worth, and what they paid by rule, over the last 8 hours (FD-9, FD-10)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from riskengine.core.base.fixedpoint cimport greatest, least
from riskengine.core.base.id_map cimport id_map_put
from riskengine.core.books.books cimport NEVER_NOTED, Books, FundWindow, MarketPayouts
from riskengine.core.books.limits cimport MOST_SHARED_ATOMS, WINDOW_SLOTS


cdef void clear_window(FundWindow* window) noexcept nogil:
    """Forget all that was noted of a fund."""
    cdef int i
    window.is_stopped = 0
    window.stop_peak_atoms = 0
    for i in range(WINDOW_SLOTS):
        window.peak_atoms[i] = NOTHING_NOTED


cdef void add_fund(Books& books, int32_t account) noexcept nogil:
    """List the account of a new fund, of which nothing is noted yet."""
    cdef FundWindow window
    clear_window(&window)
    id_map_put(
        books.directory.fund_index,
        books.accounts[account].account_id,
        <int32_t>books.fund_accounts.size(),
    )
    books.fund_accounts.push_back(account)
    books.fund_windows.push_back(window)


cdef void add_payouts(Books& books) noexcept nogil:
    """Make room for what is paid for losses and debts of the market that was made last."""
    cdef MarketPayouts payouts
    memset(&payouts, 0, sizeof(payouts))
    books.market_payouts.push_back(payouts)


cdef bint begin_slot(Books& books) noexcept nogil:
    """Forget what has left the window; return whether a slot begins with this command (FD-9)."""
    cdef int64_t now = slot_at(books.time_nanos)
    cdef int64_t slot, place
    cdef size_t i
    if now == books.noted_slot:
        return False
    for slot in range(greatest(books.noted_slot + 1, first_slot(now)), now + 1):
        place = place_of(slot)
        for i in range(books.fund_windows.size()):
            books.fund_windows[i].peak_atoms[place] = NOTHING_NOTED
        for i in range(books.market_payouts.size()):
            books.market_payouts[i].paid_atoms[place] = 0
    books.noted_slot = now
    return True


cdef void forget_windows(Books& books) noexcept nogil:
    """Have nothing noted, as before the first command of a live venue (LD-3)."""
    cdef size_t i
    if books.noted_slot == NEVER_NOTED:
        return
    for i in range(books.fund_windows.size()):
        clear_window(&books.fund_windows[i])
    for i in range(books.market_payouts.size()):
        memset(&books.market_payouts[i], 0, sizeof(MarketPayouts))
    books.noted_slot = NEVER_NOTED


cdef void note_payout(Books& books, int32_t market, int64_t atoms) noexcept nogil:
    """Note what the market's fund has paid for a loss or a debt in this slot (FD-10)."""
    cdef int64_t* paid = &books.market_payouts[market].paid_atoms[place_of(books.noted_slot)]
    paid[0] = least(MOST_SHARED_ATOMS, paid[0] + atoms)


cdef int64_t paid_for(Books& books, int32_t market) noexcept nogil:
    """Return what was paid for losses and debts of a market in the window, in atoms.

    More than was ever paid in counts as that much.
    """
    cdef int64_t total = 0
    cdef int i
    for i in range(WINDOW_SLOTS):
        total = least(MOST_SHARED_ATOMS, total + books.market_payouts[market].paid_atoms[i])
    return total
