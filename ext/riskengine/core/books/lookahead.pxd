"""Bringing the accounts of coming rows into the cache, in stages, while earlier rows are applied.

Nothing here changes the state or decides anything: without it the same happens, more slowly. The
watches beside a leg come with it.
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.id_map cimport id_map_get, id_map_prefetch, prefetch
from riskengine.core.books.books cimport Books, Leg

cdef enum:
    LEGS = 6  # positions of an account that are fetched
    ITEMS = 64  # a power of two above the longest distance that is looked back on
    ROWS_PER_STEP = 2  # of trades, two accounts each, in which a line comes from memory
    ROWS_TO_ACCOUNT = (LEGS + 1) * ROWS_PER_STEP  # ahead; the first position a step later
    ROWS_TO_ID = ROWS_TO_ACCOUNT + ROWS_PER_STEP  # entry of the id map
    STEP = 8  # the same in accounts that are only assessed
    TO_ACCOUNT = (LEGS + 1) * STEP
    TO_LISTED = TO_ACCOUNT + STEP  # a position that names the account


cdef struct Lookahead:
    int32_t[ITEMS] accounts
    int32_t[ITEMS] legs


cdef inline void follow(
    Books& books, Lookahead* ahead, int64_t item, bint is_first
) noexcept nogil:
    """Fetch the next leg in the account's list."""
    cdef int64_t at = item & (ITEMS - 1)
    cdef int32_t leg
    if is_first:
        leg = ahead.accounts[at]
        if leg >= 0:
            leg = books.accounts[leg].first_leg
    else:
        leg = ahead.legs[at]
        if leg >= 0:
            leg = books.legs[leg].next_leg
    ahead.legs[at] = leg
    if leg >= 0:
        prefetch(&books.legs[leg])


cdef inline void come_closer(
    Books& books,
    Lookahead* ahead,
    int64_t at,
    int64_t step,
    int64_t begin,
    int64_t end,
) noexcept nogil:
    """Fetch the positions of accounts from `begin` to `end`, one of each a step."""
    cdef int64_t stage, item
    for stage in range(LEGS):
        item = at + (LEGS - stage) * step
        if begin <= item < end:
            follow(books, ahead, item, stage == 0)


cdef inline void look_up(
    Books& books, Lookahead* ahead, int64_t item, int64_t account_id
) noexcept nogil:
    """Find the account and fetch it."""
    cdef int32_t account = id_map_get(books.directory.account_index, account_id)
    ahead.accounts[item & (ITEMS - 1)] = account
    if account >= 0:
        prefetch(&books.accounts[account])


cdef inline void look_ahead(
    Books& books,
    Lookahead* ahead,
    const int64_t* first_ids,
    const int64_t* second_ids,
    int64_t row,
    int64_t rows,
) noexcept nogil:
    """Take each coming row one step further; called once a row, from row -ROWS_TO_ID on."""
    cdef int64_t at = 2 * row
    cdef int64_t coming = row + ROWS_TO_ID
    if coming < rows:
        id_map_prefetch(books.directory.account_index, first_ids[coming])
        id_map_prefetch(books.directory.account_index, second_ids[coming])
    coming = row + ROWS_TO_ACCOUNT
    if 0 <= coming < rows:
        look_up(books, ahead, 2 * coming, first_ids[coming])
        look_up(books, ahead, 2 * coming + 1, second_ids[coming])
    come_closer(books, ahead, at, 2 * ROWS_PER_STEP, 0, 2 * rows)
    come_closer(books, ahead, at + 1, 2 * ROWS_PER_STEP, 0, 2 * rows)


cdef inline void fetch_account(
    Books& books, Lookahead* ahead, int64_t item, int32_t account
) noexcept nogil:
    """Fetch an account, and keep it as the item's: its first leg comes next."""
    ahead.accounts[item & (ITEMS - 1)] = account
    prefetch(&books.accounts[account])


cdef inline void look_ahead_at_accounts(
    Books& books, Lookahead* ahead, const int32_t* accounts, int64_t at, int64_t count
) noexcept nogil:
    """Take each account that is to be assessed soon one step further; called for each in turn."""
    if at + TO_ACCOUNT < count:
        fetch_account(books, ahead, at + TO_ACCOUNT, accounts[at + TO_ACCOUNT])
    come_closer(books, ahead, at, STEP, TO_ACCOUNT, count)


cdef inline void look_ahead_at_listed(
    Books& books,
    Lookahead* ahead,
    const int32_t* legs,
    int64_t at,
    int64_t count,
    bint shorts,
) noexcept nogil:
    """The same for the accounts on one side of a list of positions, which are fetched first."""
    cdef const Leg* leg
    if at + TO_LISTED < count:
        prefetch(&books.legs[legs[at + TO_LISTED]])
    if at + TO_ACCOUNT < count:
        leg = &books.legs[legs[at + TO_ACCOUNT]]
        if (leg.size_lots < 0) == shorts:
            fetch_account(books, ahead, at + TO_ACCOUNT, leg.account)
        else:
            ahead.accounts[(at + TO_ACCOUNT) & (ITEMS - 1)] = -1
    come_closer(books, ahead, at, STEP, TO_ACCOUNT, count)
