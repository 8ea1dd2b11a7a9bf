"""Margin of positions and accounts (MG-2 to MG-7)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport PPM, div_ceil, int128_t, magnitude
from riskengine.core.books.books cimport Books, Leg
from riskengine.core.books.market cimport Market


cdef struct Risk:
    int64_t equity_atoms
    int64_t maintenance_atoms


cdef inline int32_t tier_of(const Market* market, int64_t notional_atoms) noexcept nogil:
    """Return the largest tier k with floor_k <= notional."""
    cdef int32_t tier = 0
    while (
        tier + 1 < market.rules.tier_count
        and market.rules.tiers[tier + 1].floor_atoms <= notional_atoms
    ):
        tier += 1
    return tier


cdef inline int64_t maintenance_ceil(const Market* market, int64_t notional_atoms) noexcept nogil:
    """Return MM(N) = ceil((N * r_k - d_k) / 10^6) in atoms.

    d_k = d_(k-1) + floor_k * (r_k - r_(k-1)) makes it continuous (Binance, Hyperliquid tiers).
    """
    cdef int32_t tier = tier_of(market, notional_atoms)
    return <int64_t>div_ceil(
        <int128_t>notional_atoms * market.rules.tiers[tier].maintenance_rate_ppm
        - market.rules.tiers[tier].maintenance_deduction,
        PPM,
    )


cdef inline int64_t initial_ceil(const Market* market, int64_t notional_atoms) noexcept nogil:
    """Return IM(N), as MM(N) from the initial rates, in atoms."""
    cdef int32_t tier = tier_of(market, notional_atoms)
    return <int64_t>div_ceil(
        <int128_t>notional_atoms * market.rules.tiers[tier].initial_rate_ppm
        - market.rules.tiers[tier].initial_deduction,
        PPM,
    )


cdef inline int64_t lots_value(const Market* market, int64_t lots) noexcept nogil:
    """Return the value of lots at mark in atoms, signed as the lots are."""
    return lots * market.now.unit_value_atoms


cdef inline int64_t position_maintenance(const Market* market, int64_t lots) noexcept nogil:
    """Return the maintenance margin of a position of that size at mark."""
    return maintenance_ceil(market, lots_value(market, magnitude(lots)))


cdef inline Risk assess(Books& books, int32_t account) noexcept nogil:
    """Return equity = balance + sum(size * mark - cost) and maintenance = sum MM(|size| * mark)."""
    cdef Risk risk
    cdef const Leg* leg
    cdef const Market* market
    cdef int64_t value
    cdef int32_t index = books.accounts[account].first_leg
    risk.equity_atoms = books.accounts[account].balance_atoms
    risk.maintenance_atoms = 0
    while index >= 0:
        leg = &books.legs[index]
        market = &books.markets[leg.market]
        value = lots_value(market, leg.size_lots)
        risk.equity_atoms += value - leg.cost_atoms
        risk.maintenance_atoms += maintenance_ceil(market, magnitude(value))
        index = leg.next_leg
    return risk


cdef int64_t unrealised_pnl(Books& books, int32_t account) noexcept nogil
cdef int64_t initial_margin(Books& books, int32_t account) noexcept nogil
cdef int64_t gross_notional(Books& books, int32_t account) noexcept nogil
cdef int64_t withdrawable(Books& books, int32_t account) noexcept nogil
cdef bint below_ppm(Risk risk, int64_t share_ppm) noexcept nogil
cdef int32_t resting_state(Books& books, Risk risk) noexcept nogil
