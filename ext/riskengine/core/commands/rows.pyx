"""Rows of the commands: guard, then apply (docs/SEMANTICS.md section 5).

Each returns whether the row was applied; one that was not has changed nothing.
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    ACCOUNT_STATE_LIQUIDATING,
    EVENT_KIND_POSITION_MISMATCH,
    FIELD_ACCOUNT_ID,
    FIELD_AMOUNT_ATOMS,
    FIELD_ASSET_ID,
    FIELD_LIQUIDATION_ID,
    FIELD_MARKET_ID,
    FIELD_MARK_PRICE_TICKS,
    LIQUIDATION_OUTCOME_DONE,
    LIQUIDATION_OUTCOME_UNSPECIFIED,
    REJECT_REASON_ACCOUNT_IN_LIQUIDATION,
    REJECT_REASON_CAPACITY,
    REJECT_REASON_DUPLICATE_ROW,
    REJECT_REASON_HAS_BALANCE,
    REJECT_REASON_HAS_POSITIONS,
    REJECT_REASON_LIQUIDATION_ENDED,
    REJECT_REASON_LOSS_UNALLOCATED,
    REJECT_REASON_NOT_WITHDRAWABLE,
    REJECT_REASON_OVERFLOW,
    REJECT_REASON_UNKNOWN_ACCOUNT,
    REJECT_REASON_UNKNOWN_ASSET,
    REJECT_REASON_UNKNOWN_LIQUIDATION,
    REJECT_REASON_UNKNOWN_MARKET,
)
from riskengine.core.base.id_map cimport id_map_get
from riskengine.core.base.refusal cimport Refusal, refuse, refuse_outside
from riskengine.core.books.booking cimport balance_fits, book, set_leg, settle
from riskengine.core.books.books cimport TRADER, Account, Books, find_leg
from riskengine.core.books.desk cimport (
    Desk,
    MarketTotals,
    add_account,
    add_balance,
    remove_account,
    touch,
)
from riskengine.core.books.limits cimport MAX_ACCOUNTS, MAX_BALANCE_ATOMS, MAX_ID
from riskengine.core.books.market cimport Market
from riskengine.core.commands.trade_guards cimport (
    PositionUpdate,
    Trade,
    refuse_position_update,
    refuse_trade,
)
from riskengine.core.events.event cimport Event
from riskengine.core.margin.assess cimport withdrawable
from riskengine.core.margin.emit cimport emit
from riskengine.core.waterfall.orders cimport end_order, fill_order, find_order


cdef bint apply_trade(Desk& desk, Trade* trade, Refusal* refusal) noexcept nogil:
    """Book both sides and their fees; then the fill of a liquidation order, if it is one.

    The caller has both accounts judged.
    """
    cdef MarketTotals* totals
    if refuse_trade(desk.books, trade, refusal):
        return False
    settle(desk, trade.buyer, trade.market, &trade.buyer_booked)
    settle(desk, trade.seller, trade.market, &trade.seller_booked)
    desk.books.assets[0].fees_atoms += trade.buyer_fee_atoms + trade.seller_fee_atoms
    if trade.order >= 0:
        fill_order(desk, trade.order, trade.size_lots, trade.price_ticks)
    totals = &desk.totals.markets[trade.market]
    totals.trades += 1
    totals.traded_lots += trade.size_lots
    return True


cdef void report_mismatch(
    Desk& desk, const PositionUpdate* update, int64_t engine_lots
) noexcept nogil:
    cdef Event* event = emit(desk, EVENT_KIND_POSITION_MISMATCH, update.account)
    event.market_id = update.market_id
    event.position_lots = engine_lots
    event.stated_lots = update.size_lots
    desk.totals.engine.position_mismatches += 1


cdef bint apply_position_update(
    Desk& desk, PositionUpdate* update, Refusal* refusal
) noexcept nogil:
    """Book one side; the market's outside leg is the counterparty."""
    cdef Market* market
    cdef int32_t leg
    cdef int64_t value
    cdef int64_t held_lots = 0
    cdef int64_t held_cost = 0
    if refuse_position_update(desk.books, update, refusal):
        return False
    market = &desk.books.markets[update.market]
    value = update.size_lots * update.price_ticks * market.rules.multiplier_atoms
    touch(desk, update.account)
    if not update.is_absolute:
        book(desk, update.account, update.market, update.size_lots, value)
        market.now.outside_lots -= update.size_lots
        market.now.outside_cost_atoms -= value
        return True
    leg = find_leg(desk.books, update.account, update.market)
    if leg >= 0:
        held_lots = desk.books.legs[leg].size_lots
        held_cost = desk.books.legs[leg].cost_atoms
    if held_lots == update.size_lots:
        return True
    if update.size_lots == 0:
        value = 0
    set_leg(desk, update.account, update.market, update.size_lots, value)
    market.now.outside_lots -= update.size_lots - held_lots
    market.now.outside_cost_atoms -= value - held_cost
    report_mismatch(desk, update, held_lots)
    return True


