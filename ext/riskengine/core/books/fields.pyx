"""What of each struct is carried: hashed, kept and read back, in one order.

`tests/core/test_hashed.py` holds which fields are carried, and why the others are not.
"""

from libc.stdint cimport int64_t

from riskengine.core.base.words cimport Words
from riskengine.core.books.books cimport (
    Account,
    AccountName,
    Asset,
    Attempt,
    Books,
    EndedOrder,
    FundWindow,
    Debtor,
    Leg,
    LiquidationOrder,
    MarketPayouts,
    Reservation,
    Timer,
)
from riskengine.core.books.desk cimport (
    ACCOUNT_STATES,
    CLOSED_TOTALS,
    AssetTotals,
    EngineTotals,
    MarketTotals,
)
from riskengine.core.books.fund_window cimport NOTHING_NOTED, first_slot, place_of
from riskengine.core.books.limits cimport MAX_TIERS, SYMBOL_BYTES, WINDOW_SLOTS
from riskengine.core.books.market cimport Market


cdef void carry_head(Books& books, Words& words) noexcept nogil:
    """Carry counts, mode, levels and retention (ST-8, LD-1); the sequence goes before it."""
    words.carry(books.time_nanos)
    words.carry(books.instruction_sequence)
    words.carry(books.last_liquidation_id)
    words.carry(books.timers_made)
    words.carry(books.venue_mode)
    words.carry(books.noted_slot)
    words.carry(books.parameters.margin_call_ppm)
    words.carry(books.parameters.liquidation_buffer_ppm)
    words.carry(books.parameters.take_over_ppm)
    words.carry(books.parameters.margin_call_clear_ppm)
    words.carry(books.parameters.withdrawal_margin_ppm)
    words.carry(books.parameters.gate_floor_units)
    words.carry(books.parameters.gate_ppm)
    words.carry(books.parameters.fund_market_notional_ppm)
    words.carry(books.parameters.fund_notional_ppm)
    words.carry(books.parameters.fund_drawdown_ppm)
    words.carry(books.parameters.fund_resume_ppm)
    words.carry(books.parameters.second_term_millis)
    words.carry(books.parameters.late_fill_millis)
    words.carry(books.parameters.spread_after_millis)
    words.carry(books.parameters.work_units)
    words.carry(books.parameters.max_reservations)
    words.carry(books.retention.client_count)
    words.carry(books.retention.answer_count)
    words.carry(books.retention.answer_bytes)
    words.carry(books.retention.instruction_count)
    words.carry(books.retention.caller_client_count)
    words.carry(books.retention.client_idle_millis)


cdef void carry_name(AccountName& name, Words& words) noexcept nogil:
    """Carry the name of an account, which stands for its index (ST-12)."""
    words.carry(name.account_id)
    words.carry(name.asset_id)
    words.carry(name.isolated_market_id)


cdef void carry_symbol(char* symbol, Words& words) noexcept nogil:
    """Carry a symbol, a word for each of its bytes, with the zeros behind its end."""
    cdef int i
    for i in range(SYMBOL_BYTES):
        words.carry(symbol[i])


cdef void carry_asset(Asset& asset, Words& words) noexcept nogil:
    """Carry an asset with its sums."""
    words.carry(asset.asset_id)
    words.carry(asset.exponent)
    words.carry(asset.net_deposits_atoms)
    words.carry(asset.fees_atoms)
    words.carry(asset.carried_in_atoms)
    words.carry(asset.reserved_atoms)
    carry_symbol(asset.symbol, words)


cdef void carry_debtor(Debtor& debtor, AccountName& name, Words& words) noexcept nogil:
    """Carry a debtor, its account by name (ST-7)."""
    carry_name(name, words)
    words.carry(debtor.since_nanos)
    words.carry(debtor.due_nanos)


