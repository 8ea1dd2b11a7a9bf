"""Trigger heaps: two ordered structures for a price, one a side (docs/SEMANTICS.md section 10).

Each is an indexed 4-ary heap, smallest key first; a position knows the place of its triggers, so
that they can be moved or taken out. A trigger for a fall carries its price negated.

A trigger that fires stays in its heap until its command ends, not armed any more: nearly always it
is armed anew by then, and has to move only from where it stood to where its new key belongs.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.id_map cimport prefetch
from riskengine.core.base.paged cimport PagedHeap
from riskengine.core.books.state cimport (
    ABOVE,
    BELOW,
    NEVER,
    FiredTrigger,
    Position,
    State,
    Trigger,
    TriggerSide,
    touch,
)

cdef enum:
    ARITY = 4
    LINE = 4  # triggers in a cache line
    AHEAD = 8  # fired triggers whose accounts are fetched
    NOWHERE = -1


cdef inline void put(
    State& state, PagedHeap[Trigger]& heap, size_t slot, Trigger trigger
) noexcept nogil:
    heap[slot] = trigger
    state.positions[trigger.position].heap_slots[trigger.side] = <int32_t>slot


cdef void rise(State& state, PagedHeap[Trigger]& heap, size_t slot, Trigger trigger) noexcept nogil:
    """Place the trigger at the slot or above it."""
    cdef size_t parent
    while slot > 0:
        parent = (slot - 1) >> 2
        if heap[parent].key <= trigger.key:
            break
        put(state, heap, slot, heap[parent])
        slot = parent
    put(state, heap, slot, trigger)


cdef inline void fetch_grandchildren(
    const PagedHeap[Trigger]& heap, size_t child, size_t size
) noexcept nogil:
    """Fetch the children of a child and of its three siblings, one of which comes next."""
    cdef size_t at = child * ARITY + 1
    cdef size_t end = at + ARITY * ARITY
    while at < end and at < size:
        prefetch(&heap[at])
        at += LINE


cdef void sink(State& state, PagedHeap[Trigger]& heap, size_t slot, Trigger trigger) noexcept nogil:
    """Place the trigger at the slot or below it."""
    cdef size_t size = heap.size()
    cdef size_t child, least_child, last
    while True:
        child = slot * ARITY + 1
        if child >= size:
            break
        fetch_grandchildren(heap, child, size)
        least_child = child
        last = child + ARITY if child + ARITY < size else size
        for child in range(child + 1, last):
            if heap[child].key < heap[least_child].key:
                least_child = child
        if heap[least_child].key >= trigger.key:
            break
        put(state, heap, slot, heap[least_child])
        slot = least_child
    put(state, heap, slot, trigger)


cdef void take_out(State& state, PagedHeap[Trigger]& heap, size_t slot) noexcept nogil:
    cdef Trigger moved = heap.back()
    heap.pop_back()
    if slot == heap.size():
        return
    if slot > 0 and moved.key < heap[(slot - 1) >> 2].key:
        rise(state, heap, slot, moved)
    else:
        sink(state, heap, slot, moved)


cdef void drop_trigger(State& state, int32_t index, TriggerSide side) noexcept nogil:
    """Take the position's trigger on one side out of its heap, if it is in one."""
    cdef Position* position = &state.positions[index]
    cdef int32_t slot = position.heap_slots[<int>side]
    if slot == NOWHERE:
        return
    position.trigger_keys[<int>side] = NEVER
    position.heap_slots[<int>side] = NOWHERE
    take_out(state, state.trigger_heaps[position.heaps[<int>side]], slot)


