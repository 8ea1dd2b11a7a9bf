"""The insurance fund: what it can pay and carry (docs/SEMANTICS.md sections 7.4 to 7.6)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    ACCOUNT_STATE_NORMAL,
    EVENT_KIND_INSURANCE_PAYOUT,
    EVENT_KIND_LIQUIDATION_ENDED,
)
from riskengine.core.base.fixedpoint cimport greatest, least, magnitude
from riskengine.core.books.booking cimport Booked, balance_fits, preview
from riskengine.core.books.state cimport (
    FUND_ACCOUNT_BASE,
    MAX_NOTIONAL_ATOMS,
    MAX_POSITIONS_PER_ACCOUNT,
    Event,
    Market,
    State,
    add_balance,
    find_position,
    set_account_state,
)
from riskengine.core.margin.assess cimport Risk, assess, lots_value, position_maintenance
from riskengine.core.margin.emit cimport add_risk, emit


cdef int64_t available(State& state, int32_t fund) noexcept nogil:
    """Return what the fund can pay and still carry its inventory, in atoms."""
    cdef Risk risk = assess(state, fund)
    return greatest(
        0,
        least(state.accounts[fund].balance_atoms, risk.equity_atoms - risk.maintenance_atoms),
    )


cdef bint can_take_over(
    State& state, int32_t market_index, int64_t lots, int64_t quote_atoms
) noexcept nogil:
    """Return whether the market's fund can acquire the lots for the quote and carry them.

    Like any account it must hold the maintenance margin of its positions afterwards.
    """
    cdef const Market* market = &state.markets[market_index]
    cdef int32_t fund = market.fund_account
    cdef int32_t position = find_position(state, fund, market_index)
    cdef Booked booked = preview(state, fund, market_index, lots, quote_atoms)
    cdef Risk risk
    if magnitude(booked.size_lots) > market.max_position_lots:
        return False
    if magnitude(booked.cost_atoms) > MAX_NOTIONAL_ATOMS:
        return False
    if position < 0 and state.accounts[fund].position_count >= MAX_POSITIONS_PER_ACCOUNT:
        return False
    if not balance_fits(state, fund, booked.balance_change_atoms):
        return False
    risk = assess(state, fund)
    risk.equity_atoms += lots_value(market, lots) - quote_atoms
    risk.maintenance_atoms += position_maintenance(market, booked.size_lots)
    if position >= 0:
        risk.maintenance_atoms -= position_maintenance(
            market, state.positions[position].size_lots
        )
    return risk.equity_atoms >= risk.maintenance_atoms


cdef bint pay_debt(State& state, int32_t account) noexcept nogil:
    """Pay a negative balance as far as its fund can; return whether nothing is left of it."""
    cdef int32_t fund = state.accounts[account].debt_fund_account
    cdef int64_t paid
    cdef Event* event
    if state.accounts[account].balance_atoms >= 0:
        return True
    paid = least(available(state, fund), -state.accounts[account].balance_atoms)
    if paid > 0:
        add_balance(state, fund, -paid)
        add_balance(state, account, paid)
        state.totals.insurance_payouts += 1
        state.totals.insurance_payout_atoms += paid
        event = emit(state, EVENT_KIND_INSURANCE_PAYOUT, account)
        event.fund_id = state.accounts[fund].account_id - FUND_ACCOUNT_BASE
        event.amount_atoms = paid
    return state.accounts[account].balance_atoms == 0


cdef void pay_all_debts(State& state) noexcept nogil:
    """Pay the bankrupt accounts in the order in which they became so."""
    cdef size_t kept = 0
    cdef size_t i
    cdef int32_t account
    cdef Event* event
    for i in range(state.bankrupt_accounts.size()):
        account = state.bankrupt_accounts[i]
        if state.accounts[account].first_position < 0 and pay_debt(state, account):
            set_account_state(state, account, ACCOUNT_STATE_NORMAL)
            state.totals.liquidations_ended += 1
            event = emit(state, EVENT_KIND_LIQUIDATION_ENDED, account)
            event.state = ACCOUNT_STATE_NORMAL
            add_risk(event, assess(state, account))
        else:
            state.bankrupt_accounts[kept] = account
            kept += 1
    state.bankrupt_accounts.resize(kept)
