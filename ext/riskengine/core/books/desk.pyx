"""Accounts and legs: creation and removal. Nothing here knows a rule of margin."""

from libc.stdint cimport int8_t, int32_t, int64_t
from libc.string cimport memset

from riskengine.core.base.codes cimport ACCOUNT_STATE_BANKRUPT, ACCOUNT_STATE_NORMAL
from riskengine.core.base.expect cimport expect
from riskengine.core.base.id_map cimport id_map_get, id_map_put, id_map_remove
from riskengine.core.books.books cimport CROSS, TRADER, Account, Books, Leg, books_init
from riskengine.core.books.reservations cimport first_reservation

cdef enum:
    CACHE_LINE_BYTES = 64

assert sizeof(Account) == CACHE_LINE_BYTES
assert 2 * sizeof(Leg) == CACHE_LINE_BYTES


cdef void desk_init(Desk& desk) noexcept nogil:
    """Begin with empty books."""
    books_init(desk.books)
    desk.running.is_pending = False
    desk.running.units = 0
    desk.running.units_left = 0
    desk.running.begun_sequence = 0
    desk.running.begun_time_nanos = 0
    desk.running.are_debts_due = False
    desk.running.has_ended_debts = False
    desk.running.held_asset = 0
    desk.running.held_atoms = 0
    desk.changes.is_kept = False
    desk.changes.round = 1
    memset(&desk.totals.engine, 0, sizeof(desk.totals.engine))


cdef void clear_account(Account* account) noexcept nogil:
    """Leave nothing but the version, which goes on counting for who comes next."""
    cdef int32_t version = account.version
    memset(account, 0, sizeof(Account))
    account.first_leg = -1
    account.attempt = -1
    account.debt_market = -1
    account.version = version


cdef void link_account(Books& books, int32_t account) noexcept nogil:
    """List the account behind the party's first one, or as that."""
    cdef int64_t account_id = books.accounts[account].account_id
    cdef int32_t first = id_map_get(books.directory.account_index, account_id)
    books.accounts[account].next_account = -1
    if first < 0:
        id_map_put(books.directory.account_index, account_id, account)
        return
    books.accounts[account].next_account = books.accounts[first].next_account
    books.accounts[first].next_account = account


cdef void unlink_account(Books& books, int32_t account) noexcept nogil:
    """Take the account off the party's list; a party without one is unknown."""
    cdef int64_t account_id = books.accounts[account].account_id
    cdef int32_t after = books.accounts[account].next_account
    cdef int32_t before = id_map_get(books.directory.account_index, account_id)
    if before == account:
        id_map_remove(books.directory.account_index, account_id)
        if after >= 0:
            id_map_put(books.directory.account_index, account_id, after)
        return
    while books.accounts[before].next_account != account:
        before = books.accounts[before].next_account
    books.accounts[before].next_account = after


cdef int32_t add_account(
    Desk& desk, int64_t account_id, int32_t asset, int32_t kind
) noexcept nogil:
    """Open a cross account of the asset, which the party does not have, and return its index."""
    cdef int32_t index
    if desk.books.directory.free_accounts.empty():
        index = <int32_t>desk.books.accounts.size()
        desk.books.accounts.resize(desk.books.accounts.size() + 1)
        desk.books.accounts[index].version = 0
    else:
        index = desk.books.directory.free_accounts.back()
        desk.books.directory.free_accounts.pop_back()
    clear_account(&desk.books.accounts[index])
    desk.books.accounts[index].account_id = account_id
    desk.books.accounts[index].asset = asset
    desk.books.accounts[index].isolated_market = CROSS
    desk.books.accounts[index].state = ACCOUNT_STATE_NORMAL
    desk.books.accounts[index].kind = <int8_t>kind
    link_account(desk.books, index)
    if kind == TRADER:
        desk.totals.engine.accounts_by_state[<int>ACCOUNT_STATE_NORMAL] += 1
    return index


cdef void remove_account(Desk& desk, int32_t account) noexcept nogil:
    """Close a trader's account that holds nothing, and free its slot."""
    expect(first_reservation(desk.books, account) < 0)
    expect(desk.books.accounts[account].first_leg < 0)
    expect(desk.books.accounts[account].balance_atoms == 0)
    unlink_account(desk.books, account)
    desk.totals.engine.accounts_by_state[desk.books.accounts[account].state] -= 1
    clear_account(&desk.books.accounts[account])
    desk.books.directory.free_accounts.push_back(account)


cdef void set_account_state(Desk& desk, int32_t account, int32_t to) noexcept nogil:
    """Move an account to another state of the waterfall; one that was a debtor is still listed."""
    cdef int32_t from_state = desk.books.accounts[account].state
    if from_state == ACCOUNT_STATE_BANKRUPT and to != ACCOUNT_STATE_BANKRUPT:
        desk.running.has_ended_debts = True
    desk.totals.engine.accounts_by_state[from_state] -= 1
    desk.totals.engine.accounts_by_state[to] += 1
    desk.books.accounts[account].state = <int8_t>to


cdef int32_t add_leg(Desk& desk, int32_t account, int32_t market) noexcept nogil:
    """Add an empty leg where the account is flat and return its index."""
    cdef int32_t index
    cdef Leg* leg
    if desk.books.directory.free_legs.empty():
        index = <int32_t>desk.books.legs.size()
        desk.books.legs.resize(desk.books.legs.size() + 1)
    else:
        index = desk.books.directory.free_legs.back()
        desk.books.directory.free_legs.pop_back()
    leg = &desk.books.legs[index]
    leg.size_lots = 0
    leg.cost_atoms = 0
    leg.account = account
    leg.market = market
    leg.next_leg = desk.books.accounts[account].first_leg
    leg.market_slot = <int32_t>desk.books.directory.market_legs[market].size()
    desk.books.accounts[account].first_leg = index
    desk.books.accounts[account].leg_count += 1
    desk.books.directory.market_legs[market].push_back(index)
    return index


cdef void unlink_from_account(Books& books, int32_t leg) noexcept nogil:
    """Take a leg off the list of its account; its market still has it."""
    cdef int32_t account = books.legs[leg].account
    cdef int32_t after = books.legs[leg].next_leg
    cdef int32_t before = books.accounts[account].first_leg
    books.accounts[account].leg_count -= 1
    if before == leg:
        books.accounts[account].first_leg = after
        return
    while books.legs[before].next_leg != leg:
        before = books.legs[before].next_leg
    books.legs[before].next_leg = after


cdef void remove_leg(Desk& desk, int32_t leg) noexcept nogil:
    """Free a leg whose size is 0."""
    cdef int32_t market = desk.books.legs[leg].market
    cdef int32_t slot = desk.books.legs[leg].market_slot
    cdef int32_t moved = desk.books.directory.market_legs[market].back()
    expect(desk.books.legs[leg].size_lots == 0)
    expect(desk.books.directory.market_legs[market][slot] == leg)
    unlink_from_account(desk.books, leg)
    desk.books.directory.market_legs[market][slot] = moved
    desk.books.legs[moved].market_slot = slot
    desk.books.directory.market_legs[market].pop_back()
    desk.books.legs[leg].account = -1
    desk.books.directory.free_legs.push_back(leg)
    desk.running.closed_legs.push_back(leg)
