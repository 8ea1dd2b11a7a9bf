"""The state as Python values, for questions."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.algorithm cimport partial_sort, pop_heap, push_heap, sort_heap
from libcpp.vector cimport vector

from riskengine.core.base.codes cimport LIQUIDATION_OUTCOME_UNSPECIFIED
from riskengine.core.base.fixedpoint cimport greatest, int128_t, magnitude
from riskengine.core.books.books cimport (
    FUND,
    Account,
    AccountName,
    Asset,
    Books,
    Leg,
    LiquidationOrder,
    comes_before,
    is_open,
    name_of,
)
from riskengine.core.books.market cimport Market
from riskengine.core.books.reservations cimport first_reservation, reserved_of
from riskengine.core.commands.money cimport payable
from riskengine.core.losses.gate cimport Gates, gate_level, unallocated_loss
from riskengine.core.margin.assess cimport assess, gross_notional, initial_margin
from riskengine.core.margin.model cimport Change, Risk
from riskengine.core.margin.quotes cimport bankruptcy_price, liquidation_price
from riskengine.core.margin.release cimport release
from riskengine.core.margin.tiers cimport tier_of
from riskengine.core.margin.value cimport leg_value, notional_of
from riskengine.core.margin.what_if cimport initial_if, trade_change
from riskengine.core.types import (
    AccountView,
    AssetView,
    GateView,
    LiquidationView,
    MarketParameters,
    MarketView,
    PositionView,
    ReservationView,
    Retention,
    RiskParameters,
    RiskTier,
)


cdef int64_t leg_initial(Books& books, int32_t index) noexcept nogil:
    """Return the initial margin that closing the leg would give back."""
    cdef const Leg* leg = &books.legs[index]
    cdef Change change = trade_change(books, leg.market, index, -leg.size_lots, 0)
    return -initial_if(books, leg.account, 0, &change)


cdef object position_view(Books& books, int32_t index, Risk risk):
    """Return a PositionView; `risk` is that of the whole account, as of now."""
    cdef const Leg* leg = &books.legs[index]
    cdef const Market* market = &books.markets[leg.market]
    cdef int64_t notional = notional_of(market, leg.size_lots)
    return PositionView(
        market.rules.market_id,
        leg.size_lots,
        leg.cost_atoms,
        market.now.mark_price_ticks,
        leg_value(market, leg),
        notional,
        release(books, index, magnitude(leg.size_lots)),
        leg_initial(books, index),
        tier_of(market, notional),
        liquidation_price(books, index, risk),
        bankruptcy_price(books, index, risk),
    )


cdef tuple position_views(Books& books, int32_t account, Risk risk):
    """Return a PositionView of each leg, by market id."""
    cdef list views = []
    cdef int32_t index = books.accounts[account].first_leg
    while index >= 0:
        views.append(position_view(books, index, risk))
        index = books.legs[index].next_leg
    return tuple(sorted(views))


cdef tuple reservation_views(Books& books, int32_t account):
    """Return a ReservationView of each reservation of the account, by number."""
    cdef list views = []
    cdef int32_t at = first_reservation(books, account)
    while at >= 0:
        views.append(
            ReservationView(
                books.reservations[at].reservation_id, books.reservations[at].amount_atoms
            )
        )
        at = books.reservations[at].next_reservation
    return tuple(sorted(views))


cdef object account_view(Desk& desk, int32_t index, bint with_positions, Gates& gates):
    """Return an AccountView; without positions they are left empty, and reservations too."""
    cdef const Account* account = &desk.books.accounts[index]
    cdef Risk risk = assess(desk.books, index)
    cdef AccountName name = name_of(desk.books, index)
    return AccountView(
        name.account_id,
        name.asset_id,
        name.isolated_market_id,
        account.state,
        account.kind == FUND,
        account.balance_atoms,
        risk.equity_atoms - account.balance_atoms,
        risk.equity_atoms,
        risk.maintenance_atoms,
        initial_margin(desk.books, index),
        payable(desk, index, risk, gates),
        gross_notional(desk.books, index),
        account.net_deposits_atoms,
        reserved_of(desk.books, index),
        position_views(desk.books, index, risk) if with_positions else (),
        reservation_views(desk.books, index) if with_positions else (),
    )


cdef struct Named:
    AccountName name
    int32_t index


cdef bint has_lower_name(const Named& a, const Named& b) noexcept nogil:
    """Order of accounts: by name."""
    return comes_before(a.name, b.name)


cdef void keep_lowest(vector[Named]& heap, const Named& found, size_t limit) noexcept nogil:
    """Put a name among the lowest, of which there may be so many; the highest is in front."""
    if heap.size() >= limit:
        if not has_lower_name(found, heap.front()):
            return
        pop_heap(heap.begin(), heap.end(), &has_lower_name)
        heap.pop_back()
    heap.push_back(found)
    push_heap(heap.begin(), heap.end(), &has_lower_name)


cdef list account_page(
    Desk& desk, const AccountName& after, int64_t limit, int32_t wanted_state
):
    """Return traders' accounts after a name, in order of name; 0 as a state means any.

    It looks at every account, and keeps no more names than the page has: commands wait for it.
    """
    cdef Books* books = &desk.books
    cdef vector[Named] named
    cdef Named found
    cdef Gates gates
    cdef size_t i
    if limit <= 0:
        return []
    for i in range(books.accounts.size()):
        if (
            is_open(books[0], <int32_t>i)
            and books.accounts[i].kind != FUND
            and (wanted_state == 0 or books.accounts[i].state == wanted_state)
        ):
            found.name = name_of(books[0], <int32_t>i)
            found.index = <int32_t>i
            if comes_before(after, found.name):
                keep_lowest(named, found, <size_t>limit)
    sort_heap(named.begin(), named.end(), &has_lower_name)
    return [account_view(desk, named[i].index, False, gates) for i in range(named.size())]


cdef bint is_listed(
    Books& books, const LiquidationOrder* order, int64_t account_id, int64_t market_id
) noexcept nogil:
    """Return whether an order is open, and of party and market; 0: any."""
    return (
        order.outcome == LIQUIDATION_OUTCOME_UNSPECIFIED
        and (account_id == 0 or books.accounts[order.account].account_id == account_id)
        and (market_id == 0 or books.markets[order.market].rules.market_id == market_id)
    )


cdef object liquidation_view(Books& books, int32_t index):
    """Return a LiquidationView."""
    cdef const LiquidationOrder* order = &books.orders[index]
    cdef AccountName name = name_of(books, order.account)
    return LiquidationView(
        order.liquidation_id,
        name.account_id,
        name.asset_id,
        name.isolated_market_id,
        books.markets[order.market].rules.market_id,
        order.side,
        order.size_lots,
        order.filled_lots,
        order.limit_price_ticks,
        order.deadline_nanos,
        order.attempt,
        order.cancelling != 0,
    )


cdef struct Numbered:
    int64_t liquidation_id
    int32_t index


cdef bint has_lower_number(const Numbered& a, const Numbered& b) noexcept nogil:
    """Order of liquidation orders: by id."""
    return a.liquidation_id < b.liquidation_id


cdef list scanned_page(
    Books& books, int64_t after_id, size_t limit, int64_t account_id, int64_t market_id
):
    """Return a page of open liquidation orders, found among all orders; a free slot's id is 0."""
    cdef vector[Numbered] numbered
    cdef Numbered found
    cdef size_t i, count
    for i in range(books.orders.size()):
        found.liquidation_id = books.orders[i].liquidation_id
        found.index = <int32_t>i
        if found.liquidation_id > after_id and is_listed(
            books, &books.orders[i], account_id, market_id
        ):
            numbered.push_back(found)
    count = min(numbered.size(), limit)
    partial_sort(
        numbered.begin(),
        numbered.begin() + <ptrdiff_t>count,
        numbered.end(),
        &has_lower_number,
    )
    return [liquidation_view(books, numbered[i].index) for i in range(count)]


