"""The desk: the books, and what is noted beside them.

`Running` lives within a command, and as long as work of it is pending (WK-1). `Totals` counts for
the metrics; sums of lots and atoms since the log began pass 64 bits at the bounds. `Changes` tells
others who read the books which accounts have changed since they last looked.
"""

from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.base.codes cimport ACCOUNT_STATE_BANKRUPT, STAGE_AUTO_DELEVERAGE
from riskengine.core.base.fixedpoint cimport int128_t
from riskengine.core.books.between cimport Between
from riskengine.core.books.books cimport FUND, Books
from riskengine.core.events.event cimport Event

cdef enum:
    ACCOUNT_STATES = ACCOUNT_STATE_BANKRUPT + 1  # the last one and those before it
    CLOSED_TOTALS = 2 * (STAGE_AUTO_DELEVERAGE + 1)  # two sides of each stage


cdef enum:  # of what one unit is spent for (WK-1)
    HOLDERS_A_UNIT = 4  # a power of two: looked at, chosen, or asked what they can pay
    DIVIDED_BITS = 4  # 2^4 among whom something is divided at once
    RANKED_BITS = 2  # 2^2 positions of a market whose holders are ranked


cdef enum Touched:
    TOUCHED = 1  # to be judged in the coming pass, or in the one that is looking
    TOUCHED_AGAIN = 2  # by a deposit while a pass is looking: in the next one


cdef struct ClosedTotals:
    int64_t closes
    int128_t lots
    int128_t notional_atoms


cdef struct MarketTotals:
    ClosedTotals[CLOSED_TOTALS] closed  # stage * 2 + (0 long, 1 short) of the closed position
    int64_t liquidation_orders
    int64_t allocations
    int64_t deleveraged_accounts
    int128_t haircut_atoms
    int128_t liquidation_fees_atoms
    int128_t discounts_atoms
    int64_t trades
    int128_t traded_lots
    int64_t repriced_trades
    int128_t repriced_atoms
    int64_t late_fills


cdef struct EngineTotals:
    int64_t margin_calls
    int64_t liquidations_started
    int64_t liquidations_ended
    int64_t insurance_payouts
    int64_t bad_debts
    int64_t position_mismatches
    int64_t fired_triggers  # watches that a price reached, by the metric's name
    int64_t recomputed_accounts  # that fired watches had judged
    int64_t assessed_counterparties  # for a rank in ADL
    int64_t[ACCOUNT_STATES] accounts_by_state


cdef struct AssetTotals:
    int128_t insurance_payout_atoms
    int128_t spread_atoms  # that gains have paid of debts
    int128_t written_off_atoms


cdef cppclass Totals:
    EngineTotals engine
    vector[AssetTotals] assets
    vector[MarketTotals] markets


cdef cppclass Running:
    bint is_pending  # the command has paused before all that follows from it was done
    int64_t units  # of the command that works
    int64_t units_left
    int64_t begun_sequence  # of the command from which it follows
    int64_t begun_time_nanos
    vector[int32_t] marked_markets
    vector[int32_t] touched_accounts  # to be judged before the work is done
    vector[int32_t] reviewed_accounts  # the same, whom no row of theirs touched: a unit for each
    vector[int32_t] stale_accounts  # to be watched anew before the work is done
    vector[int32_t] closed_legs  # whose slots were freed
    vector[int32_t] changed_funds  # whose equity is noted when the command ends
    vector[int64_t] slot_equities_atoms  # of all funds before it, if it begins a slot
    vector[Event] events
    bint are_debts_due  # a timer has said so
    bint has_ended_debts  # somebody is on the list of debtors who is none any more
    Between between
    int32_t held_asset  # of what gains have paid, and debtors have not got yet
    int64_t held_atoms


cdef cppclass Changes:
    bint is_kept  # somebody reads them
    int32_t round  # an account is put here once a round
    vector[int32_t] accounts  # whose balance or legs have changed, in order


