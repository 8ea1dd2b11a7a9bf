"""Conservation of money, invariants and counters (ST-9, ST-10)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset
from libcpp.vector cimport vector

from riskengine.core.base.codes cimport (
    ACCOUNT_STATE_BANKRUPT,
    ACCOUNT_STATE_LIQUIDATING,
    LIQUIDATION_OUTCOME_UNSPECIFIED,
)
from riskengine.core.base.fixedpoint cimport int128_t
from riskengine.core.base.id_map cimport id_map_get
from riskengine.core.books.books cimport (
    FUND,
    Account,
    Asset,
    Attempt,
    Books,
    Leg,
    attempt_of,
    find_account,
    find_asset,
    is_open,
)
from riskengine.core.books.desk cimport ACCOUNT_STATES, Desk
from riskengine.core.books.limits cimport MAX_LEGS_PER_ACCOUNT
from riskengine.core.books.market cimport Market
from riskengine.core.books.timers cimport is_before
from riskengine.core.commands.guards cimport find_fund
from riskengine.core.commands.markets cimport is_complete
from riskengine.core.face.loss_audit cimport (
    assert_debtors,
    assert_ended_orders,
    assert_gates,
    assert_reservations,
    assert_windows,
)
from riskengine.core.face.views cimport bad_debt_of
from riskengine.core.margin.value cimport leg_value
from riskengine.core.counters import ClosedCounter, EngineCounters, MarketCounters
from riskengine.core.types import Conservation
from riskengine.core.waterfall.orders cimport find_order


cdef struct Listed:  # what is met on the lists of accounts
    size_t attempts
    size_t orders
    size_t funds
    int64_t open_orders


cdef struct Held:  # of an asset, by its accounts and in its markets
    int128_t balances_atoms
    int128_t funds_atoms
    int128_t unrealised_atoms
    int128_t reserved_atoms


cdef void sum_held(Books& books, vector[Held]& held) noexcept nogil:
    """Sum what is held of each asset, at the present marks; one pass over all."""
    cdef size_t i
    cdef const Account* account
    cdef const Leg* leg
    cdef const Market* market
    held.resize(books.assets.size())
    for i in range(books.accounts.size()):
        if not is_open(books, <int32_t>i):
            continue
        account = &books.accounts[i]
        if account.kind == FUND:
            held[account.asset].funds_atoms += account.balance_atoms
        else:
            held[account.asset].balances_atoms += account.balance_atoms
    for i in range(books.legs.size()):
        leg = &books.legs[i]
        if leg.account >= 0:
            market = &books.markets[leg.market]
            held[market.rules.asset].unrealised_atoms += leg_value(market, leg)
    for i in range(books.reservations.size()):
        if books.reservations[i].account >= 0:
            account = &books.accounts[books.reservations[i].account]
            held[account.asset].reserved_atoms += books.reservations[i].amount_atoms
    for i in range(books.markets.size()):
        market = &books.markets[i]
        held[market.rules.asset].unrealised_atoms += (
            <int128_t>market.now.outside_lots * market.now.unit_value_atoms
            - market.now.outside_cost_atoms
        )


cdef object conservation_view(Books& books, int32_t asset, const Held* held):
    """Return both sides of the conservation of an asset's money."""
    cdef const Asset* of = &books.assets[asset]
    cdef int128_t missing = of.net_deposits_atoms + of.reserved_atoms - (
        held.balances_atoms
        + held.reserved_atoms
        + held.unrealised_atoms
        + held.funds_atoms
        + of.fees_atoms
        + of.carried_in_atoms
    )
    return Conservation(
        of.asset_id,
        of.net_deposits_atoms,
        held.balances_atoms,
        held.unrealised_atoms,
        held.funds_atoms,
        of.fees_atoms,
        missing,
        bad_debt_of(books, asset),
        of.carried_in_atoms,
        held.reserved_atoms,
    )


cdef list conservation_views(Desk& desk):
    """Return the check of each asset, in the order in which they were made.

    What gains have paid, and debtors get later in the work, is a balance already (WK-2).
    """
    cdef vector[Held] held
    sum_held(desk.books, held)
    if desk.running.held_atoms != 0:
        held[desk.running.held_asset].balances_atoms += desk.running.held_atoms
    return [
        conservation_view(desk.books, <int32_t>i, &held[i])
        for i in range(desk.books.assets.size())
    ]