cdef void carry_market(Market& market, Words& words) noexcept nogil:
    """Carry mark, outside leg and parameters; the totals of the sides follow from the legs (ST-5).
    """
    cdef int64_t i
    words.carry(market.rules.market_id)
    words.carry(market.now.mark_price_ticks)
    words.carry(market.now.outside_lots)
    words.carry(market.now.outside_cost_atoms)
    words.carry(market.now.awaits_mark)
    words.carry(market.rules.asset_id)
    words.carry(market.rules.fund_id)
    words.carry(market.rules.tick_exponent)
    words.carry(market.rules.lot_exponent)
    words.carry(market.rules.price_step_ticks)
    words.carry(market.rules.size_step_lots)
    words.carry(market.rules.max_price_ticks)
    words.carry(market.rules.max_position_lots)
    words.carry(market.rules.liquidation_fee_ppm)
    words.carry(market.rules.liquidation_timeout_millis)
    words.carry(market.rules.liquidation_slice_lots)
    words.carry(market.rules.liquidation_cooldown_millis)
    words.carry(market.rules.dust_notional_atoms)
    words.carry(market.rules.loss_policy)
    words.carry(market.rules.order_band_ppm)
    words.carry(market.rules.reprices_trades)
    words.carry(market.rules.discount_ppm)
    words.carry(market.rules.book_attempts)
    words.carry(market.rules.fund_share_ppm)
    words.carry(market.rules.inventory_ppm)
    words.carry(market.rules.tier_count)
    if not 0 < market.rules.tier_count <= MAX_TIERS:
        words.fail()
        return
    for i in range(market.rules.tier_count):
        words.carry(market.rules.tiers[i].floor_atoms)
        words.carry(market.rules.tiers[i].initial_rate_ppm)
        words.carry(market.rules.tiers[i].maintenance_rate_ppm)
    carry_symbol(market.rules.symbol, words)


cdef void carry_account(
    Account& account, int64_t& debt_market_id, Words& words
) noexcept nogil:
    """Carry an account but for its name, and the market to which its debt counts; 0 is none (ST-1).
    """
    words.carry(account.balance_atoms)
    words.carry(account.net_deposits_atoms)
    words.carry(account.state)
    words.carry(account.kind)
    words.carry(debt_market_id)


cdef void carry_slots(
    int64_t* slots, int64_t empty, int64_t noted_slot, Words& words
) noexcept nogil:
    """Carry what stands in the slots of the window, oldest first, each with its number (FD-9)."""
    cdef int64_t first = first_slot(noted_slot)
    cdef int64_t slot, _
    cdef size_t count = 0
    if words.is_reading():
        for slot in range(WINDOW_SLOTS):
            slots[slot] = empty
        count = words.next_count(2)
        for _ in range(<int64_t>count):
            slot = words.next()
            if not first <= slot <= noted_slot:
                words.fail()
                return
            slots[place_of(slot)] = words.next()
        return
    for slot in range(first, noted_slot + 1):
        count += slots[place_of(slot)] != empty
    words.put_count(count)
    for slot in range(first, noted_slot + 1):
        if slots[place_of(slot)] != empty:
            words.put(slot)
            words.put(slots[place_of(slot)])


cdef void carry_window(FundWindow& window, int64_t noted_slot, Words& words) noexcept nogil:
    """Carry what a fund was worth in the window, and whether it is stopped (FD-9, FD-11)."""
    words.carry(window.is_stopped)
    words.carry(window.stop_peak_atoms)
    carry_slots(window.peak_atoms, NOTHING_NOTED, noted_slot, words)


cdef void carry_payouts(MarketPayouts& payouts, int64_t noted_slot, Words& words) noexcept nogil:
    """Carry what was paid for a market in the window (FD-10)."""
    carry_slots(payouts.paid_atoms, 0, noted_slot, words)


cdef void carry_leg(Leg& leg, int64_t& market_id, Words& words) noexcept nogil:
    """Carry a leg (ST-4)."""
    words.carry(market_id)
    words.carry(leg.size_lots)
    words.carry(leg.cost_atoms)


