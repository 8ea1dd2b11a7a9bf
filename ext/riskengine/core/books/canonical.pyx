"""The walk over the books in canonical order: what is hashed, and what a view of them holds.

Accounts in order of name, positions by market, orders newest first, timers by number, reservations
in order of account, then number: two states that will answer alike are the same words, whatever
their dense indices are. Lists are preceded by their length, and an account has an attempt while it
is LIQUIDATING: other words are another state. commands/read_back takes the same way, with the same
fields (books/fields).

Each thing that is carried begins a record, for who is told of them one by one.

Nothing here asks the allocator for memory: a process cloned beside threads walks as well.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.algorithm cimport sort

from riskengine.core.base.words cimport Scratch, Words
from riskengine.core.books.books cimport (
    CROSS,
    AccountName,
    Books,
    EndedOrder,
    Timer,
    comes_before,
    is_open,
    name_of,
)
from riskengine.core.books.desk cimport Totals
from riskengine.core.books.fields cimport (
    ACCOUNT_RECORD,
    ASSET_RECORD,
    ATTEMPT_RECORD,
    DEBTOR_RECORD,
    ENDED_RECORD,
    HEAD_RECORD,
    LEG_RECORD,
    MARKET_RECORD,
    ORDER_RECORD,
    PAYOUTS_RECORD,
    RESERVATION_RECORD,
    TIMER_RECORD,
    WINDOW_RECORD,
    carry_account,
    carry_asset,
    carry_asset_totals,
    carry_attempt,
    carry_debtor,
    carry_ended,
    carry_engine_totals,
    carry_head,
    carry_leg,
    carry_market,
    carry_market_totals,
    carry_name,
    carry_order,
    carry_payouts,
    carry_reservation,
    carry_timer,
    carry_window,
)
from riskengine.core.books.fund_window cimport has_window, window_of
from riskengine.core.books.limits cimport MAX_LEGS_PER_ACCOUNT


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


cdef void write_assets(Books& books, Words& words) noexcept nogil:
    """Write assets as they were made, then debtors as they became so (ST-7, ST-8)."""
    cdef AccountName name
    cdef size_t i
    words.put_count(books.assets.size())
    for i in range(books.assets.size()):
        words.begin(ASSET_RECORD)
        carry_asset(books.assets[i], words)
    words.put_count(books.debtors.size())
    for i in range(books.debtors.size()):
        name = name_of(books, books.debtors[i].account)
        words.begin(DEBTOR_RECORD)
        carry_debtor(books.debtors[i], name, words)


cdef bint list_markets(Books& books, Scratch[Numbered]& listed) noexcept nogil:
    """List markets by id; False without memory to sort in."""
    cdef Numbered numbered
    cdef size_t i
    if not listed.take(books.markets.size()):
        return False
    for i in range(books.markets.size()):
        numbered.number = books.markets[i].rules.market_id
        numbered.index = <int32_t>i
        listed.push_back(numbered)
    sort(listed.begin(), listed.end(), &has_lower_number)
    return True


cdef bint write_markets(Books& books, Words& words) noexcept nogil:
    """Write markets by id; False without memory to sort in."""
    cdef Scratch[Numbered] listed
    cdef size_t i
    if not list_markets(books, listed):
        return False
    words.put_count(listed.size())
    for i in range(listed.size()):
        words.begin(MARKET_RECORD)
        carry_market(books.markets[listed[i].index], words)
        words.begin(PAYOUTS_RECORD)
        carry_payouts(books.market_payouts[listed[i].index], books.noted_slot, words)
    return True


cdef void write_legs(Books& books, int32_t account, Words& words) noexcept nogil:
    """Write the number of positions, and each by market id (ST-4)."""
    cdef Numbered[MAX_LEGS_PER_ACCOUNT] listed
    cdef int32_t leg = books.accounts[account].first_leg
    cdef int32_t count = 0
    cdef int32_t i
    while leg >= 0:
        listed[count].number = books.markets[books.legs[leg].market].rules.market_id
        listed[count].index = leg
        count += 1
        leg = books.legs[leg].next_leg
    sort(&listed[0], &listed[count], &has_lower_number)
    words.put_count(<size_t>count)
    for i in range(count):
        words.begin(LEG_RECORD)
        carry_leg(books.legs[listed[i].index], listed[i].number, words)


cdef void write_attempt(Books& books, int32_t attempt, Words& words) noexcept nogil:
    """Write an attempt, the number of its orders and these, the newest first (ST-1)."""
    cdef int32_t order = books.attempts[attempt].first_order
    cdef int64_t market_id
    cdef size_t count = 0
    words.begin(ATTEMPT_RECORD)
    carry_attempt(books.attempts[attempt], words)
    while order >= 0:
        count += 1
        order = books.orders[order].next_order
    words.put_count(count)
    order = books.attempts[attempt].first_order
    while order >= 0:
        market_id = books.markets[books.orders[order].market].rules.market_id
        words.begin(ORDER_RECORD)
        carry_order(books.orders[order], market_id, words)
        order = books.orders[order].next_order


cdef void write_account(Books& books, Named& named, Words& words) noexcept nogil:
    """Write an account with its positions, and its attempt or its window, if any (ST-1, FD-9)."""
    cdef int32_t market = books.accounts[named.index].debt_market
    cdef int64_t debt_market_id = 0 if market < 0 else books.markets[market].rules.market_id
    words.begin(ACCOUNT_RECORD)
    carry_name(named.name, words)
    carry_account(books.accounts[named.index], debt_market_id, words)
    write_legs(books, named.index, words)
    if books.accounts[named.index].attempt >= 0:
        write_attempt(books, books.accounts[named.index].attempt, words)
    if has_window(books, named.index):
        words.begin(WINDOW_RECORD)
        carry_window(window_of(books, named.index)[0], books.noted_slot, words)


cdef bint write_accounts(Books& books, Words& words) noexcept nogil:
    """Write accounts in order of name; False without memory to sort in."""
    cdef Scratch[Named] listed
    cdef Named named
    cdef size_t i
    if not listed.take(books.accounts.size()):
        return False
    for i in range(books.accounts.size()):
        if is_open(books, <int32_t>i):
            named.name = name_of(books, <int32_t>i)
            named.index = <int32_t>i
            listed.push_back(named)
    sort(listed.begin(), listed.end(), &has_lower_name)
    words.put_count(listed.size())
    for i in range(listed.size()):
        write_account(books, listed[i], words)
    return True


cdef bint write_timers(Books& books, Words& words) noexcept nogil:
    """Write all timers in order of making, however they stand in the heap (TM-1).

    False without memory to sort in.
    """
    cdef Scratch[Numbered] listed
    cdef Numbered numbered
    cdef Timer* timer
    cdef int64_t asset_id, isolated_market_id
    cdef size_t i
    if not listed.take(books.timers.size()):
        return False
    for i in range(books.timers.size()):
        numbered.number = books.timers[i].made
        numbered.index = <int32_t>i
        listed.push_back(numbered)
    sort(listed.begin(), listed.end(), &has_lower_number)
    words.put_count(listed.size())
    for i in range(listed.size()):
        timer = &books.timers[listed[i].index]
        asset_id = 0 if timer.asset < 0 else books.assets[timer.asset].asset_id
        isolated_market_id = (
            0
            if timer.isolated_market == CROSS
            else books.markets[timer.isolated_market].rules.market_id
        )
        words.begin(TIMER_RECORD)
        carry_timer(timer[0], asset_id, isolated_market_id, words)
    return True


cdef void write_ended(Books& books, Words& words) noexcept nogil:
    """Write the ended orders that are kept for late fills, as they ended (WF-28)."""
    cdef EndedOrder* ended
    cdef AccountName name
    cdef int64_t market_id
    cdef size_t i
    words.put_count(books.ended_orders.size())
    for i in range(books.ended_orders.size()):
        ended = &books.ended_orders[i]
        name.account_id = ended.account_id
        name.asset_id = books.assets[ended.asset].asset_id
        name.isolated_market_id = 0
        if ended.isolated_market != CROSS:
            name.isolated_market_id = books.markets[ended.isolated_market].rules.market_id
        market_id = books.markets[ended.market].rules.market_id
        words.begin(ENDED_RECORD)
        carry_ended(ended[0], name, market_id, words)


cdef struct Reserved:
    AccountName name
    int64_t reservation_id
    int32_t index


cdef bint is_reserved_before(const Reserved& a, const Reserved& b) noexcept nogil:
    """Order of reservations: by account, then by number, which no two of an account share."""
    if comes_before(a.name, b.name):
        return True
    return not comes_before(b.name, a.name) and a.reservation_id < b.reservation_id


cdef bint write_reservations(Books& books, Words& words) noexcept nogil:
    """Write reservations by account and number (MN-1); False without memory to sort in."""
    cdef Scratch[Reserved] listed
    cdef Reserved reserved
    cdef size_t i
    if not listed.take(books.reservations.size()):
        return False
    for i in range(books.reservations.size()):
        if books.reservations[i].reservation_id != 0:
            reserved.name = name_of(books, books.reservations[i].account)
            reserved.reservation_id = books.reservations[i].reservation_id
            reserved.index = <int32_t>i
            listed.push_back(reserved)
    sort(listed.begin(), listed.end(), &is_reserved_before)
    words.put_count(listed.size())
    for i in range(listed.size()):
        words.begin(RESERVATION_RECORD)
        carry_reservation(books.reservations[listed[i].index], listed[i].name, words)
    return True


cdef bint write_books(Books& books, Words& words) noexcept nogil:
    """Write the books; False, and then not all of them, without memory to sort in.

    Between commands only.
    """
    words.begin(HEAD_RECORD)
    carry_head(books, words)
    write_assets(books, words)
    if not (
        write_markets(books, words) and write_accounts(books, words) and write_timers(books, words)
    ):
        return False
    write_ended(books, words)
    if not write_reservations(books, words):
        return False
    words.flush()
    return True


cdef bint write_totals(Books& books, Totals& totals, Words& words) noexcept nogil:
    """Write the sequence, and what the metrics count, of markets by id; they are not hashed.

    False without memory to sort in.
    """
    cdef Scratch[Numbered] listed
    cdef size_t i
    if not list_markets(books, listed):
        return False
    words.carry(books.sequence)
    carry_engine_totals(totals.engine, words)
    for i in range(totals.assets.size()):
        carry_asset_totals(totals.assets[i], words)
    for i in range(listed.size()):
        carry_market_totals(totals.markets[listed[i].index], words)
    return True