cdef bint apply_mark(
    Desk& desk, int64_t market_id, int64_t mark_price_ticks, Refusal* refusal
) noexcept nogil:
    """Set a market's mark price. `desk.books.sequence` is the command's already."""
    cdef int32_t index = id_map_get(desk.books.directory.market_index, market_id)
    cdef Market* market
    if index < 0:
        refuse(refusal, REJECT_REASON_UNKNOWN_MARKET, FIELD_MARKET_ID, market_id, 0)
        return False
    market = &desk.books.markets[index]
    if refuse_outside(
        refusal, FIELD_MARK_PRICE_TICKS, mark_price_ticks, 1, market.rules.max_price_ticks
    ):
        return False
    if market.now.marked_sequence == desk.books.sequence:
        refuse(refusal, REJECT_REASON_DUPLICATE_ROW, FIELD_MARKET_ID, market_id, 0)
        return False
    market.now.marked_sequence = desk.books.sequence
    market.now.mark_price_ticks = mark_price_ticks
    market.now.unit_value_atoms = mark_price_ticks * market.rules.multiplier_atoms
    desk.running.marked_markets.push_back(index)
    return True


cdef bint refuse_asset(Books& books, int64_t asset_id, Refusal* refusal) noexcept nogil:
    return (books.assets.empty() or books.assets[0].asset_id != asset_id) and refuse(
        refusal, REJECT_REASON_UNKNOWN_ASSET, FIELD_ASSET_ID, asset_id, 0
    )


cdef bint is_full(Books& books) noexcept nogil:
    return books.directory.free_accounts.empty() and books.accounts.size() >= MAX_ACCOUNTS


cdef bint apply_deposit(
    Desk& desk, int64_t account_id, int64_t asset_id, int64_t amount_atoms, Refusal* refusal
) noexcept nogil:
    """Pay in; open the account if it is new."""
    cdef int32_t account = id_map_get(desk.books.directory.account_index, account_id)
    if (
        refuse_outside(refusal, FIELD_ACCOUNT_ID, account_id, 1, MAX_ID)
        or refuse_asset(desk.books, asset_id, refusal)
        or refuse_outside(refusal, FIELD_AMOUNT_ATOMS, amount_atoms, 1, MAX_BALANCE_ATOMS)
    ):
        return False
    if account >= 0 and not balance_fits(desk.books, account, amount_atoms):
        refuse(
            refusal, REJECT_REASON_OVERFLOW, FIELD_AMOUNT_ATOMS, amount_atoms, MAX_BALANCE_ATOMS
        )
        return False
    if account < 0:
        if is_full(desk.books):
            refuse(refusal, REJECT_REASON_CAPACITY, FIELD_ACCOUNT_ID, account_id, MAX_ACCOUNTS)
            return False
        account = add_account(desk, account_id, TRADER)
    add_balance(desk, account, amount_atoms)
    desk.books.assets[0].net_deposits_atoms += amount_atoms
    touch(desk, account)
    return True


