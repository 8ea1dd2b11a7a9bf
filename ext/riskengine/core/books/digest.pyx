"""Hash of the books over canonical words.

Accounts in order of name, positions by market, orders newest first, timers by number: two states
that will answer alike hash alike, whatever their dense indices are. Lists are preceded by their
length, and an account has an attempt while it is LIQUIDATING: other words are another state.
`tests/core/test_hashed.py` holds which fields are hashed, and why the others are not.
"""

import hashlib

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.algorithm cimport sort
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport int128_t
from riskengine.core.books.books cimport (
    CROSS,
    Account,
    AccountName,
    Books,
    Timer,
    comes_before,
    is_open,
    name_of,
)
from riskengine.core.books.limits cimport SYMBOL_BYTES
from riskengine.core.books.market cimport Market

cdef extern from *:
    """
    static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are hashed as they lie there");
    """

cdef enum:
    DIGEST_BYTES = 16
    CHUNK_WORDS = 1 << 16


cdef struct Numbered:
    int64_t number
    int32_t index


cdef bint has_lower_number(const Numbered& a, const Numbered& b) noexcept nogil:
    """Order by number, which no two of a list share."""
    return a.number < b.number


cdef struct Named:
    AccountName name
    int32_t index


cdef bint has_lower_name(const Named& a, const Named& b) noexcept nogil:
    """Order of accounts: by name, which no two share (ST-12)."""
    return comes_before(a.name, b.name)


cdef void add_wide(vector[int64_t]& words, int128_t value) noexcept nogil:
    """Add the upper 64 bits, then the lower ones."""
    words.push_back(<int64_t>(value >> 64))
    words.push_back(<int64_t>value)


cdef void add_text(vector[int64_t]& words, const char* text) noexcept nogil:
    """Add a symbol, a word for each of its bytes, with the zeros behind its end."""
    cdef int i
    for i in range(SYMBOL_BYTES):
        words.push_back(text[i])


cdef int flush(object digest, vector[int64_t]& words) except -1:
    """Hash the words, the least significant byte of each first, and drop them."""
    if not words.empty():
        digest.update((<const char*>words.data())[: words.size() * sizeof(int64_t)])
        words.clear()
    return 0


cdef void add_name(Books& books, int32_t account, vector[int64_t]& words) noexcept nogil:
    """Add the name of an account, which stands for its index wherever it is referred to (ST-12)."""
    cdef AccountName name = name_of(books, account)
    words.push_back(name.account_id)
    words.push_back(name.asset_id)
    words.push_back(name.isolated_market_id)


cdef void add_engine(Books& books, vector[int64_t]& words) noexcept nogil:
    """Add counts, levels and retention, assets as they were made, debtors as they became so.

    Rules ST-7, ST-8.
    """
    cdef size_t i
    words.push_back(books.sequence)
    words.push_back(books.time_nanos)
    words.push_back(books.instruction_sequence)
    words.push_back(books.last_liquidation_id)
    words.push_back(books.timers_made)
    words.push_back(books.parameters.margin_call_ppm)
    words.push_back(books.parameters.liquidation_buffer_ppm)
    words.push_back(books.parameters.take_over_ppm)
    words.push_back(books.retention.client_count)
    words.push_back(books.retention.answer_count)
    words.push_back(books.retention.answer_bytes)
    words.push_back(books.retention.instruction_count)
    words.push_back(<int64_t>books.assets.size())
    for i in range(books.assets.size()):
        words.push_back(books.assets[i].asset_id)
        words.push_back(books.assets[i].exponent)
        add_wide(words, books.assets[i].net_deposits_atoms)
        add_wide(words, books.assets[i].fees_atoms)
        add_text(words, books.assets[i].symbol)
    words.push_back(<int64_t>books.bankrupt_accounts.size())
    for i in range(books.bankrupt_accounts.size()):
        add_name(books, books.bankrupt_accounts[i], words)


cdef void add_market(const Market* market, vector[int64_t]& words) noexcept nogil:
    """Add mark, outside leg and parameters; the totals of the sides follow from the legs (ST-5)."""
    cdef int i
    words.push_back(market.rules.market_id)
    words.push_back(market.now.mark_price_ticks)
    words.push_back(market.now.outside_lots)
    add_wide(words, market.now.outside_cost_atoms)
    words.push_back(market.rules.asset_id)
    words.push_back(market.rules.fund_id)
    words.push_back(market.rules.tick_exponent)
    words.push_back(market.rules.lot_exponent)
    words.push_back(market.rules.price_step_ticks)
    words.push_back(market.rules.size_step_lots)
    words.push_back(market.rules.max_price_ticks)
    words.push_back(market.rules.max_position_lots)
    words.push_back(market.rules.liquidation_fee_ppm)
    words.push_back(market.rules.liquidation_timeout_millis)
    words.push_back(market.rules.liquidation_slice_lots)
    words.push_back(market.rules.liquidation_cooldown_millis)
    words.push_back(market.rules.dust_notional_atoms)
    words.push_back(market.rules.loss_policy)
    words.push_back(market.rules.tier_count)
    for i in range(market.rules.tier_count):
        words.push_back(market.rules.tiers[i].floor_atoms)
        words.push_back(market.rules.tiers[i].initial_rate_ppm)
        words.push_back(market.rules.tiers[i].maintenance_rate_ppm)
    add_text(words, market.rules.symbol)


