"""The books: what is stored and copied; plain structs in arrays, joined by dense indices.

What decides is hashed; what is derived from it in place, and what only serves who stands beside
the books, is not. `tests/core/test_hashed.py` holds of every field which it is, and why; a new one
fails there until that is said.

A pointer into an array is never kept across a call that may add to it. Index -1 means none.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int8_t, int32_t, int64_t
from libcpp.deque cimport deque
from libcpp.vector cimport vector

from riskengine.core.base.codes cimport (
    ACCOUNT_STATE_BANKRUPT,
    ACCOUNT_STATE_LIQUIDATING,
    VENUE_MODE_LOADING,
)
from riskengine.core.base.expect cimport expect
from riskengine.core.base.fixedpoint cimport int128_t
from riskengine.core.base.id_map cimport IdMap, id_map_get
from riskengine.core.base.paged cimport HugeLines, HugePaged, Paged
from riskengine.core.books.limits cimport SYMBOL_BYTES, WINDOW_SLOTS
from riskengine.core.books.market cimport Market

cdef enum AccountKind:
    TRADER = 0
    FUND = 1

cdef enum:
    CROSS = -1
    NEVER_NOTED = -1

cdef enum TimerKind:
    ORDER_DEADLINE = 0
    ACCOUNT_RETRY = 1
    DEBT_DUE = 2


cdef struct Asset:
    int64_t asset_id
    int64_t exponent
    int128_t net_deposits_atoms
    int128_t fees_atoms
    int128_t carried_in_atoms  # of deposits that loaded accounts had no more
    int128_t reserved_atoms  # for withdrawals that are neither confirmed nor cancelled
    char[SYMBOL_BYTES] symbol


cdef struct Account:
    int64_t account_id  # of the party; 0 in a free slot
    int64_t balance_atoms  # of the asset
    int32_t asset
    int32_t isolated_market  # CROSS unless it is of one market alone
    int32_t next_account  # of the party
    int32_t first_leg
    int32_t leg_count
    int32_t attempt  # in Books.attempts; -1 unless it is liquidating
    int32_t debt_market  # that was booked on it last; -1: none was
    int8_t state
    int8_t kind
    int8_t touched  # to be judged before the command ends
    int8_t stale  # to be watched anew before the command ends
    int32_t version  # counts changes of balance and legs, of all who had the slot
    int32_t logged_round  # of Changes in which it was last put there
    int64_t net_deposits_atoms  # paid in less paid out; 0 of a fund


cdef struct AccountName:
    int64_t account_id
    int64_t asset_id
    int64_t isolated_market_id  # 0 of a cross account


cdef struct Attempt:
    int64_t retry_nanos  # 0 when no retry is pending
    int32_t account  # that is being liquidated; -1 in a free slot
    int32_t first_order  # newest first; -1 when there is none
    int32_t open_orders
    int32_t asked  # 1: the fund was asked for the legs since the account fell below its level


cdef struct Leg:
    int64_t size_lots  # signed
    int64_t cost_atoms  # signed: what was paid
    int32_t account  # -1 in a free slot
    int32_t market
    int32_t next_leg  # of the account
    int32_t market_slot  # in Directory.market_legs[market]


cdef struct LiquidationOrder:
    int64_t liquidation_id
    int64_t size_lots
    int64_t filled_lots
    int64_t limit_price_ticks  # the worst at which it may be filled
    int64_t deadline_nanos  # as its timer has it
    int32_t account
    int32_t market
    int32_t next_order  # of the account's attempt, newest first
    int32_t side  # of the order
    int32_t outcome  # LIQUIDATION_OUTCOME_UNSPECIFIED while open
    int32_t sliced
    int32_t attempt  # which order it is for what is closed, from 1
    int32_t cancelling  # 1: its deadline has passed, and it has a second one


cdef struct EndedOrder:  # that is kept for late fills
    int64_t liquidation_id
    int64_t account_id  # with the next two the name of an account, which may be gone
    int32_t asset
    int32_t isolated_market
    int32_t market
    int32_t side  # of the order
    int64_t limit_price_ticks
    int64_t unfilled_lots
    int64_t moved_lots  # of these, what went to the fund or to holders without the book
    int64_t next_liquidation_id  # of the further attempt for its rest; 0: there was none
    int64_t end_nanos


cdef struct Timer:
    int64_t time_nanos
    int64_t made  # order of making breaks ties
    int64_t subject  # liquidation id or account id: what it stood for may be gone
    int32_t asset  # with the next and the account id: the name of an account
    int32_t isolated_market
    int64_t kind


cdef struct Debtor:  # an account that is BANKRUPT
    int64_t since_nanos
    int64_t due_nanos  # when what is left of the debt is spread, as its timer has it; 0: never
    int32_t account


cdef struct Reservation:  # of a withdrawal: what is no longer the account's, and not yet paid out
    int64_t reservation_id  # as its venue calls it; 0 in a free slot
    int64_t amount_atoms
    int32_t account
    int32_t next_reservation  # of the account


cdef struct Parameters:
    int64_t margin_call_ppm
    int64_t liquidation_buffer_ppm
    int64_t take_over_ppm
    int64_t margin_call_clear_ppm
    int64_t withdrawal_margin_ppm
    int64_t gate_floor_units  # whole units of an asset, whatever its exponent
    int64_t gate_ppm
    int64_t fund_market_notional_ppm  # of a fund's means, held in one market; 0: no limit
    int64_t fund_notional_ppm  # in all markets
    int64_t fund_drawdown_ppm  # of its peak, what it may lose in the window; 0: no limit
    int64_t fund_resume_ppm  # below its peak, where a fund that was stopped goes on
    int64_t second_term_millis  # from an order's deadline to its end; 0: they are one
    int64_t late_fill_millis  # for which ended orders are kept; 0: none is
    int64_t spread_after_millis  # 0: a debt is never spread
    int64_t work_units  # of a command, before it pauses; 0: DEFAULT_WORK_UNITS
    int64_t max_reservations  # of an account at a time


cdef struct Retention:  # of what is remembered around the core, since it decides what is answered
    int64_t client_count
    int64_t answer_count  # of each client
    int64_t answer_bytes  # of those
    int64_t instruction_count
    int64_t caller_client_count  # of the clients, those of one caller
    int64_t client_idle_millis  # after which a client may be forgotten


cdef struct FundWindow:  # what a fund was worth in the last slots, each at its number's remainder
    int64_t is_stopped  # it has lost what it may
    int64_t stop_peak_atoms  # the peak when it was stopped; 0 of one that is not
    int64_t[WINDOW_SLOTS] peak_atoms  # the highest equity noted in it; NOTHING_NOTED without any


cdef struct MarketPayouts:  # what a market's fund paid for its losses and debts in them
    int64_t[WINDOW_SLOTS] paid_atoms


cdef cppclass Directory:
    IdMap market_index
    IdMap account_index  # leads to the first account of a party
    IdMap fund_index  # leads from a fund's account id to its place among funds
    deque[int32_t] order_slots  # order of oldest_liquidation_id + i, -1 when forgotten
    int64_t oldest_liquidation_id
    IdMap ended_index  # of a liquidation id: which ended order it is, since the log began
    int64_t first_ended  # the number of the first that is kept
    vector[vector[int32_t]] market_legs
    Paged[int32_t] free_accounts
    Paged[int32_t] free_legs
    Paged[int32_t] free_orders
    Paged[int32_t] free_attempts
    IdMap reservation_index  # from an account's index and 1 to the first of its reservations
    Paged[int32_t] free_reservations


cdef cppclass Books:
    int64_t sequence
    int64_t time_nanos
    int64_t instruction_sequence
    int64_t last_liquidation_id
    int64_t timers_made
    int64_t open_orders
    int64_t venue_mode
    int64_t noted_slot  # in which the equity of all funds was noted last; NEVER_NOTED
    Parameters parameters
    Retention retention

    vector[Asset] assets
    vector[Market] markets
    HugePaged[Account] accounts
    HugeLines[Leg] legs  # the index's watches stand beside them
    Paged[Attempt] attempts
    Paged[LiquidationOrder] orders
    Paged[Timer] timers  # binary heap
    deque[EndedOrder] ended_orders  # in the order in which they ended
    vector[int32_t] fund_accounts
    vector[FundWindow] fund_windows  # beside them
    vector[MarketPayouts] market_payouts  # beside the markets
    vector[Debtor] debtors  # in the order in which they became so
    Paged[Reservation] reservations

    Directory directory  # where things are: found again from the rest


cdef inline bint is_open(Books& books, int32_t account) noexcept nogil:
    """Return whether the slot holds an account; closing one frees its slot."""
    return books.accounts[account].account_id != 0


cdef inline int64_t trader_accounts(Books& books) noexcept nogil:
    """Return how many accounts of traders are open."""
    return <int64_t>(
        books.accounts.size()
        - books.directory.free_accounts.size()
        - books.fund_accounts.size()
    )


cdef inline int64_t position_count(Books& books) noexcept nogil:
    """Return how many positions there are, with those of funds."""
    return <int64_t>(books.legs.size() - books.directory.free_legs.size())


cdef inline bint is_loading(const Books& books) noexcept nogil:
    """Return whether the venue is being loaded: nobody is judged, no timer fires (LD-3)."""
    return books.venue_mode == VENUE_MODE_LOADING


cdef inline bint is_in_liquidation(const Account* account) noexcept nogil:
    """Return whether the account is LIQUIDATING or BANKRUPT: it may not act for itself."""
    return account.state == ACCOUNT_STATE_LIQUIDATING or account.state == ACCOUNT_STATE_BANKRUPT


cdef inline int32_t find_account(
    Books& books, int64_t account_id, int32_t asset, int32_t isolated_market
) noexcept nogil:
    """Return the index of the party's account of that name, -1 when it has none."""
    cdef int32_t account = id_map_get(books.directory.account_index, account_id)
    while account >= 0 and not (
        books.accounts[account].asset == asset
        and books.accounts[account].isolated_market == isolated_market
    ):
        account = books.accounts[account].next_account
    return account


