"""The reference: how high all markets stand together (docs/SEMANTICS.md section 10).

It follows the marks once for about every mark of each market, so that what it costs to look at all
heaps when it moves is a few nanoseconds a mark.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport div_floor, greatest, int128_t, least
from riskengine.core.books.state cimport BELOW, State
from riskengine.core.index.triggers cimport fire, reference_heap, relative_heap

cdef enum:
    MOVE_BITS = 30  # of the part of itself by which a price has moved
    LEAST_LEVEL_BITS = 24  # so that relative prices fit
    MOST_LEVEL_BITS = 44  # and keep some bits more than a mark


cdef int64_t mean_move(State& state) noexcept nogil:
    """Return the mean part by which marks have moved since last asked, times 2^30.

    A market counts by its positions, and at most as doubled.
    """
    cdef int128_t moves = 0
    cdef int64_t positions = 0
    cdef int64_t held, before, now, move
    cdef size_t i
    for i in range(state.markets.size()):
        before = state.referred_ticks[i]
        now = state.markets[i].mark_price_ticks
        state.referred_ticks[i] = now
        if before > 0:
            held = <int64_t>state.market_positions[i].size()
            move = <int64_t>div_floor(
                <int128_t>(least(now, 2 * before) - before) << MOVE_BITS, before
            )
            moves += <int128_t>held * move
            positions += held
    return <int64_t>div_floor(moves, greatest(positions, 1))


cdef void fire_all(State& state) noexcept nogil:
    cdef size_t i
    fire(state, reference_heap(BELOW), state.reference_level)
    for i in range(state.markets.size()):
        fire_relative_triggers(state, <int32_t>i)


cdef void note_marks(State& state, int64_t marks) noexcept nogil:
    """Count marks that have been set; when due, follow them and touch whom that reaches."""
    cdef int64_t level = state.reference_level
    state.marks_since_reference += marks
    if state.marks_since_reference < <int64_t>state.markets.size():
        return
    state.marks_since_reference = 0
    level += <int64_t>div_floor(<int128_t>level * mean_move(state), <int64_t>1 << MOVE_BITS)
    level = least(level, <int64_t>1 << MOST_LEVEL_BITS)
    level = greatest(level, <int64_t>1 << LEAST_LEVEL_BITS)
    if level != state.reference_level:
        state.reference_level = level
        fire_all(state)


cdef void fire_relative_triggers(State& state, int32_t market) noexcept nogil:
    """Touch the accounts whose triggers the market's relative price has reached."""
    cdef int32_t below = relative_heap(market, BELOW)
    if state.trigger_heaps[below].empty() and state.trigger_heaps[below + 1].empty():
        return
    fire(state, below, relative_price_floor(state, &state.markets[market]))