cdef bint apply_withdrawal(
    Desk& desk, int64_t account_id, int64_t asset_id, int64_t amount_atoms, Refusal* refusal
) noexcept nogil:
    """Pay out at most what is withdrawable."""
    cdef int32_t account = id_map_get(desk.books.directory.account_index, account_id)
    cdef int64_t highest
    if refuse_outside(refusal, FIELD_ACCOUNT_ID, account_id, 1, MAX_ID):
        return False
    if account < 0:
        refuse(refusal, REJECT_REASON_UNKNOWN_ACCOUNT, FIELD_ACCOUNT_ID, account_id, 0)
        return False
    if refuse_asset(desk.books, asset_id, refusal) or refuse_outside(
        refusal, FIELD_AMOUNT_ATOMS, amount_atoms, 1, MAX_BALANCE_ATOMS
    ):
        return False
    if desk.books.accounts[account].state >= ACCOUNT_STATE_LIQUIDATING:
        refuse(refusal, REJECT_REASON_ACCOUNT_IN_LIQUIDATION, FIELD_ACCOUNT_ID, account_id, 0)
        return False
    if not desk.books.bankrupt_accounts.empty() or desk.books.shortfall_accounts > 0:
        refuse(refusal, REJECT_REASON_LOSS_UNALLOCATED, FIELD_AMOUNT_ATOMS, amount_atoms, 0)
        return False
    highest = withdrawable(desk.books, account)
    if amount_atoms > highest:
        refuse(
            refusal, REJECT_REASON_NOT_WITHDRAWABLE, FIELD_AMOUNT_ATOMS, amount_atoms, highest
        )
        return False
    add_balance(desk, account, -amount_atoms)
    desk.books.assets[0].net_deposits_atoms -= amount_atoms
    touch(desk, account)
    return True


cdef bint apply_close(Desk& desk, int64_t account_id, Refusal* refusal) noexcept nogil:
    """Close an account that holds neither positions nor money."""
    cdef int32_t index = id_map_get(desk.books.directory.account_index, account_id)
    cdef const Account* account
    if refuse_outside(refusal, FIELD_ACCOUNT_ID, account_id, 1, MAX_ID):
        return False
    if index < 0:
        refuse(refusal, REJECT_REASON_UNKNOWN_ACCOUNT, FIELD_ACCOUNT_ID, account_id, 0)
        return False
    account = &desk.books.accounts[index]
    if account.state >= ACCOUNT_STATE_LIQUIDATING:
        refuse(refusal, REJECT_REASON_ACCOUNT_IN_LIQUIDATION, FIELD_ACCOUNT_ID, account_id, 0)
        return False
    if account.leg_count > 0:
        refuse(
            refusal, REJECT_REASON_HAS_POSITIONS, FIELD_ACCOUNT_ID, account.leg_count, 0
        )
        return False
    if account.balance_atoms != 0:
        refuse(refusal, REJECT_REASON_HAS_BALANCE, FIELD_ACCOUNT_ID, account.balance_atoms, 0)
        return False
    remove_account(desk, index)
    return True


cdef bint apply_report(Desk& desk, int64_t liquidation_id, Refusal* refusal) noexcept nogil:
    """End a liquidation order that the venue is done with."""
    cdef int32_t order
    if liquidation_id < 1 or liquidation_id > desk.books.last_liquidation_id:
        refuse(
            refusal, REJECT_REASON_UNKNOWN_LIQUIDATION, FIELD_LIQUIDATION_ID, liquidation_id, 0
        )
        return False
    order = find_order(desk.books, liquidation_id)
    if order < 0 or desk.books.orders[order].outcome != LIQUIDATION_OUTCOME_UNSPECIFIED:
        refuse(refusal, REJECT_REASON_LIQUIDATION_ENDED, FIELD_LIQUIDATION_ID, liquidation_id, 0)
        return False
    end_order(desk, order, LIQUIDATION_OUTCOME_DONE)
    return True