cdef list liquidation_page(
    Books& books, int64_t after_id, int64_t limit, int64_t account_id, int64_t market_id
):
    """Return open liquidation orders after an id, in order of id, of party and market; 0: any.

    It looks at the ids from there on until the page is full, unless there are more of them than
    orders: one that was loaded may be millions of ids older than the others.
    """
    cdef int64_t at = max(after_id - books.directory.oldest_liquidation_id + 1, 0)
    cdef int64_t end = <int64_t>books.directory.order_slots.size()
    cdef int32_t index
    cdef list found = []
    if end - at > <int64_t>books.orders.size():
        return scanned_page(books, after_id, <size_t>limit, account_id, market_id)
    while at < end and len(found) < limit:
        index = books.directory.order_slots[<size_t>at]
        if index >= 0 and is_listed(books, &books.orders[index], account_id, market_id):
            found.append(liquidation_view(books, index))
        at += 1
    return found


cdef object parameters_of(const Market* market):
    """Return a market's MarketParameters, as they were set."""
    cdef int i
    return MarketParameters(
        market.rules.market_id,
        (<bytes>market.rules.symbol).decode(),
        market.rules.asset_id,
        market.rules.fund_id,
        market.rules.tick_exponent,
        market.rules.lot_exponent,
        market.rules.price_step_ticks,
        market.rules.size_step_lots,
        market.rules.max_price_ticks,
        market.rules.max_position_lots,
        tuple(
            [
                RiskTier(
                    market.rules.tiers[i].floor_atoms,
                    market.rules.tiers[i].initial_rate_ppm,
                    market.rules.tiers[i].maintenance_rate_ppm,
                )
                for i in range(market.rules.tier_count)
            ]
        ),
        market.rules.liquidation_fee_ppm,
        market.rules.liquidation_timeout_millis,
        market.rules.liquidation_slice_lots,
        market.rules.liquidation_cooldown_millis,
        market.rules.dust_notional_atoms,
        market.rules.loss_policy,
        market.rules.order_band_ppm,
        market.rules.reprices_trades != 0,
        market.rules.discount_ppm,
        market.rules.book_attempts,
        market.rules.fund_share_ppm,
        market.rules.inventory_ppm,
    )