cdef void carry_attempt(Attempt& attempt, Words& words) noexcept nogil:
    """Carry an attempt but for its orders (ST-1)."""
    words.carry(attempt.retry_nanos)
    words.carry(attempt.asked)


cdef void carry_order(
    LiquidationOrder& order, int64_t& market_id, Words& words
) noexcept nogil:
    """Carry a liquidation order (ST-1)."""
    words.carry(order.liquidation_id)
    words.carry(market_id)
    words.carry(order.size_lots)
    words.carry(order.filled_lots)
    words.carry(order.limit_price_ticks)
    words.carry(order.deadline_nanos)
    words.carry(order.side)
    words.carry(order.outcome)
    words.carry(order.sliced)
    words.carry(order.attempt)
    words.carry(order.cancelling)


cdef void carry_timer(
    Timer& timer, int64_t& asset_id, int64_t& isolated_market_id, Words& words
) noexcept nogil:
    """Carry a timer, and the rest of the name of the account that it is for; 0 is none (TM-1)."""
    words.carry(timer.time_nanos)
    words.carry(timer.made)
    words.carry(timer.kind)
    words.carry(timer.subject)
    words.carry(asset_id)
    words.carry(isolated_market_id)


cdef void carry_ended(
    EndedOrder& ended, AccountName& name, int64_t& market_id, Words& words
) noexcept nogil:
    """Carry an ended order that is kept for late fills (WF-28)."""
    words.carry(ended.liquidation_id)
    carry_name(name, words)
    words.carry(market_id)
    words.carry(ended.side)
    words.carry(ended.limit_price_ticks)
    words.carry(ended.unfilled_lots)
    words.carry(ended.moved_lots)
    words.carry(ended.next_liquidation_id)
    words.carry(ended.end_nanos)


cdef void carry_reservation(
    Reservation& reservation, AccountName& name, Words& words
) noexcept nogil:
    """Carry a reservation, its account by name (MN-1)."""
    carry_name(name, words)
    words.carry(reservation.reservation_id)
    words.carry(reservation.amount_atoms)


cdef void carry_engine_totals(EngineTotals& totals, Words& words) noexcept nogil:
    """Carry the totals of no market or asset."""
    cdef int i
    words.carry(totals.margin_calls)
    words.carry(totals.liquidations_started)
    words.carry(totals.liquidations_ended)
    words.carry(totals.insurance_payouts)
    words.carry(totals.bad_debts)
    words.carry(totals.position_mismatches)
    words.carry(totals.fired_triggers)
    words.carry(totals.recomputed_accounts)
    words.carry(totals.assessed_counterparties)
    for i in range(ACCOUNT_STATES):
        words.carry(totals.accounts_by_state[i])


cdef void carry_market_totals(MarketTotals& totals, Words& words) noexcept nogil:
    """Carry the totals of a market."""
    cdef int i
    for i in range(CLOSED_TOTALS):
        words.carry(totals.closed[i].closes)
        words.carry(totals.closed[i].lots)
        words.carry(totals.closed[i].notional_atoms)
    words.carry(totals.liquidation_orders)
    words.carry(totals.allocations)
    words.carry(totals.deleveraged_accounts)
    words.carry(totals.haircut_atoms)
    words.carry(totals.liquidation_fees_atoms)
    words.carry(totals.discounts_atoms)
    words.carry(totals.trades)
    words.carry(totals.traded_lots)
    words.carry(totals.repriced_trades)
    words.carry(totals.repriced_atoms)
    words.carry(totals.late_fills)


cdef void carry_asset_totals(AssetTotals& totals, Words& words) noexcept nogil:
    """Carry the totals of an asset."""
    words.carry(totals.insurance_payout_atoms)
    words.carry(totals.spread_atoms)
    words.carry(totals.written_off_atoms)
