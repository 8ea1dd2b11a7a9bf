"""Margin of positions and accounts (docs/SEMANTICS.md section 3)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport PPM, div_ceil, int128_t, magnitude
from riskengine.core.books.state cimport Market, Position, State


cdef struct Risk:
    int64_t equity_atoms
    int64_t maintenance_atoms


cdef inline int32_t tier_of(const Market* market, int64_t notional_atoms) noexcept nogil:
    """Return the largest tier k with floor_k <= notional."""
    cdef int32_t tier = 0
    while tier + 1 < market.tier_count and market.tiers[tier + 1].floor_atoms <= notional_atoms:
        tier += 1
    return tier


cdef inline int64_t maintenance_ceil(const Market* market, int64_t notional_atoms) noexcept nogil:
    """Return MM(N) = ceil((N * r_k - d_k) / 10^6) in atoms.

    d_k = d_(k-1) + floor_k * (r_k - r_(k-1)) makes it continuous (Binance, Hyperliquid tiers).
    """
    cdef int32_t tier = tier_of(market, notional_atoms)
    return <int64_t>div_ceil(
        <int128_t>notional_atoms * market.tiers[tier].maintenance_rate_ppm
        - market.tiers[tier].maintenance_deduction,
        PPM,
    )


cdef inline int64_t initial_ceil(const Market* market, int64_t notional_atoms) noexcept nogil:
    """Return IM(N), as MM(N) from the initial rates, in atoms."""
    cdef int32_t tier = tier_of(market, notional_atoms)
    return <int64_t>div_ceil(
        <int128_t>notional_atoms * market.tiers[tier].initial_rate_ppm
        - market.tiers[tier].initial_deduction,
        PPM,
    )


cdef inline int64_t lots_value(const Market* market, int64_t lots) noexcept nogil:
    """Return the value of lots at mark in atoms, signed as the lots are."""
    return lots * market.unit_value_atoms


cdef inline int64_t position_maintenance(const Market* market, int64_t lots) noexcept nogil:
    """Return the maintenance margin of a position of that size at mark."""
    return maintenance_ceil(market, lots_value(market, magnitude(lots)))


cdef inline Risk assess(State& state, int32_t account) noexcept nogil:
    """Return equity = balance + sum(size * mark - cost) and maintenance = sum MM(|size| * mark)."""
    cdef Risk risk
    cdef const Position* position
    cdef const Market* market
    cdef int64_t value
    cdef int32_t index = state.accounts[account].first_position
    risk.equity_atoms = state.accounts[account].balance_atoms
    risk.maintenance_atoms = 0
    while index >= 0:
        position = &state.positions[index]
        market = &state.markets[position.market]
        value = lots_value(market, position.size_lots)
        risk.equity_atoms += value - position.cost_atoms
        risk.maintenance_atoms += maintenance_ceil(market, magnitude(value))
        index = position.next_position
    return risk


cdef int64_t unrealised_pnl(State& state, int32_t account) noexcept nogil
cdef int64_t initial_margin(State& state, int32_t account) noexcept nogil
cdef int64_t gross_notional(State& state, int32_t account) noexcept nogil
cdef int64_t withdrawable(State& state, int32_t account) noexcept nogil
cdef bint below_ppm(Risk risk, int64_t share_ppm) noexcept nogil
cdef int32_t resting_state(State& state, Risk risk) noexcept nogil