cdef list closed_views(int64_t market_id, list closed):
    """Return a ClosedCounter for each of a market's totals, which stand as ClosedTotals do."""
    return [
        ClosedCounter(market_id=market_id, side=i % 2 + 1, stage=i // 2, **totals)
        for i, totals in enumerate(closed)
    ]


cdef object counters_view(Desk& desk):
    """Return the totals since the log began: each struct's fields are those of its value."""
    cdef size_t i
    cdef int64_t market_id
    cdef dict totals
    cdef list closed = []
    cdef list markets = []
    for i in range(desk.books.markets.size()):
        market_id = desk.books.markets[i].rules.market_id
        totals = desk.totals.markets[i]
        closed.extend(closed_views(market_id, totals.pop("closed")))
        markets.append(MarketCounters(market_id=market_id, **totals))
    assets = [desk.totals.assets[i] for i in range(desk.totals.assets.size())]
    return EngineCounters(
        closed=closed,
        markets=markets,
        insurance_payout_atoms=tuple([of["insurance_payout_atoms"] for of in assets]),
        spread_atoms=tuple([of["spread_atoms"] for of in assets]),
        written_off_atoms=tuple([of["written_off_atoms"] for of in assets]),
        **desk.totals.engine,
    )


cdef int assert_market(Books& books, int32_t market, bint is_pending) except -1:
    """Assert that a market's positions are listed right and sum to its totals (I1 to I5).

    While work is pending one side of a close may be booked alone.
    """
    cdef int64_t longs = 0
    cdef int64_t shorts = 0
    cdef int64_t size
    cdef size_t slot
    cdef const Leg* leg
    for slot in range(books.directory.market_legs[market].size()):
        leg = &books.legs[books.directory.market_legs[market][slot]]
        size = leg.size_lots
        assert leg.market == market, "I1: a position is listed in its market"
        assert leg.market_slot == <int32_t>slot, "I2: a position knows its slot"
        assert size != 0, "I3: a listed position is not empty"
        if size > 0:
            longs += size
        else:
            shorts -= size
    assert longs == books.markets[market].now.long_lots, "I4: long total is the sum of longs"
    assert shorts == books.markets[market].now.short_lots, "I4: short total is the sum of shorts"
    assert is_pending or longs - shorts + books.markets[market].now.outside_lots == 0, (
        "I5: sizes sum to zero"
    )
    return 0


cdef int assert_derived(Books& books, int32_t market) except -1:
    """Assert that what a market keeps besides parameters and mark follows from them (I22, I23)."""
    cdef const Market* at = &books.markets[market]
    assert find_asset(books, at.rules.asset_id) == at.rules.asset, "I22: asset of a market"
    assert find_fund(books, at.rules.fund_id) == at.rules.fund_account, "I22: fund of a market"
    assert is_complete(books, &at.rules), "I22: multiplier, and deductions of the tiers"
    assert (
        at.now.unit_value_atoms == at.now.mark_price_ticks * at.rules.multiplier_atoms
    ), "I22: value of a lot at mark"
    assert at.now.marked_sequence <= books.sequence, "I22: a mark is a command's"
    assert id_map_get(books.directory.market_index, at.rules.market_id) == market, (
        "I23: an id leads to its market"
    )
    return 0


cdef int assert_attempt(Books& books, int32_t account, Listed* listed) except -1:
    """Assert that an attempt's orders are its own, and count them (I9, I20, I23)."""
    cdef const Attempt* attempt = attempt_of(books, account)
    cdef int32_t open_orders = 0
    cdef int32_t at = attempt.first_order
    assert attempt.account == account, "I20: an attempt knows its account"
    while at >= 0:
        assert books.orders[at].account == account, "I9: an order is its attempt's"
        assert find_order(books, books.orders[at].liquidation_id) == at, (
            "I23: an id leads to its order"
        )
        listed.orders += 1
        open_orders += books.orders[at].outcome == LIQUIDATION_OUTCOME_UNSPECIFIED
        at = books.orders[at].next_order
    assert open_orders == attempt.open_orders, "I9: open orders of the attempt"
    listed.attempts += 1
    listed.open_orders += open_orders
    return 0


cdef int assert_account(
    Books& books, int32_t index, Listed* listed, bint is_pending
) except -1:
    """Assert that an account's parts agree, and count its orders (I6 to I8, I20).

    While work is pending there are accounts to be judged, and to be watched anew.
    """
    cdef const Account* account = &books.accounts[index]
    cdef int32_t count = 0
    cdef int32_t at = account.first_leg
    while at >= 0:
        assert books.legs[at].account == index, "I6: a position is listed on its account"
        count += 1
        at = books.legs[at].next_leg
    assert count == account.leg_count <= MAX_LEGS_PER_ACCOUNT, "I7: position count"
    assert is_pending or account.touched == 0, "I8: nobody is left unjudged"
    assert is_pending or account.stale == 0, "I8: nobody is left unwatched"
    assert (account.attempt >= 0) == (account.state == ACCOUNT_STATE_LIQUIDATING), (
        "I20: an account has an attempt while it is liquidating"
    )
    listed.funds += account.kind == FUND
    if account.attempt >= 0:
        assert_attempt(books, index, listed)
    return 0


cdef int assert_free_account(Books& books, int32_t index) except -1:
    """Assert that a slot without an account holds nothing (I15)."""
    cdef const Account* account = &books.accounts[index]
    assert account.balance_atoms == 0, "I15: a free slot holds no money"
    assert account.first_leg < 0 and account.leg_count == 0, "I15: nor positions"
    assert account.attempt < 0, "I15: nor a liquidation"
    return 0


cdef int assert_directory(Books& books, const Listed* listed) except -1:
    """Assert that orders and funds are found, and that no slot of theirs is lost (I10, I23)."""
    cdef size_t i
    cdef size_t found = 0
    assert listed.attempts + books.directory.free_attempts.size() == books.attempts.size(), (
        "I10: no slot is lost"
    )
    assert listed.orders + books.directory.free_orders.size() == books.orders.size(), (
        "I10: no slot is lost"
    )
    for i in range(books.directory.order_slots.size()):
        found += books.directory.order_slots[i] >= 0
    assert found == listed.orders, "I23: nothing leads to an order that is gone"
    assert books.directory.order_slots.empty() or books.directory.order_slots[0] >= 0, (
        "I23: what leads to orders begins with the oldest"
    )
    assert (
        books.directory.oldest_liquidation_id + <int64_t>books.directory.order_slots.size()
        == books.last_liquidation_id + 1
    ), "I23: what leads to orders ends with the last"
    assert listed.funds == books.fund_accounts.size(), "I23: every fund is listed"
    for i in range(books.fund_accounts.size()):
        assert books.accounts[books.fund_accounts[i]].kind == FUND, "I23: a listed fund is one"
        assert <int32_t>i == id_map_get(
            books.directory.fund_index, books.accounts[books.fund_accounts[i]].account_id
        ), "I23: an id leads to its fund"
    return 0


cdef int assert_accounts(Desk& desk) except -1:
    """Assert what holds of each account, and of all together.

    I6 to I10, I15 to I17, I20, I21, I23.
    """
    cdef size_t i
    cdef const Account* account
    cdef Listed listed
    cdef size_t freed = 0
    cdef int64_t[ACCOUNT_STATES] by_state
    cdef int state
    memset(by_state, 0, sizeof(by_state))
    memset(&listed, 0, sizeof(listed))
    for i in range(desk.books.accounts.size()):
        account = &desk.books.accounts[i]
        if not is_open(desk.books, <int32_t>i):
            freed += 1
            assert_free_account(desk.books, <int32_t>i)
            continue
        assert_account(desk.books, <int32_t>i, &listed, desk.running.is_pending)
        assert <int32_t>i == find_account(
            desk.books, account.account_id, account.asset, account.isolated_market
        ), "I16: a name leads to its account"
        by_state[account.state] += account.kind != FUND
    assert listed.open_orders == desk.books.open_orders, "I9: open orders in all"
    assert freed == desk.books.directory.free_accounts.size(), "I10: no slot is lost"
    for state in range(ACCOUNT_STATES):
        assert by_state[state] == desk.totals.engine.accounts_by_state[state], (
            "I17: accounts by state"
        )
    assert desk.running.is_pending or (
        by_state[<int>ACCOUNT_STATE_BANKRUPT] == <int64_t>desk.books.debtors.size()
    ), "I21: every debtor is listed"
    return assert_directory(desk.books, &listed)


cdef int assert_timers(Books& books) except -1:
    """Assert that the timer that is due first is found first (I24)."""
    cdef size_t i
    for i in range(1, books.timers.size()):
        assert is_before(&books.timers[(i - 1) >> 1], &books.timers[i]), "I24: heap of timers"
    return 0


cdef int assert_invariants(Desk& desk) except -1:
    """Raise AssertionError that names the first invariant that is broken."""
    cdef size_t i
    cdef size_t listed = 0
    cdef size_t freed
    for i in range(desk.books.markets.size()):
        assert_market(desk.books, <int32_t>i, desk.running.is_pending)
        assert_derived(desk.books, <int32_t>i)
        listed += desk.books.directory.market_legs[i].size()
    assert_accounts(desk)
    freed = desk.books.directory.free_legs.size()
    assert listed + freed == desk.books.legs.size(), "I10: no slot is lost"
    for check in conservation_views(desk):
        missing = check.missing_atoms
        assert missing == 0, f"I11: {missing} atoms of asset {check.asset_id} are missing"
    assert_timers(desk.books)
    if not desk.running.is_pending:
        assert desk.running.held_atoms == 0, "I11: nothing is held between two accounts"
        assert_debtors(desk.books)
        assert_gates(desk.books)
        assert_windows(desk.books)
    assert_ended_orders(desk.books)
    assert_reservations(desk.books)
    return 0