cdef void set_trigger(
    State& state, int32_t index, TriggerSide side, int32_t heap_index, int64_t key
) noexcept nogil:
    """Set, move or (with NEVER) take out the position's trigger on one side."""
    cdef Position* position = &state.positions[index]
    cdef PagedHeap[Trigger]* heap = &state.trigger_heaps[heap_index]
    cdef int32_t slot
    cdef int64_t present
    cdef Trigger trigger
    if key == NEVER or position.heaps[<int>side] != heap_index:
        drop_trigger(state, index, side)
    present = position.trigger_keys[<int>side]
    if key == present:
        return
    slot = position.heap_slots[<int>side]
    if slot != NOWHERE and present == NEVER:
        present = heap[0][slot].key
    position.trigger_keys[<int>side] = key
    position.heaps[<int>side] = heap_index
    trigger.key = key
    trigger.position = index
    trigger.side = <int32_t>side
    if slot == NOWHERE:
        heap.push_back(trigger)
        rise(state, heap[0], heap.size() - 1, trigger)
    elif key < present:
        rise(state, heap[0], slot, trigger)
    else:
        sink(state, heap[0], slot, trigger)


cdef void drop_triggers(State& state, int32_t position) noexcept nogil:
    """Take both triggers of a position out."""
    drop_trigger(state, position, BELOW)
    drop_trigger(state, position, ABOVE)


cdef void drop_fired(State& state) noexcept nogil:
    """Take out what has fired in this command and was not armed anew."""
    cdef FiredTrigger fired
    cdef size_t i
    for i in range(state.fired_triggers.size()):
        fired = state.fired_triggers[i]
        if state.positions[fired.position].trigger_keys[fired.side] == NEVER:
            drop_trigger(state, fired.position, <TriggerSide>fired.side)
    state.fired_triggers.clear()


cdef inline void list_fired(State& state, PagedHeap[Trigger]& heap, size_t slot) noexcept nogil:
    cdef FiredTrigger fired
    fired.position = heap[slot].position
    fired.side = heap[slot].side
    fired.slot = <int32_t>slot
    state.fired_triggers.push_back(fired)
    prefetch(&state.positions[fired.position])


cdef void list_reached(State& state, PagedHeap[Trigger]& heap, int64_t reached) noexcept nogil:
    """List the triggers of a heap that are reached: from its top down, since keys rise that way."""
    cdef size_t at = state.fired_triggers.size()
    cdef size_t child, last
    if heap.empty() or heap[0].key > reached:
        return
    list_fired(state, heap, 0)
    while at < state.fired_triggers.size():
        child = <size_t>state.fired_triggers[at].slot * ARITY + 1
        last = min(child + ARITY, heap.size())
        while child < last:
            if heap[child].key <= reached:
                list_fired(state, heap, child)
            child += 1
        at += 1


cdef void fire_side(State& state, int32_t heap_index, int64_t reached) noexcept nogil:
    cdef size_t first = state.fired_triggers.size()
    cdef size_t count, at
    cdef Position* position
    cdef int32_t side
    list_reached(state, state.trigger_heaps[heap_index], reached)
    count = state.fired_triggers.size()
    for at in range(first, count):
        if at + AHEAD < count:
            position = &state.positions[state.fired_triggers[at + AHEAD].position]
            prefetch(&state.accounts[position.account])
        position = &state.positions[state.fired_triggers[at].position]
        side = state.fired_triggers[at].side
        if position.trigger_keys[side] != NEVER:
            position.trigger_keys[side] = NEVER
            state.totals.fired_triggers += 1
            state.totals.recomputed_accounts += not state.accounts[position.account].touched
            touch(state, position.account)


cdef void fire(State& state, int32_t below_heap, int64_t price) noexcept nogil:
    """Touch the accounts whose triggers in a heap and in the next, its other side, are reached."""
    fire_side(state, below_heap + <int32_t>BELOW, -price)
    fire_side(state, below_heap + <int32_t>ABOVE, price)


cdef void fire_triggers(State& state, int32_t market) noexcept nogil:
    """Touch the accounts whose triggers the market's mark has reached."""
    fire(state, price_heap(market, BELOW), state.markets[market].mark_price_ticks)
