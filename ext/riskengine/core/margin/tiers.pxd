"""Requirement of a notional: rates by tier, continuous (MG-2, MG-3)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport from_ppm_ceil, int128_t
from riskengine.core.books.market cimport Market


cdef inline int32_t tier_of(const Market* market, int64_t notional_atoms) noexcept nogil:
    """Return the largest tier k with floor_k <= notional (MG-2)."""
    cdef int32_t tier = 0
    while (
        tier + 1 < market.rules.tier_count
        and market.rules.tiers[tier + 1].floor_atoms <= notional_atoms
    ):
        tier += 1
    return tier


cdef inline int64_t maintenance_ceil(const Market* market, int64_t notional_atoms) noexcept nogil:
    """Return MM(N) = ceil((N * r_k - d_k) / 10^6) in atoms (MG-3).

    d_k = d_(k-1) + floor_k * (r_k - r_(k-1)) makes it continuous (Binance, Hyperliquid tiers).
    """
    cdef int32_t tier = tier_of(market, notional_atoms)
    return from_ppm_ceil(
        <int128_t>notional_atoms * market.rules.tiers[tier].maintenance_rate_ppm
        - market.rules.tiers[tier].maintenance_deduction
    )


cdef inline int64_t initial_ceil(const Market* market, int64_t notional_atoms) noexcept nogil:
    """Return IM(N), as MM(N) from the initial rates, in atoms (MG-3)."""
    cdef int32_t tier = tier_of(market, notional_atoms)
    return from_ppm_ceil(
        <int128_t>notional_atoms * market.rules.tiers[tier].initial_rate_ppm
        - market.rules.tiers[tier].initial_deduction
    )


cdef inline int64_t lowest_rate_ppm(const Market* market) noexcept nogil:
    """Return the least maintenance rate of any notional."""
    return market.rules.tiers[0].maintenance_rate_ppm


cdef inline int64_t highest_rate_ppm(const Market* market) noexcept nogil:
    """Return the greatest maintenance rate of any notional."""
    return market.rules.tiers[market.rules.tier_count - 1].maintenance_rate_ppm


cdef inline int64_t rate_up_to_ppm(const Market* market, int64_t notional_atoms) noexcept nogil:
    """Return the greatest maintenance rate of any notional up to this one."""
    return market.rules.tiers[tier_of(market, notional_atoms)].maintenance_rate_ppm
