"""Margin of accounts (docs/SEMANTICS.md section 3)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport ACCOUNT_STATE_MARGIN_CALL, ACCOUNT_STATE_NORMAL
from riskengine.core.base.fixedpoint cimport PPM, greatest, int128_t, least, magnitude
from riskengine.core.books.state cimport Market, Position, State


cdef int64_t unrealised_pnl(State& state, int32_t account) noexcept nogil:
    """Return sum(size * mark - cost) over the account's positions."""
    return assess(state, account).equity_atoms - state.accounts[account].balance_atoms


cdef int64_t initial_margin(State& state, int32_t account) noexcept nogil:
    """Return sum IM(|size| * mark) over the account's positions."""
    cdef int64_t total = 0
    cdef const Position* position
    cdef const Market* market
    cdef int32_t index = state.accounts[account].first_position
    while index >= 0:
        position = &state.positions[index]
        market = &state.markets[position.market]
        total += initial_ceil(market, magnitude(lots_value(market, position.size_lots)))
        index = position.next_position
    return total


cdef int64_t gross_notional(State& state, int32_t account) noexcept nogil:
    """Return sum(|size| * mark) over the account's positions."""
    cdef int64_t total = 0
    cdef const Position* position
    cdef int32_t index = state.accounts[account].first_position
    while index >= 0:
        position = &state.positions[index]
        total += magnitude(lots_value(&state.markets[position.market], position.size_lots))
        index = position.next_position
    return total


cdef int64_t withdrawable(State& state, int32_t account) noexcept nogil:
    """Return max(0, balance + min(0, unrealised PnL) - initial margin)."""
    return greatest(
        0,
        state.accounts[account].balance_atoms
        + least(0, unrealised_pnl(state, account))
        - initial_margin(state, account),
    )


cdef bint below_ppm(Risk risk, int64_t share_ppm) noexcept nogil:
    """Return whether equity is below that share of maintenance, strictly."""
    return <int128_t>risk.equity_atoms * PPM < <int128_t>share_ppm * risk.maintenance_atoms


cdef int32_t resting_state(State& state, Risk risk) noexcept nogil:
    """Return NORMAL or MARGIN_CALL for an account that is not liquidatable."""
    if below_ppm(risk, state.parameters.margin_call_ppm):
        return ACCOUNT_STATE_MARGIN_CALL
    return ACCOUNT_STATE_NORMAL
