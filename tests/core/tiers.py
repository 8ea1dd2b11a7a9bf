"""Tables of tiers, and requirements from them as exact fractions."""

from collections.abc import Sequence
from fractions import Fraction

from hypothesis import strategies as st

from riskengine.core.types import RiskTier
from riskengine.units import PPM

NOTIONAL = 2**54


@st.composite
def tier_tables(
    draw: st.DrawFn, most_tiers: int = 16, highest: int = NOTIONAL
) -> tuple[RiskTier, ...]:
    count = draw(st.integers(1, most_tiers))
    floors = draw(
        st.lists(st.integers(1, highest), min_size=count - 1, max_size=count - 1, unique=True)
    )
    maintenance = sorted(draw(st.integers(1, PPM)) for _ in range(count))
    # At least the maintenance rate of its tier, and not below that of the tier before.
    initial = sorted(draw(st.integers(rate, PPM)) for rate in maintenance)
    return tuple(map(RiskTier, [0, *sorted(floors)], initial, maintenance))


def maintenance_rates(tiers: Sequence[RiskTier]) -> list[int]:
    return [tier.maintenance_rate_ppm for tier in tiers]


def initial_rates(tiers: Sequence[RiskTier]) -> list[int]:
    return [tier.initial_rate_ppm for tier in tiers]


def marginal_sum(tiers: Sequence[RiskTier], rates: Sequence[int], notional: int) -> Fraction:
    """Sum each part of the notional at the rate of the tier in which it lies."""
    ceilings = [tier.floor_atoms for tier in tiers[1:]] + [notional]
    return sum(
        (
            Fraction(max(0, min(notional, ceiling) - tier.floor_atoms) * rate, PPM)
            for tier, ceiling, rate in zip(tiers, ceilings, rates, strict=True)
        ),
        Fraction(0),
    )