cdef cppclass Desk:
    Books books
    Running running
    Changes changes
    Totals totals


cdef inline void mark_stale(Desk& desk, int32_t account) noexcept nogil:
    """Have the account watched anew before the command ends."""
    if not desk.books.accounts[account].stale:
        desk.books.accounts[account].stale = 1
        desk.running.stale_accounts.push_back(account)


cdef inline void log_change(Desk& desk, int32_t account) noexcept nogil:
    """Have whoever reads the changes look at the account anew."""
    desk.books.accounts[account].version += 1
    if desk.changes.is_kept and desk.books.accounts[account].logged_round != desk.changes.round:
        desk.books.accounts[account].logged_round = desk.changes.round
        desk.changes.accounts.push_back(account)


cdef inline void note_change(Desk& desk, int32_t account) noexcept nogil:
    """Take note that the account's balance or legs have changed."""
    mark_stale(desk, account)
    log_change(desk, account)


cdef inline void note_fund(Desk& desk, int32_t account) noexcept nogil:
    """Have the equity of a fund noted when the command ends, for its account changes (FD-9)."""
    if desk.books.accounts[account].kind == FUND and (
        desk.running.changed_funds.empty() or desk.running.changed_funds.back() != account
    ):
        desk.running.changed_funds.push_back(account)


cdef inline void add_balance(Desk& desk, int32_t account, int64_t atoms) noexcept nogil:
    """Add to the balance, which the caller knows to stay within what fits."""
    desk.books.accounts[account].balance_atoms += atoms
    if atoms != 0:
        note_fund(desk, account)
    note_change(desk, account)


cdef inline void touch(Desk& desk, int32_t account) noexcept nogil:
    """Have the account judged before the work of the command is done."""
    if not desk.books.accounts[account].touched:
        desk.books.accounts[account].touched = TOUCHED
        desk.running.touched_accounts.push_back(account)
        mark_stale(desk, account)


cdef inline void review(Desk& desk, int32_t account) noexcept nogil:
    """Have the account judged in the first pass, for a unit (WK-1)."""
    if not desk.books.accounts[account].touched:
        desk.books.accounts[account].touched = TOUCHED
        desk.running.reviewed_accounts.push_back(account)


cdef inline void spend_unit(Desk& desk) noexcept nogil:
    """Count a booking within a step, which is finished whatever it costs (WK-1)."""
    desk.running.units_left -= 1


cdef inline bint take_units(Desk& desk, int64_t count) noexcept nogil:
    """Spend the units of a step that comes; False when too few are left: the work pauses before it.

    A command can always take its first step, whatever it costs. Rule WK-1.
    """
    if desk.running.units_left < count and desk.running.units_left < desk.running.units:
        return False
    desk.running.units_left -= count
    return True


cdef inline bint take_unit(Desk& desk) noexcept nogil:
    """Spend a unit for the step that comes; False when none is left: the work pauses before it.

    Rule WK-1.
    """
    if desk.running.units_left <= 0:
        return False
    spend_unit(desk)
    return True


cdef inline bint take_part_of_unit(Desk& desk, int64_t done) noexcept nogil:
    """Spend a unit for the next HOLDERS_A_UNIT holders when those before, so many, are done with.

    False when none is left. Rule WK-1.
    """
    return done & (HOLDERS_A_UNIT - 1) != 0 or take_unit(desk)


cdef void desk_init(Desk& desk) noexcept nogil
cdef int32_t add_account(
    Desk& desk, int64_t account_id, int32_t asset, int32_t kind
) noexcept nogil
cdef void remove_account(Desk& desk, int32_t account) noexcept nogil
cdef void set_account_state(Desk& desk, int32_t account, int32_t to) noexcept nogil
cdef int32_t add_leg(Desk& desk, int32_t account, int32_t market) noexcept nogil
cdef void remove_leg(Desk& desk, int32_t leg) noexcept nogil
