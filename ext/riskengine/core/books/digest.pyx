"""Hash of the state over canonical words.

Accounts in order of id, positions of an account by market, orders and timers by number: two states
that will answer alike hash alike, whatever their dense indices are.
"""

import hashlib

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.algorithm cimport sort
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport int128_t
from riskengine.core.books.state cimport Account, Market, State, Timer, is_open

cdef enum:
    DIGEST_BYTES = 16
    CHUNK_WORDS = 1 << 16


cdef struct Numbered:
    int64_t number
    int32_t index


cdef bint has_lower_number(const Numbered& a, const Numbered& b) noexcept nogil:
    return a.number < b.number


cdef void add_wide(vector[int64_t]& words, int128_t value) noexcept nogil:
    words.push_back(<int64_t>(value >> 64))
    words.push_back(<int64_t>value)


cdef void add_text(vector[int64_t]& words, const char* text) noexcept nogil:
    cdef int i
    for i in range(24):
        words.push_back(text[i])


cdef int flush(object digest, vector[int64_t]& words) except -1:
    if not words.empty():
        digest.update((<const char*>words.data())[: words.size() * sizeof(int64_t)])
        words.clear()
    return 0


cdef void add_engine(State& state, vector[int64_t]& words) noexcept nogil:
    cdef size_t i
    words.push_back(state.sequence)
    words.push_back(state.time_nanos)
    words.push_back(state.instruction_sequence)
    words.push_back(state.last_liquidation_id)
    words.push_back(state.timers_made)
    words.push_back(state.parameters.margin_call_ppm)
    words.push_back(state.parameters.liquidation_buffer_ppm)
    words.push_back(state.parameters.take_over_ppm)
    for i in range(state.assets.size()):
        words.push_back(state.assets[i].asset_id)
        words.push_back(state.assets[i].exponent)
        add_wide(words, state.assets[i].net_deposits_atoms)
        add_wide(words, state.assets[i].fees_atoms)
        add_text(words, state.assets[i].symbol)
    for i in range(state.bankrupt_accounts.size()):
        words.push_back(state.accounts[state.bankrupt_accounts[i]].account_id)


cdef void add_market(const Market* market, vector[int64_t]& words) noexcept nogil:
    cdef int i
    words.push_back(market.market_id)
    words.push_back(market.mark_price_ticks)
    words.push_back(market.outside_lots)
    add_wide(words, market.outside_cost_atoms)
    words.push_back(market.asset_id)
    words.push_back(market.fund_id)
    words.push_back(market.tick_exponent)
    words.push_back(market.lot_exponent)
    words.push_back(market.price_step_ticks)
    words.push_back(market.size_step_lots)
    words.push_back(market.max_price_ticks)
    words.push_back(market.max_position_lots)
    words.push_back(market.liquidation_fee_ppm)
    words.push_back(market.liquidation_timeout_millis)
    words.push_back(market.liquidation_slice_lots)
    words.push_back(market.liquidation_cooldown_millis)
    words.push_back(market.dust_notional_atoms)
    words.push_back(market.loss_policy)
    for i in range(market.tier_count):
        words.push_back(market.tiers[i].floor_atoms)
        words.push_back(market.tiers[i].initial_rate_ppm)
        words.push_back(market.tiers[i].maintenance_rate_ppm)
    add_text(words, market.symbol)


cdef void add_positions(State& state, int32_t account, vector[int64_t]& words) noexcept nogil:
    cdef vector[Numbered] listed
    cdef Numbered numbered
    cdef size_t i
    cdef int32_t index = state.accounts[account].first_position
    while index >= 0:
        numbered.number = state.markets[state.positions[index].market].market_id
        numbered.index = index
        listed.push_back(numbered)
        index = state.positions[index].next_position
    sort(listed.begin(), listed.end(), &has_lower_number)
    for i in range(listed.size()):
        words.push_back(listed[i].number)
        words.push_back(state.positions[listed[i].index].size_lots)
        words.push_back(state.positions[listed[i].index].cost_atoms)


cdef void add_orders(State& state, int32_t account, vector[int64_t]& words) noexcept nogil:
    cdef int32_t index = state.accounts[account].first_order
    while index >= 0:
        words.push_back(state.orders[index].liquidation_id)
        words.push_back(state.markets[state.orders[index].market].market_id)
        words.push_back(state.orders[index].size_lots)
        words.push_back(state.orders[index].filled_lots)
        words.push_back(state.orders[index].side)
        words.push_back(state.orders[index].outcome)
        words.push_back(state.orders[index].sliced)
        index = state.orders[index].next_order


cdef void add_account(State& state, int32_t index, vector[int64_t]& words) noexcept nogil:
    cdef const Account* account = &state.accounts[index]
    words.push_back(account.account_id)
    words.push_back(account.balance_atoms)
    words.push_back(account.retry_nanos)
    words.push_back(account.state)
    words.push_back(account.kind)
    words.push_back(account.shortfall)
    words.push_back(
        0
        if account.debt_fund_account < 0
        else state.accounts[account.debt_fund_account].account_id
    )
    words.push_back(account.position_count)
    add_positions(state, index, words)
    add_orders(state, index, words)


cdef void add_timers(State& state, vector[int64_t]& words) noexcept nogil:
    cdef vector[Numbered] listed
    cdef Numbered numbered
    cdef const Timer* timer
    cdef size_t i
    for i in range(state.timers.size()):
        numbered.number = state.timers[i].made
        numbered.index = <int32_t>i
        listed.push_back(numbered)
    sort(listed.begin(), listed.end(), &has_lower_number)
    for i in range(listed.size()):
        timer = &state.timers[listed[i].index]
        words.push_back(timer.time_nanos)
        words.push_back(timer.made)
        words.push_back(timer.kind)
        words.push_back(timer.subject)


cdef object state_digest(State& state):
    """Return BLAKE2b-128 over the canonical words, as 32 hexadecimal digits."""
    cdef vector[int64_t] words
    cdef vector[Numbered] listed
    cdef Numbered numbered
    cdef size_t i
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    add_engine(state, words)
    for i in range(state.markets.size()):
        numbered.number = state.markets[i].market_id
        numbered.index = <int32_t>i
        listed.push_back(numbered)
    sort(listed.begin(), listed.end(), &has_lower_number)
    for i in range(listed.size()):
        add_market(&state.markets[listed[i].index], words)
    listed.clear()
    for i in range(state.accounts.size()):
        if not is_open(state, <int32_t>i):
            continue
        numbered.number = state.accounts[i].account_id
        numbered.index = <int32_t>i
        listed.push_back(numbered)
    sort(listed.begin(), listed.end(), &has_lower_number)
    for i in range(listed.size()):
        add_account(state, listed[i].index, words)
        if words.size() >= CHUNK_WORDS:
            flush(digest, words)
    add_timers(state, words)
    flush(digest, words)
    return digest.hexdigest()
