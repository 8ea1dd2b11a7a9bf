"""Accounts and positions: creation, look-up, removal. Nothing here knows a rule of margin."""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from riskengine.core.base.codes cimport ACCOUNT_STATE_NORMAL
from riskengine.core.base.id_map cimport id_map_put, id_map_remove

cdef enum:
    CACHE_LINE_BYTES = 64

assert sizeof(Account) == CACHE_LINE_BYTES
assert sizeof(Position) == CACHE_LINE_BYTES


cdef void state_init(State& state) noexcept nogil:
    """Set an empty state with the default risk parameters."""
    state.sequence = 0
    state.time_nanos = 0
    state.instruction_sequence = 0
    state.last_liquidation_id = 0
    state.oldest_liquidation_id = 1
    state.timers_made = 0
    state.open_orders = 0
    state.shortfall_accounts = 0
    state.parameters.margin_call_ppm = 1_250_000
    state.parameters.liquidation_buffer_ppm = 50_000
    state.parameters.take_over_ppm = 666_667
    state.reference_level = FIRST_REFERENCE_LEVEL
    state.marks_since_reference = 0
    state.full_scan = False
    state.built_rankings = 0
    state.log_round = 1
    memset(&state.totals, 0, sizeof(state.totals))


cdef void clear_account(Account* account) noexcept nogil:
    """Leave nothing but the version, which goes on counting for who comes next."""
    cdef int32_t version = account.version
    memset(account, 0, sizeof(Account))
    account.first_position = -1
    account.first_order = -1
    account.debt_fund_account = -1
    account.version = version


cdef int32_t add_account(State& state, int64_t account_id, int32_t kind) noexcept nogil:
    """Open an account whose id is free and return its index."""
    cdef int32_t index
    if state.free_accounts.empty():
        index = <int32_t>state.accounts.size()
        state.accounts.resize(state.accounts.size() + 1)
        state.accounts[index].version = 0
    else:
        index = state.free_accounts.back()
        state.free_accounts.pop_back()
    clear_account(&state.accounts[index])
    state.accounts[index].account_id = account_id
    state.accounts[index].state = ACCOUNT_STATE_NORMAL
    state.accounts[index].kind = kind
    id_map_put(state.account_index, account_id, index)
    if kind == TRADER:
        state.totals.accounts_by_state[<int>ACCOUNT_STATE_NORMAL] += 1
    return index


cdef void remove_account(State& state, int32_t account) noexcept nogil:
    """Close a trader's account that holds nothing, and free its slot."""
    id_map_remove(state.account_index, state.accounts[account].account_id)
    state.totals.accounts_by_state[state.accounts[account].state] -= 1
    clear_account(&state.accounts[account])
    state.free_accounts.push_back(account)


cdef void set_account_state(State& state, int32_t account, int32_t to) noexcept nogil:
    """Move an account to another state of the waterfall."""
    state.totals.accounts_by_state[state.accounts[account].state] -= 1
    state.totals.accounts_by_state[to] += 1
    state.accounts[account].state = to


cdef int32_t add_position(State& state, int32_t account, int32_t market) noexcept nogil:
    """Add an empty position where the account is flat and return its index."""
    cdef int32_t index
    cdef Position* position
    if state.free_positions.empty():
        index = <int32_t>state.positions.size()
        state.positions.resize(state.positions.size() + 1)
    else:
        index = state.free_positions.back()
        state.free_positions.pop_back()
    position = &state.positions[index]
    position.size_lots = 0
    position.cost_atoms = 0
    position.account = account
    position.market = market
    position.trigger_keys[<int>BELOW] = NEVER
    position.trigger_keys[<int>ABOVE] = NEVER
    position.heap_slots[<int>BELOW] = -1
    position.heap_slots[<int>ABOVE] = -1
    position.next_position = state.accounts[account].first_position
    position.market_slot = <int32_t>state.market_positions[market].size()
    state.accounts[account].first_position = index
    state.accounts[account].position_count += 1
    state.market_positions[market].push_back(index)
    return index


cdef void unlink_from_account(State& state, int32_t position) noexcept nogil:
    cdef int32_t account = state.positions[position].account
    cdef int32_t after = state.positions[position].next_position
    cdef int32_t before = state.accounts[account].first_position
    state.accounts[account].position_count -= 1
    if before == position:
        state.accounts[account].first_position = after
        return
    while state.positions[before].next_position != position:
        before = state.positions[before].next_position
    state.positions[before].next_position = after


cdef void remove_position(State& state, int32_t position) noexcept nogil:
    """Free a position whose size is 0 and whose triggers are off."""
    cdef int32_t market = state.positions[position].market
    cdef int32_t slot = state.positions[position].market_slot
    cdef int32_t moved = state.market_positions[market].back()
    unlink_from_account(state, position)
    state.market_positions[market][slot] = moved
    state.positions[moved].market_slot = slot
    state.market_positions[market].pop_back()
    state.free_positions.push_back(position)