cdef object market_view(Books& books, int32_t index):
    """Return a MarketView; the open interest in atoms is the long side at mark."""
    cdef const Market* market = &books.markets[index]
    return MarketView(
        parameters_of(market),
        market.now.mark_price_ticks,
        market.now.long_lots,
        market.now.short_lots,
        market.now.long_lots - market.now.short_lots,
        <object>market.now.long_lots * market.now.unit_value_atoms,
    )


cdef object asset_view(const Asset* asset):
    """Return an AssetView."""
    return AssetView(asset.asset_id, (<bytes>asset.symbol).decode(), asset.exponent)


cdef list asset_views(Books& books):
    """Return every asset, in the order in which they were made."""
    return [asset_view(&books.assets[i]) for i in range(books.assets.size())]


cdef object gate_view(Books& books, int32_t asset):
    """Return a GateView."""
    cdef int128_t loss = unallocated_loss(books, asset)
    cdef int128_t level = gate_level(books, asset)
    return GateView(books.assets[asset].asset_id, loss, level, loss > level)


cdef list gate_views(Books& books):
    """Return every asset's gate, in the order in which the assets were made."""
    return [gate_view(books, <int32_t>i) for i in range(books.assets.size())]


cdef object parameters_view(Books& books):
    """Return the RiskParameters in force."""
    return RiskParameters(
        books.parameters.margin_call_ppm,
        books.parameters.liquidation_buffer_ppm,
        books.parameters.take_over_ppm,
        books.parameters.margin_call_clear_ppm,
        books.parameters.withdrawal_margin_ppm,
        books.parameters.gate_floor_units,
        books.parameters.gate_ppm,
        books.parameters.fund_market_notional_ppm,
        books.parameters.fund_notional_ppm,
        books.parameters.fund_drawdown_ppm,
        books.parameters.fund_resume_ppm,
        books.parameters.second_term_millis,
        books.parameters.late_fill_millis,
        books.parameters.spread_after_millis,
        books.parameters.work_units,
        books.parameters.max_reservations,
    )


cdef object retention_view(Books& books):
    """Return the Retention in force."""
    return Retention(
        books.retention.client_count,
        books.retention.answer_count,
        books.retention.answer_bytes,
        books.retention.instruction_count,
        books.retention.caller_client_count,
        books.retention.client_idle_millis,
    )


cdef object bad_debt_of(Books& books, int32_t asset):
    """Return what the asset's bankrupt accounts are below zero in sum, unbounded."""
    cdef size_t i
    total = 0
    for i in range(books.debtors.size()):
        if books.accounts[books.debtors[i].account].asset == asset:
            total += greatest(0, -assess(books, books.debtors[i].account).equity_atoms)
    return total
