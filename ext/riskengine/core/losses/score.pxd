"""Score of a counterparty, and how high it can get (LS-11, LS-12, docs/proofs/rankings.md)."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from riskengine.core.base.fixedpoint cimport (
    PPM,
    div_floor,
    greatest,
    int128_t,
    magnitude,
    mul_div_ceil,
)
from riskengine.core.books.between cimport paid_between
from riskengine.core.books.books cimport Account, Books, Leg
from riskengine.core.books.desk cimport Desk
from riskengine.core.books.market cimport Market
from riskengine.core.margin.value cimport leg_value, notional_of

cdef enum:
    SCORE_PART_BITS = 40


cdef struct Standing:
    int64_t profit_atoms  # unrealised, of the position
    int64_t cost_atoms  # its magnitude, at least 1
    int64_t notional_atoms
    int64_t equity_atoms  # of the account
    int64_t gross_atoms  # notional of all positions of the account
    bint is_long
    uint64_t market_bits  # of all positions of the account


cdef inline uint64_t market_bit(int32_t market) noexcept nogil:
    """Return a bit that the market shares with few others."""
    return <uint64_t>1 << (market & 63)


cdef inline Standing own_standing(Books& books, int32_t index) noexcept nogil:
    """Return what the rank depends on without what is the account's."""
    cdef Standing standing
    cdef const Leg* leg = &books.legs[index]
    cdef const Market* market = &books.markets[leg.market]
    standing.profit_atoms = leg_value(market, leg)
    standing.cost_atoms = greatest(1, magnitude(leg.cost_atoms))
    standing.notional_atoms = notional_of(market, leg.size_lots)
    standing.is_long = leg.size_lots > 0
    standing.equity_atoms = 0
    standing.gross_atoms = 0
    standing.market_bits = 0
    return standing


cdef inline Standing standing_of(Desk& desk, int32_t index) noexcept nogil:
    """Return what the rank of a position depends on, at the marks of now.

    What was paid in since the pass began is left out (WK-2).
    """
    cdef Standing standing = own_standing(desk.books, index)
    cdef int32_t holder = desk.books.legs[index].account
    cdef const Account* account = &desk.books.accounts[holder]
    cdef const Leg* other
    cdef const Market* market
    cdef int32_t next_index = account.first_leg
    standing.equity_atoms = account.balance_atoms - paid_between(desk.running.between, holder)
    while next_index >= 0:
        other = &desk.books.legs[next_index]
        market = &desk.books.markets[other.market]
        standing.equity_atoms += leg_value(market, other)
        standing.gross_atoms += notional_of(market, other.size_lots)
        standing.market_bits |= market_bit(other.market)
        next_index = other.next_leg
    return standing


cdef inline int64_t capped_ratio_ppm(int64_t numerator, int64_t divisor) noexcept nogil:
    """Return floor(numerator / divisor) in ppm, at most the cap; divisor > 0 (LS-11)."""
    cdef int128_t ratio = div_floor(<int128_t>numerator * PPM, divisor)
    cdef int128_t cap = <int128_t>1 << SCORE_PART_BITS
    return <int64_t>(ratio if ratio < cap else cap)


cdef inline int64_t score_ppm(const Standing* standing) noexcept nogil:
    """Return profit times effective leverage of the leg, in ppm of 1 (BitMEX ADL ranking).

    profit = unrealised PnL / |cost|, leverage = notional / equity; a loss is divided by leverage.
    Never falls when profit or notional rise or equity falls: the bound below rests on that.
    Rules LS-11, LS-12.
    """
    cdef int64_t profit_ppm = capped_ratio_ppm(
        magnitude(standing.profit_atoms), standing.cost_atoms
    )
    cdef int64_t leverage_ppm
    if standing.equity_atoms > 0:
        leverage_ppm = capped_ratio_ppm(standing.notional_atoms, standing.equity_atoms)
    else:
        leverage_ppm = <int64_t>1 << SCORE_PART_BITS
    if standing.profit_atoms > 0:
        return <int64_t>div_floor(<int128_t>profit_ppm * leverage_ppm, PPM)
    return -<int64_t>div_floor(<int128_t>profit_ppm * PPM, greatest(1, leverage_ppm))


cdef inline int64_t highest_score_ppm(
    const Standing* standing, int64_t reach_ppm, int64_t ceiling_ppm
) noexcept nogil:
    """Return a score that the position cannot pass while no mark moves by more than that.

    The other legs may all go against the account; its own leg goes either for or against it.
    Any score above the ceiling may stand for one that is higher still.
    """
    cdef Standing moved = standing[0]
    cdef int64_t swing = mul_div_ceil(standing.notional_atoms, reach_ppm, PPM)
    cdef int64_t others_swing = mul_div_ceil(
        standing.gross_atoms - standing.notional_atoms, reach_ppm, PPM
    )
    cdef int64_t for_it
    moved.profit_atoms = standing.profit_atoms + swing
    moved.notional_atoms = standing.notional_atoms + (swing if standing.is_long else 0)
    moved.equity_atoms = standing.equity_atoms - others_swing
    for_it = score_ppm(&moved)
    if for_it > ceiling_ppm:
        return for_it
    moved.profit_atoms = standing.profit_atoms
    moved.notional_atoms = standing.notional_atoms + (0 if standing.is_long else swing)
    moved.equity_atoms = standing.equity_atoms - others_swing - swing
    return greatest(for_it, score_ppm(&moved))
