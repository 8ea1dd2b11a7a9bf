"""The whole state of the engine: plain structs in vectors, joined by dense indices.

A pointer into a vector is never kept across a call that may add to it. Index -1 means none.
"""

from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint64_t
from libcpp.deque cimport deque
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport int128_t
from riskengine.core.base.id_map cimport IdMap
from riskengine.core.base.paged cimport HugePaged, Paged, PagedHeap

cdef enum:
    MAX_ASSETS = 1
    MAX_MARKETS = 4096
    MAX_FUNDS = 4096
    MAX_TIERS = 16
    MAX_ROWS = 65536
    MAX_POSITIONS_PER_ACCOUNT = 128
    MAX_SYMBOL_LENGTH = 23
    MAX_FUND_ID = 1000000
    MAX_STEP = 1 << 30
    MAX_MULTIPLIER_EXPONENT = 15
    MAX_REJECTIONS_KEPT = 1000
    MAX_ACCOUNTS = 1 << 30
    SHELF_LEVELS = 7  # of the reach of shelves, each twice as long as the one below

cdef enum:
    FIRST_REFERENCE_LEVEL = 1 << 30

cdef enum AccountKind:
    TRADER = 0
    FUND = 1

cdef enum TriggerSide:
    BELOW = 0
    ABOVE = 1

cdef enum TimerKind:
    ORDER_DEADLINE = 0
    ACCOUNT_RETRY = 1

cdef extern from *:
    """
    static const int64_t RISKENGINE_MAX_ID = ((int64_t)1 << 62) - 1;
    static const int64_t RISKENGINE_FUND_ACCOUNT_BASE = (int64_t)1 << 62;
    static const int64_t RISKENGINE_MAX_NOTIONAL_ATOMS = (int64_t)1 << 54;
    static const int64_t RISKENGINE_MAX_BALANCE_ATOMS = (int64_t)1 << 60;
    static const int64_t RISKENGINE_MAX_SIDE_TOTAL_LOTS = (int64_t)1 << 61;
    """
    const int64_t MAX_ID "RISKENGINE_MAX_ID"
    const int64_t FUND_ACCOUNT_BASE "RISKENGINE_FUND_ACCOUNT_BASE"
    const int64_t MAX_NOTIONAL_ATOMS "RISKENGINE_MAX_NOTIONAL_ATOMS"
    const int64_t MAX_BALANCE_ATOMS "RISKENGINE_MAX_BALANCE_ATOMS"
    const int64_t MAX_SIDE_TOTAL_LOTS "RISKENGINE_MAX_SIDE_TOTAL_LOTS"
    const int64_t NEVER "INT64_MAX"  # key of a trigger that does not fire
    const int64_t ALWAYS "INT64_MIN"  # key of a trigger that fires at any mark


cdef struct Asset:
    int64_t asset_id
    int64_t exponent
    int128_t net_deposits_atoms
    int128_t fees_atoms
    char[24] symbol


cdef struct RiskTier:
    int64_t floor_atoms
    int64_t initial_rate_ppm
    int64_t maintenance_rate_ppm
    int128_t initial_deduction  # atoms times ppm
    int128_t maintenance_deduction  # atoms times ppm


cdef struct Market:
    int64_t market_id
    int64_t mark_price_ticks  # 0 before the first
    int64_t unit_value_atoms  # of one lot at mark
    int64_t multiplier_atoms  # of one tick on one lot
    int64_t long_lots
    int64_t short_lots  # as a positive number
    int64_t outside_lots  # counterparty of one-sided updates
    int128_t outside_cost_atoms
    int64_t marked_sequence  # command that set the mark
    int64_t asset_id
    int64_t fund_id
    int32_t fund_account  # dense index
    int32_t tier_count
    int64_t tick_exponent
    int64_t lot_exponent
    int64_t price_step_ticks
    int64_t size_step_lots
    int64_t max_price_ticks
    int64_t max_position_lots
    int64_t liquidation_fee_ppm
    int64_t liquidation_timeout_millis
    int64_t liquidation_slice_lots
    int64_t liquidation_cooldown_millis
    int64_t dust_notional_atoms
    int64_t loss_policy
    RiskTier[MAX_TIERS] tiers
    char[24] symbol


cdef struct Account:
    int64_t account_id  # 0 in a free slot
    int64_t balance_atoms
    int64_t retry_nanos  # 0 when no retry is pending
    int32_t first_position
    int32_t position_count
    int32_t first_order  # of the liquidation attempt
    int32_t open_orders
    int32_t debt_fund_account  # fund of the market that was booked last
    int32_t state
    int32_t kind
    int16_t shortfall
    int8_t touched  # to be judged before the command ends
    int8_t stale  # to be armed before the command ends
    int32_t version  # counts changes of balance and positions, of all who had the slot
    int32_t logged_round  # of State.changed_accounts in which it was last put there