cdef inline AccountName name_of(Books& books, int32_t account) noexcept nogil:
    """Return the name by which an account is known outside (ST-12)."""
    cdef AccountName name
    cdef int32_t market = books.accounts[account].isolated_market
    name.account_id = books.accounts[account].account_id
    name.asset_id = books.assets[books.accounts[account].asset].asset_id
    name.isolated_market_id = 0 if market == CROSS else books.markets[market].rules.market_id
    return name


cdef inline bint comes_before(const AccountName& a, const AccountName& b) noexcept nogil:
    """Order of names, by which ties of accounts are broken (ST-12)."""
    if a.account_id != b.account_id:
        return a.account_id < b.account_id
    if a.asset_id != b.asset_id:
        return a.asset_id < b.asset_id
    return a.isolated_market_id < b.isolated_market_id


cdef inline int32_t find_asset(Books& books, int64_t asset_id) noexcept nogil:
    """Return the index of an asset, -1 when there is no such asset."""
    cdef size_t i
    for i in range(books.assets.size()):
        if books.assets[i].asset_id == asset_id:
            return <int32_t>i
    return -1


cdef inline int64_t asset_or_first(Books& books, int64_t asset_id) noexcept nogil:
    """Return the id that is meant: 0 stands for the asset that was made first."""
    return books.assets[0].asset_id if asset_id == 0 and not books.assets.empty() else asset_id


cdef inline int32_t find_leg(Books& books, int32_t account, int32_t market) noexcept nogil:
    """Return the index of the account's leg in the market, -1 when it is flat."""
    cdef int32_t leg = books.accounts[account].first_leg
    while leg >= 0 and books.legs[leg].market != market:
        leg = books.legs[leg].next_leg
    return leg


cdef inline bint awaits_marks(Books& books, int32_t asset) noexcept nogil:
    """Return whether a market of the asset with positions has had no mark since the last start.

    Nothing that only moves money between holders rests on so old a mark (TM-8).
    """
    cdef size_t i
    for i in range(books.markets.size()):
        if (
            books.markets[i].now.awaits_mark
            and books.markets[i].rules.asset == asset
            and (books.markets[i].now.long_lots > 0 or books.markets[i].now.short_lots > 0)
        ):
            return True
    return False


cdef inline Attempt* attempt_of(Books& books, int32_t account) noexcept nogil:
    """Return the attempt of an account that is liquidating."""
    expect(books.accounts[account].attempt >= 0)
    return &books.attempts[books.accounts[account].attempt]


cdef void books_init(Books& books) noexcept nogil
