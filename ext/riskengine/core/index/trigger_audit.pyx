"""Invariants of the trigger index (docs/SEMANTICS.md section 10)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.paged cimport PagedHeap
from riskengine.core.books.state cimport ABOVE, ALWAYS, NEVER, Position, State, Trigger, is_open
from riskengine.core.commands.judgement cimport would_act
from riskengine.core.index.triggers cimport price_heap, relative_heap, watches_reference


cdef int assert_heap(State& state, int32_t heap_index) except -1:
    cdef PagedHeap[Trigger]* heap = &state.trigger_heaps[heap_index]
    cdef const Position* position
    cdef int64_t key
    cdef int at
    cdef size_t slot
    for slot in range(heap.size()):
        position = &state.positions[heap[0][slot].position]
        at = heap[0][slot].side
        key = heap[0][slot].key
        assert (
            watches_reference(heap_index)
            or heap_index == price_heap(position.market, at)
            or heap_index == relative_heap(position.market, at)
        ), "I13: a trigger stands in a heap of its market and side"
        assert position.heaps[at] == heap_index, "I13: a position knows its heap"
        assert position.heap_slots[at] == <int32_t>slot, "I13: a position knows its trigger"
        assert position.trigger_keys[at] == key, "I13: key of the trigger"
        assert key != NEVER, "I13: a trigger that never fires is not listed"
        if slot > 0:
            assert heap[0][(slot - 1) >> 2].key <= key, "I14: heap order"
    return 0


cdef size_t armed_triggers(State& state) noexcept nogil:
    cdef size_t armed = 0
    cdef size_t i
    cdef int side
    for i in range(state.positions.size()):
        for side in range(2):
            armed += (
                state.positions[i].size_lots != 0
                and state.positions[i].trigger_keys[side] != NEVER
            )
    return armed


cdef int assert_watched(State& state, int32_t account) except -1:
    """An account that a judgement would act on is looked at on the next mark of its markets."""
    cdef int32_t index = state.accounts[account].first_position
    while index >= 0:
        assert state.positions[index].trigger_keys[<int>ABOVE] == ALWAYS, (
            f"I12: account {state.accounts[account].account_id} is overlooked"
        )
        index = state.positions[index].next_position
    return 0


cdef int assert_triggers(State& state) except -1:
    """Raise AssertionError that names the first invariant of the index that is broken."""
    cdef size_t i
    cdef size_t listed = 0
    for i in range(state.trigger_heaps.size()):
        assert_heap(state, <int32_t>i)
        listed += state.trigger_heaps[i].size()
    assert listed == armed_triggers(state), "I13: every armed trigger is listed"
    for i in range(state.accounts.size()):
        if is_open(state, <int32_t>i) and would_act(state, <int32_t>i):
            assert_watched(state, <int32_t>i)
    return 0
