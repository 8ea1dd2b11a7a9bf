"""Bringing the accounts of coming rows into the cache, in stages, while earlier rows are applied.

Nothing here changes the state or decides anything: without it the same happens, more slowly.
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.id_map cimport id_map_get, id_map_prefetch, prefetch
from riskengine.core.state cimport Holder, Position, State

cdef enum:
    ITEMS = 128  # a power of two above the longest distance, two accounts a row
    TO_ID = 40  # rows ahead: entry of the id map
    TO_ACCOUNT = 30  # the account
    TO_FIRST = 21  # its first position
    TO_SECOND = 14
    TO_THIRD = 7


cdef struct Lookahead:
    int32_t[128] accounts
    int32_t[128] positions


cdef inline void follow(
    State& state, Lookahead* ahead, int64_t item, bint is_first
) noexcept nogil:
    """Fetch the next position in the account's list."""
    cdef int64_t at = item & (ITEMS - 1)
    cdef int32_t position
    if is_first:
        position = ahead.accounts[at]
        if position >= 0:
            position = state.accounts[position].first_position
    else:
        position = ahead.positions[at]
        if position >= 0:
            position = state.positions[position].next_position
    ahead.positions[at] = position
    if position >= 0:
        prefetch(&state.positions[position])


cdef inline void look_up(
    State& state, Lookahead* ahead, int64_t item, int64_t account_id
) noexcept nogil:
    """Find the account and fetch it."""
    cdef int32_t account = id_map_get(state.account_index, account_id)
    ahead.accounts[item & (ITEMS - 1)] = account
    if account >= 0:
        prefetch(&state.accounts[account])


cdef inline void look_ahead(
    State& state,
    Lookahead* ahead,
    const int64_t* first_ids,
    const int64_t* second_ids,
    int64_t row,
    int64_t rows,
) noexcept nogil:
    """Take each coming row one stage further; called once a row, from row -TO_ID on."""
    if row + TO_ID < rows:
        id_map_prefetch(state.account_index, first_ids[row + TO_ID])
        id_map_prefetch(state.account_index, second_ids[row + TO_ID])
    if 0 <= row + TO_ACCOUNT < rows:
        look_up(state, ahead, 2 * (row + TO_ACCOUNT), first_ids[row + TO_ACCOUNT])
        look_up(state, ahead, 2 * (row + TO_ACCOUNT) + 1, second_ids[row + TO_ACCOUNT])
    if 0 <= row + TO_FIRST < rows:
        follow(state, ahead, 2 * (row + TO_FIRST), True)
        follow(state, ahead, 2 * (row + TO_FIRST) + 1, True)
    if 0 <= row + TO_SECOND < rows:
        follow(state, ahead, 2 * (row + TO_SECOND), False)
        follow(state, ahead, 2 * (row + TO_SECOND) + 1, False)
    if 0 <= row + TO_THIRD < rows:
        follow(state, ahead, 2 * (row + TO_THIRD), False)
        follow(state, ahead, 2 * (row + TO_THIRD) + 1, False)


cdef inline void come_closer(
    State& state, Lookahead* ahead, int64_t at, int64_t count
) noexcept nogil:
    """Fetch the positions of accounts that have been fetched, one a stage.

    The first accounts are not fetched: a few are in the cache anyway.
    """
    if at >= TO_ACCOUNT - TO_FIRST and at + TO_FIRST < count:
        follow(state, ahead, at + TO_FIRST, True)
    if at >= TO_ACCOUNT - TO_SECOND and at + TO_SECOND < count:
        follow(state, ahead, at + TO_SECOND, False)
    if at >= TO_ACCOUNT - TO_THIRD and at + TO_THIRD < count:
        follow(state, ahead, at + TO_THIRD, False)


cdef inline void fetch_account(
    State& state, Lookahead* ahead, int64_t item, int32_t account
) noexcept nogil:
    ahead.accounts[item & (ITEMS - 1)] = account
    prefetch(&state.accounts[account])


cdef inline void look_ahead_at_accounts(
    State& state, Lookahead* ahead, const int32_t* accounts, int64_t at, int64_t count
) noexcept nogil:
    """Take each account that is to be assessed soon one stage further; called for each in turn."""
    if at + TO_ACCOUNT < count:
        fetch_account(state, ahead, at + TO_ACCOUNT, accounts[at + TO_ACCOUNT])
    come_closer(state, ahead, at, count)


cdef inline void look_ahead_at_holders(
    State& state, Lookahead* ahead, const Holder* holders, int64_t at, int64_t count
) noexcept nogil:
    """The same for the accounts of holders."""
    if at + TO_ACCOUNT < count:
        fetch_account(state, ahead, at + TO_ACCOUNT, holders[at + TO_ACCOUNT].account)
    come_closer(state, ahead, at, count)


cdef inline void look_ahead_at_listed(
    State& state,
    Lookahead* ahead,
    const int32_t* positions,
    int64_t at,
    int64_t count,
    bint shorts,
) noexcept nogil:
    """The same for the accounts on one side of a list of positions, which are fetched first."""
    cdef const Position* position
    if at + TO_ID < count:
        prefetch(&state.positions[positions[at + TO_ID]])
    if at + TO_ACCOUNT < count:
        position = &state.positions[positions[at + TO_ACCOUNT]]
        if (position.size_lots < 0) == shorts:
            fetch_account(state, ahead, at + TO_ACCOUNT, position.account)
        else:
            ahead.accounts[(at + TO_ACCOUNT) & (ITEMS - 1)] = -1
    come_closer(state, ahead, at, count)
