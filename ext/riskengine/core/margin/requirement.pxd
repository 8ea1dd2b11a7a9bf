"""What a leg requires, by its lots and what one of them is worth; an account's legs are summed.

A model whose requirement goes by lots and price alone is this file and `weigh`.
"""

from libc.stdint cimport int64_t

from riskengine.core.books.market cimport Market
from riskengine.core.margin.tiers cimport initial_ceil, maintenance_ceil
from riskengine.core.margin.value cimport notional_at


cdef inline int64_t leg_maintenance_ceil(
    const Market* market, int64_t lots, int64_t unit_value_atoms
) noexcept nogil:
    """Return MM(|lots| * mark) in atoms (MG-3)."""
    return maintenance_ceil(market, notional_at(lots, unit_value_atoms))


cdef inline int64_t leg_initial_ceil(
    const Market* market, int64_t lots, int64_t unit_value_atoms
) noexcept nogil:
    """Return IM(|lots| * mark) in atoms (MG-3)."""
    return initial_ceil(market, notional_at(lots, unit_value_atoms))
