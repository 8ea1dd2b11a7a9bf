"""Who closes against whom: needs and shares, paired in order (LS-6, LS-16).

Two lists whose lots are laid side by side meet in at most as many pairs as both have entries, less
one: hundreds of bankrupt accounts against thousands of holders are thousands of instructions, and
not their product.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int64_t
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport least
from riskengine.core.losses.need cimport Need, left_lots
from riskengine.core.losses.share cimport Share


cdef int64_t pooled_lots(vector[Need]& needs, const vector[size_t]& side) noexcept nogil:
    """Return what is left of the needs of a side, in lots.

    It fits: the positions of a side do (BD-3).
    """
    cdef int64_t lots = 0
    cdef size_t i
    for i in range(side.size()):
        lots += left_lots(&needs[side[i]])
    return lots


cdef void close_pair(vector[Need]& needs, size_t need, int64_t lots) noexcept nogil:
    """Take note that so many lots of the need are closed in a pair."""
    needs[need].closed_lots += lots
    needs[need].pairs += 1


cdef void pair_sides(
    vector[Need]& needs,
    const vector[size_t]& longs,
    const vector[size_t]& shorts,
    int64_t lots,
    vector[Pair]& pairs,
) noexcept nogil:
    """Pair the first so many lots of both sides, of which each has as many (LS-6)."""
    cdef size_t long_at = 0
    cdef size_t short_at = 0
    cdef Pair pair
    while lots > 0:
        if left_lots(&needs[longs[long_at]]) == 0:
            long_at += 1
        elif left_lots(&needs[shorts[short_at]]) == 0:
            short_at += 1
        else:
            pair.need = longs[long_at]
            pair.other = shorts[short_at]
            pair.lots = least(
                lots, least(left_lots(&needs[pair.need]), left_lots(&needs[pair.other]))
            )
            close_pair(needs, pair.need, pair.lots)
            close_pair(needs, pair.other, pair.lots)
            pairs.push_back(pair)
            lots -= pair.lots


cdef void pair_holders(
    vector[Need]& needs,
    const vector[size_t]& side,
    const vector[Share]& shares,
    vector[Pair]& pairs,
) noexcept nogil:
    """Pair what is left of a side's needs with the shares, which have at most as much (LS-16)."""
    cdef size_t at = 0
    cdef size_t i
    cdef int64_t lots
    cdef Pair pair
    for i in range(shares.size()):
        lots = shares[i].lots
        while lots > 0:
            if left_lots(&needs[side[at]]) == 0:
                at += 1
                continue
            pair.need = side[at]
            pair.other = i
            pair.lots = least(lots, left_lots(&needs[side[at]]))
            close_pair(needs, pair.need, pair.lots)
            pairs.push_back(pair)
            lots -= pair.lots