cdef struct Position:
    int64_t size_lots  # signed; 0 in a free slot
    int64_t cost_atoms  # signed: what was paid
    int32_t account
    int32_t market
    int32_t next_position  # of the account
    int32_t market_slot  # in State.market_positions[market]
    int64_t[2] trigger_keys  # by TriggerSide; NEVER when not armed on it
    int32_t[2] heap_slots  # place of the trigger in its heap; -1 when it is in none
    int32_t[2] heaps  # in State.trigger_heaps; of a trigger that is in one


cdef struct Trigger:
    int64_t key  # fires when key <= what is watched (ABOVE), key <= -what is watched (BELOW)
    int32_t position
    int32_t side  # of the position, whose trigger this is


cdef struct FiredTrigger:
    int32_t position
    int32_t side
    int32_t slot  # where it stood when it fired


cdef struct Candidate:
    int64_t account_id
    int64_t score_ppm
    int64_t size_lots  # of its position, signed
    int64_t close_lots  # allocated
    int64_t equity_atoms  # before
    int64_t maintenance_atoms
    int32_t position
    int32_t account
    int32_t is_fund


cdef struct Holder:
    int64_t highest_ppm  # score that it cannot pass while its markets are in its shelf's reach
    uint64_t market_bits  # of the markets in which the account has positions
    int32_t position
    int32_t account
    int32_t version  # of the account when this was noted; another one makes it void
    int32_t level  # of the shelf on which it was last; -1 when there was none that was safe


cdef struct Ranked:
    int64_t score_ppm
    int64_t account_id
    int32_t is_fund
    Holder holder


cdef cppclass Shelf:
    int64_t reach_ppm  # how far each mark may go from where it was when that was set
    int64_t wide_reach_ppm  # how far two marks within reach can be from each other
    int64_t sequence  # of the command that set all of them
    vector[int64_t] lowest_ticks  # by market: the marks that are within reach
    vector[int64_t] highest_ticks
    vector[Holder] holders


cdef cppclass Ranking:
    bint is_built
    int64_t sequence  # of the command whose scores are in the heap
    size_t logged  # how much of State.changed_accounts is in it
    int64_t holders  # when it was built
    int64_t ceiling_ppm  # highest score of the holders that are not in the heap
    vector[Ranked] heap
    vector[Holder] above  # the ceiling, by the last command that looked: those in the heap
    vector[Holder] watched  # not above it, and on no shelf
    vector[Shelf] shelves  # not looked at while the marks stay within reach; none before the first
    int32_t[SHELF_LEVELS] newest  # by level: the shelf for those who come, marked last


cdef struct LiquidationOrder:
    int64_t liquidation_id
    int64_t size_lots
    int64_t filled_lots
    int32_t account
    int32_t market
    int32_t next_order  # of the account's attempt, newest first
    int32_t side  # of the order
    int32_t outcome  # LIQUIDATION_OUTCOME_UNSPECIFIED while open
    int32_t sliced


cdef struct Timer:
    int64_t time_nanos
    int64_t made  # order of making breaks ties
    int64_t subject  # liquidation id or account id: what it stood for may be gone
    int64_t kind


cdef struct Event:
    int64_t kind
    int64_t instruction_sequence
    int64_t sequence
    int64_t time_nanos
    int64_t account_id
    int64_t market_id
    int64_t fund_id
    int64_t liquidation_id
    int64_t counterparty_account_id
    int64_t side
    int64_t size_lots
    int64_t needed_lots
    int64_t stated_lots
    int64_t price_ticks
    int64_t quote_atoms
    int64_t amount_atoms
    int64_t fee_atoms
    int64_t haircut_atoms
    int64_t deadline_nanos
    int64_t score_ppm
    int64_t rank
    int64_t policy
    int64_t outcome
    int64_t state
    int64_t sliced
    int64_t touched_accounts
    int64_t skipped_accounts
    int64_t mark_price_ticks
    int64_t equity_atoms
    int64_t maintenance_atoms
    int64_t position_lots
    int64_t tier


cdef struct Parameters:
    int64_t margin_call_ppm
    int64_t liquidation_buffer_ppm
    int64_t take_over_ppm


cdef struct ClosedTotals:
    int64_t count
    int64_t lots
    int64_t notional_atoms


cdef struct MarketTotals:
    ClosedTotals[6] closed  # stage * 2 + (0 long, 1 short) of the closed position
    int64_t liquidation_orders
    int64_t allocations
    int64_t deleveraged_accounts
    int64_t haircut_atoms
    int64_t liquidation_fees_atoms
    int64_t trades
    int64_t traded_lots