cdef void add_legs(Books& books, int32_t account, vector[int64_t]& words) noexcept nogil:
    """Add the number of positions, and market id, lots and cost of each by market id (ST-4)."""
    cdef vector[Numbered] listed
    cdef Numbered numbered
    cdef size_t i
    cdef int32_t index = books.accounts[account].first_leg
    while index >= 0:
        numbered.number = books.markets[books.legs[index].market].rules.market_id
        numbered.index = index
        listed.push_back(numbered)
        index = books.legs[index].next_leg
    sort(listed.begin(), listed.end(), &has_lower_number)
    words.push_back(<int64_t>listed.size())
    for i in range(listed.size()):
        words.push_back(listed[i].number)
        words.push_back(books.legs[listed[i].index].size_lots)
        words.push_back(books.legs[listed[i].index].cost_atoms)


cdef void add_attempt(Books& books, int32_t attempt, vector[int64_t]& words) noexcept nogil:
    """Add retry, shortfall, number of orders and these, the newest first, of an attempt (ST-1)."""
    cdef int32_t index = books.attempts[attempt].first_order
    cdef size_t count_at = words.size() + 2
    words.push_back(books.attempts[attempt].retry_nanos)
    words.push_back(books.attempts[attempt].shortfall)
    words.push_back(0)
    while index >= 0:
        words[count_at] += 1
        words.push_back(books.orders[index].liquidation_id)
        words.push_back(books.markets[books.orders[index].market].rules.market_id)
        words.push_back(books.orders[index].size_lots)
        words.push_back(books.orders[index].filled_lots)
        words.push_back(books.orders[index].side)
        words.push_back(books.orders[index].outcome)
        words.push_back(books.orders[index].sliced)
        index = books.orders[index].next_order


cdef void add_account(Books& books, int32_t index, vector[int64_t]& words) noexcept nogil:
    """Add an account with its positions and, while it is liquidating, its attempt (ST-1)."""
    cdef const Account* account = &books.accounts[index]
    add_name(books, index, words)
    words.push_back(account.balance_atoms)
    words.push_back(account.state)
    words.push_back(account.kind)
    words.push_back(
        0
        if account.debt_fund_account < 0
        else books.accounts[account.debt_fund_account].account_id
    )
    add_legs(books, index, words)
    if account.attempt >= 0:
        add_attempt(books, account.attempt, words)


cdef void add_timers(Books& books, vector[int64_t]& words) noexcept nogil:
    """Add all timers in order of making, however they stand in the heap (TM-1)."""
    cdef vector[Numbered] listed
    cdef Numbered numbered
    cdef const Timer* timer
    cdef size_t i
    for i in range(books.timers.size()):
        numbered.number = books.timers[i].made
        numbered.index = <int32_t>i
        listed.push_back(numbered)
    sort(listed.begin(), listed.end(), &has_lower_number)
    words.push_back(<int64_t>listed.size())
    for i in range(listed.size()):
        timer = &books.timers[listed[i].index]
        words.push_back(timer.time_nanos)
        words.push_back(timer.made)
        words.push_back(timer.kind)
        words.push_back(timer.subject)
        words.push_back(0 if timer.asset < 0 else books.assets[timer.asset].asset_id)
        words.push_back(
            0
            if timer.isolated_market == CROSS
            else books.markets[timer.isolated_market].rules.market_id
        )


cdef object state_digest(Books& books):
    """Return BLAKE2b-128 over the canonical words, as 32 hexadecimal digits (ST-11)."""
    cdef vector[int64_t] words
    cdef vector[Numbered] listed
    cdef Numbered numbered
    cdef vector[Named] named
    cdef Named account
    cdef size_t i
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    add_engine(books, words)
    for i in range(books.markets.size()):
        numbered.number = books.markets[i].rules.market_id
        numbered.index = <int32_t>i
        listed.push_back(numbered)
    sort(listed.begin(), listed.end(), &has_lower_number)
    words.push_back(<int64_t>listed.size())
    for i in range(listed.size()):
        add_market(&books.markets[listed[i].index], words)
    for i in range(books.accounts.size()):
        if is_open(books, <int32_t>i):
            account.name = name_of(books, <int32_t>i)
            account.index = <int32_t>i
            named.push_back(account)
    sort(named.begin(), named.end(), &has_lower_name)
    words.push_back(<int64_t>named.size())
    for i in range(named.size()):
        add_account(books, named[i].index, words)
        if words.size() >= CHUNK_WORDS:
            flush(digest, words)
    add_timers(books, words)
    flush(digest, words)
    return digest.hexdigest()
