"""Reading back: a state from the canonical words of its books (see books/canonical).

What the words do not carry follows from them: where things are, sums, multipliers and deductions,
index and rankings. Words that are not those of books are found out, not followed: an id that leads
to nothing, a number that does not fit, a list longer than what is left.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset
from libcpp.vector cimport vector

from riskengine.core.base.codes cimport (
    ACCOUNT_STATE_LIQUIDATING,
    VENUE_MODE_LIVE,
    VENUE_MODE_LOADING,
)
from riskengine.core.base.fixedpoint cimport int128_t
from riskengine.core.base.id_map cimport id_map_get
from riskengine.core.base.refusal cimport Refusal
from riskengine.core.base.words cimport Words
from riskengine.core.books.booking cimport count_side_totals
from riskengine.core.books.books cimport (
    ACCOUNT_RETRY,
    CROSS,
    DEBT_DUE,
    FUND,
    NEVER_NOTED,
    TRADER,
    Account,
    AccountName,
    Asset,
    Books,
    Debtor,
    Leg,
    Reservation,
    Timer,
    find_account,
    is_loading,
)
from riskengine.core.books.desk cimport (
    ACCOUNT_STATES,
    AssetTotals,
    Desk,
    Totals,
    add_account,
    add_leg,
    set_account_state,
)
from riskengine.core.books.fields cimport (
    carry_account,
    carry_asset,
    carry_asset_totals,
    carry_debtor,
    carry_engine_totals,
    carry_head,
    carry_leg,
    carry_market,
    carry_market_totals,
    carry_name,
    carry_payouts,
    carry_reservation,
    carry_timer,
    carry_window,
)
from riskengine.core.books.fund_window cimport add_fund, slot_at, window_of
from riskengine.core.books.limits cimport (
    FUND_ACCOUNT_BASE,
    MAX_ASSETS,
    MAX_BALANCE_ATOMS,
    MAX_ID,
    MAX_LEGS_PER_ACCOUNT,
    MAX_MARKETS,
    MAX_RESERVATIONS,
    MAX_RESERVED_ATOMS,
)
from riskengine.core.books.market cimport Market
from riskengine.core.books.reservations cimport (
    add_reservation,
    count_reservations,
    find_reservation,
    reserved_of,
)
from riskengine.core.books.timers cimport put_timer
from riskengine.core.commands.markets cimport (
    complete_market,
    make_market,
    refuse_rules,
    refuse_second_fund,
)
from riskengine.core.commands.read_orders cimport (
    LEAST_WORDS,
    asset_index,
    list_orders,
    market_index,
    read_attempt,
    read_ended,
)
from riskengine.core.commands.state cimport State
from riskengine.core.index.bands cimport arm
from riskengine.core.index.reference cimport follow_from_now
from riskengine.core.margin.assess cimport assess


cdef cppclass Later:  # what leads to accounts that come later in the words
    vector[AccountName] debtors  # the names of those in the books


cdef int32_t account_index(Books& books, const AccountName& name, Words& words) noexcept nogil:
    """Return the index of an account that must be there; so far there are cross accounts alone."""
    cdef int32_t account = -1
    cdef int32_t asset = asset_index(books, name.asset_id, words)
    if asset >= 0 and name.isolated_market_id == 0:
        account = find_account(books, name.account_id, asset, CROSS)
    if account < 0:
        words.fail()
    return account


cdef void read_assets(Desk& desk, Later& later, Words& words) noexcept nogil:
    """Read assets and debtors; whose accounts are known later."""
    cdef Asset asset
    cdef AssetTotals totals
    cdef Debtor debtor
    cdef AccountName name
    cdef size_t count = words.next_count(LEAST_WORDS)
    cdef size_t _
    memset(&totals, 0, sizeof(totals))
    if count > MAX_ASSETS:
        words.fail()
        return
    for _ in range(count):
        memset(&asset, 0, sizeof(asset))
        carry_asset(asset, words)
        desk.books.assets.push_back(asset)
        desk.totals.assets.push_back(totals)
    for _ in range(words.next_count(LEAST_WORDS)):
        debtor.account = -1
        carry_debtor(debtor, name, words)
        desk.books.debtors.push_back(debtor)
        later.debtors.push_back(name)


cdef void read_market(State& state, Words& words) noexcept nogil:
    """Read a market; the account of its fund comes later."""
    cdef Market market
    cdef Market* made
    cdef Refusal refusal
    memset(&market, 0, sizeof(market))
    carry_market(market, words)
    if words.has_failed():
        return
    market.rules.asset = asset_index(state.desk.books, market.rules.asset_id, words)
    market.rules.fund_account = -1
    if (
        words.has_failed()
        or refuse_second_fund(state.desk.books, &market.rules, &refusal)
        or refuse_rules(state.desk.books, &market.rules, &refusal)
        or not 0 <= market.now.mark_price_ticks <= market.rules.max_price_ticks
        or not 0 <= market.now.awaits_mark <= 1
    ):
        words.fail()
        return
    complete_market(state.desk.books, &market.rules)
    make_market(state, &market.rules)
    made = &state.desk.books.markets.back()
    made.now = market.now
    made.now.unit_value_atoms = market.now.mark_price_ticks * market.rules.multiplier_atoms
    made.now.marked_sequence = state.desk.books.sequence
    carry_payouts(state.desk.books.market_payouts.back(), state.desk.books.noted_slot, words)


cdef void read_markets(State& state, Words& words) noexcept nogil:
    """Read markets."""
    cdef size_t count = words.next_count(LEAST_WORDS)
    cdef size_t _
    if count > MAX_MARKETS:
        words.fail()
        return
    for _ in range(count):
        if not words.has_failed():
            read_market(state, words)


cdef void read_legs(Desk& desk, int32_t account, Words& words) noexcept nogil:
    """Read the positions of an account."""
    cdef size_t count = words.next_count(LEAST_WORDS)
    cdef size_t _
    cdef int64_t market_id = 0
    cdef int32_t market, leg
    cdef Leg read
    if count > MAX_LEGS_PER_ACCOUNT:
        words.fail()
        return
    for _ in range(count):
        carry_leg(read, market_id, words)
        market = market_index(desk.books, market_id, words)
        if words.has_failed():
            return
        leg = add_leg(desk, account, market)
        desk.books.legs[leg].size_lots = read.size_lots
        desk.books.legs[leg].cost_atoms = read.cost_atoms
        count_side_totals(&desk.books.markets[market], 0, read.size_lots)


cdef int32_t open_account(
    Desk& desk, const AccountName& name, const Account& read, Words& words
) noexcept nogil:
    """Open an account as it was read, and return its index; -1: there is none of the kind."""
    cdef int32_t asset = asset_index(desk.books, name.asset_id, words)
    cdef int32_t account
    if (
        words.has_failed()
        or name.account_id <= 0
        or name.isolated_market_id != 0
        or not (read.kind == TRADER or read.kind == FUND)
        or not 0 < read.state < ACCOUNT_STATES
        or find_account(desk.books, name.account_id, asset, CROSS) >= 0
    ):
        words.fail()
        return -1
    account = add_account(desk, name.account_id, asset, read.kind)
    desk.books.accounts[account].balance_atoms = read.balance_atoms
    desk.books.accounts[account].net_deposits_atoms = read.net_deposits_atoms
    if read.kind == FUND:
        add_fund(desk.books, account)
        desk.books.accounts[account].state = read.state
    else:
        set_account_state(desk, account, read.state)
    return account


cdef void read_debt_market(
    Books& books, int32_t account, int64_t market_id, Words& words
) noexcept nogil:
    """Set the market to which the account's debt counts; it is of the account's asset."""
    cdef int32_t market = market_index(books, market_id, words)
    if market >= 0 and books.markets[market].rules.asset != books.accounts[account].asset:
        words.fail()
    books.accounts[account].debt_market = market


cdef void read_account(Desk& desk, Words& words) noexcept nogil:
    """Read an account with its positions and its attempt or its window, if it has any."""
    cdef AccountName name
    cdef Account read
    cdef int64_t debt_market_id = 0
    cdef int32_t account
    carry_name(name, words)
    carry_account(read, debt_market_id, words)
    account = open_account(desk, name, read, words)
    if account < 0:
        return
    if debt_market_id != 0:
        read_debt_market(desk.books, account, debt_market_id, words)
    read_legs(desk, account, words)
    if read.state == ACCOUNT_STATE_LIQUIDATING:
        read_attempt(desk.books, account, words)
    if read.kind == FUND:
        carry_window(window_of(desk.books, account)[0], desk.books.noted_slot, words)


cdef void read_timers(Books& books, Words& words) noexcept nogil:
    """Read timers; one that stands for an account has the rest of its name."""
    cdef Timer timer
    cdef int64_t asset_id = 0
    cdef int64_t isolated_market_id = 0
    cdef size_t _
    for _ in range(words.next_count(LEAST_WORDS)):
        carry_timer(timer, asset_id, isolated_market_id, words)
        timer.asset = -1
        timer.isolated_market = CROSS
        if timer.kind == ACCOUNT_RETRY or timer.kind == DEBT_DUE:
            timer.asset = asset_index(books, asset_id, words)
        if words.has_failed() or isolated_market_id != 0:
            words.fail()
            return
        put_timer(books, timer)


cdef void read_reservations(Books& books, Words& words) noexcept nogil:
    """Read reservations; in sum they are what their assets say (MN-1)."""
    cdef Reservation reservation
    cdef AccountName name
    cdef vector[int128_t] stated_atoms
    cdef int32_t account
    cdef size_t i, _
    for i in range(books.assets.size()):
        stated_atoms.push_back(books.assets[i].reserved_atoms)
        books.assets[i].reserved_atoms = 0
    for _ in range(words.next_count(LEAST_WORDS)):
        carry_reservation(reservation, name, words)
        account = account_index(books, name, words)
        if (
            words.has_failed()
            or books.accounts[account].kind != TRADER
            or not 1 <= reservation.reservation_id <= MAX_ID
            or not 1 <= reservation.amount_atoms <= MAX_BALANCE_ATOMS
            or find_reservation(books, account, reservation.reservation_id) >= 0
            or count_reservations(books, account) >= MAX_RESERVATIONS
            or reserved_of(books, account) > MAX_RESERVED_ATOMS - reservation.amount_atoms
        ):
            words.fail()
            return
        add_reservation(
            books, account, reservation.reservation_id, reservation.amount_atoms
        )
    for i in range(books.assets.size()):
        if books.assets[i].reserved_atoms != stated_atoms[i]:
            words.fail()


cdef void join_later(Books& books, const Later& later, Words& words) noexcept nogil:
    """Join what leads to accounts, now that all are there."""
    cdef int32_t account
    cdef size_t i
    for i in range(later.debtors.size()):
        books.debtors[i].account = account_index(books, later.debtors[i], words)
    for i in range(books.markets.size()):
        account = id_map_get(
            books.directory.account_index, FUND_ACCOUNT_BASE + books.markets[i].rules.fund_id
        )
        if account < 0:
            words.fail()
        books.markets[i].rules.fund_account = account


cdef void derive_index(State& state) noexcept nogil:
    """Watch every account, from the marks of now on."""
    cdef size_t i
    follow_from_now(state.desk.books, state.index)
    for i in range(state.desk.books.accounts.size()):
        arm(state.desk.books, state.index, <int32_t>i, assess(state.desk.books, <int32_t>i))


cdef bint read_books(State& state, Words& words) noexcept nogil:
    """Read books into a state that has just begun, and derive the rest.

    False when the words are not those of books; the state is then of no use.
    """
    cdef Later later
    cdef size_t _
    carry_head(state.desk.books, words)
    if state.desk.books.venue_mode not in (VENUE_MODE_LIVE, VENUE_MODE_LOADING):
        words.fail()
    if not NEVER_NOTED <= state.desk.books.noted_slot <= slot_at(state.desk.books.time_nanos):
        words.fail()
        return False
    read_assets(state.desk, later, words)
    read_markets(state, words)
    for _ in range(words.next_count(LEAST_WORDS)):
        if not words.has_failed():
            read_account(state.desk, words)
    read_timers(state.desk.books, words)
    read_ended(state.desk.books, words)
    read_reservations(state.desk.books, words)
    if words.has_failed():
        return False
    join_later(state.desk.books, later, words)
    list_orders(state.desk.books, words)
    if words.has_failed() or words.left() > 0:
        return False
    if not state.index.full_scan and not is_loading(state.desk.books):
        derive_index(state)
    return True


cdef bint read_totals(Totals& totals, Words& words) noexcept nogil:
    """Read the totals into those of books that were read: assets and markets are in their order.

    False when the words are not those of totals.
    """
    cdef size_t i
    carry_engine_totals(totals.engine, words)
    for i in range(totals.assets.size()):
        carry_asset_totals(totals.assets[i], words)
    for i in range(totals.markets.size()):
        carry_market_totals(totals.markets[i], words)
    return not words.has_failed() and words.left() == 0