cdef struct EngineTotals:
    int64_t margin_calls
    int64_t liquidations_started
    int64_t liquidations_ended
    int64_t insurance_payouts
    int64_t insurance_payout_atoms
    int64_t bad_debts
    int64_t position_mismatches
    int64_t fired_triggers
    int64_t recomputed_accounts  # that fired triggers had judged
    int64_t assessed_counterparties  # for a rank in ADL
    int64_t[5] accounts_by_state


cdef cppclass State:
    int64_t sequence
    int64_t time_nanos
    int64_t instruction_sequence
    int64_t last_liquidation_id
    int64_t timers_made
    int64_t open_orders
    int64_t shortfall_accounts
    Parameters parameters

    vector[Asset] assets
    vector[Market] markets
    HugePaged[Account] accounts
    HugePaged[Position] positions
    Paged[LiquidationOrder] orders
    Paged[Timer] timers  # binary heap
    vector[int32_t] fund_accounts
    vector[int32_t] bankrupt_accounts  # in the order in which they became so

    # Derived: rebuilt from the above, not part of the state hash.
    IdMap market_index
    IdMap account_index
    deque[int32_t] order_slots  # order of oldest_liquidation_id + i, -1 when forgotten
    int64_t oldest_liquidation_id
    vector[vector[int32_t]] market_positions
    vector[PagedHeap[Trigger]] trigger_heaps  # by reference_heap, price_heap, relative_heap
    int64_t reference_level  # how high all markets stand together
    int64_t marks_since_reference  # set since it was followed
    vector[int64_t] referred_ticks  # marks by market when it was, 0 before a market's first
    Paged[int32_t] free_accounts
    Paged[int32_t] free_positions
    Paged[int32_t] free_orders
    vector[Ranking] rankings  # for ADL: market * 2 + (0 longs, 1 shorts)
    int64_t built_rankings
    vector[int32_t] changed_accounts  # while there is one, in order; once a round
    int32_t log_round  # begins anew when a ranking has read the log

    # Of the running command.
    bint full_scan  # find liquidations without the index; the oracle and the peer
    vector[int32_t] marked_markets
    vector[FiredTrigger] fired_triggers
    vector[int32_t] touched_accounts
    vector[int32_t] stale_accounts
    vector[Event] events

    # Counted for metrics, not part of the state hash.
    EngineTotals totals
    vector[MarketTotals] market_totals


cdef inline bint is_open(State& state, int32_t account) noexcept nogil:
    """Return whether the slot holds an account; closing one frees its slot."""
    return state.accounts[account].account_id != 0


cdef inline void mark_stale(State& state, int32_t account) noexcept nogil:
    """Have the account's triggers set anew before the command ends."""
    if not state.accounts[account].stale:
        state.accounts[account].stale = 1
        state.stale_accounts.push_back(account)


cdef inline void note_change(State& state, int32_t account) noexcept nogil:
    """Take note that the account's balance or positions have changed."""
    state.accounts[account].version += 1
    mark_stale(state, account)
    if state.built_rankings > 0 and state.accounts[account].logged_round != state.log_round:
        state.accounts[account].logged_round = state.log_round
        state.changed_accounts.push_back(account)


cdef inline void add_balance(State& state, int32_t account, int64_t atoms) noexcept nogil:
    """Add to the balance, which the caller knows to stay within what fits."""
    state.accounts[account].balance_atoms += atoms
    note_change(state, account)


cdef inline void touch(State& state, int32_t account) noexcept nogil:
    """Have the account judged before the command ends."""
    if not state.accounts[account].touched:
        state.accounts[account].touched = 1
        state.touched_accounts.push_back(account)
        mark_stale(state, account)


cdef inline bint is_current(State& state, const Holder* holder) noexcept nogil:
    """Return whether the account is as it was when the holder was noted."""
    return state.accounts[holder.account].version == holder.version


cdef inline int32_t find_position(State& state, int32_t account, int32_t market) noexcept nogil:
    """Return the index of the account's position in the market, -1 when it is flat."""
    cdef int32_t position = state.accounts[account].first_position
    while position >= 0 and state.positions[position].market != market:
        position = state.positions[position].next_position
    return position


cdef void state_init(State& state) noexcept nogil
cdef int32_t add_account(State& state, int64_t account_id, int32_t kind) noexcept nogil
cdef void remove_account(State& state, int32_t account) noexcept nogil
cdef void set_account_state(State& state, int32_t account, int32_t to) noexcept nogil
cdef int32_t add_position(State& state, int32_t account, int32_t market) noexcept nogil
cdef void remove_position(State& state, int32_t position) noexcept nogil
