"""Trigger heaps: ordered structures, one for each price that is watched and each side of it.

Three prices are watched (docs/SEMANTICS.md section 10): the reference level, and of each market
its mark and its mark relative to the reference.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.state cimport State, TriggerSide

cdef enum:
    SIDES = 2
    HEAPS_A_MARKET = 2 * SIDES


cdef inline int32_t reference_heap(int side) noexcept nogil:
    return side


cdef inline int32_t price_heap(int32_t market, int side) noexcept nogil:
    return SIDES + HEAPS_A_MARKET * market + side


cdef inline int32_t relative_heap(int32_t market, int side) noexcept nogil:
    return price_heap(market, side) + SIDES


cdef inline size_t heap_count(size_t markets) noexcept nogil:
    return SIDES + HEAPS_A_MARKET * markets


cdef inline bint watches_reference(int32_t heap) noexcept nogil:
    return heap < SIDES


cdef void set_trigger(
    State& state, int32_t position, TriggerSide side, int32_t heap, int64_t key
) noexcept nogil
cdef void drop_triggers(State& state, int32_t position) noexcept nogil
cdef void drop_fired(State& state) noexcept nogil
cdef void fire(State& state, int32_t below_heap, int64_t price) noexcept nogil
cdef void fire_triggers(State& state, int32_t market) noexcept nogil
