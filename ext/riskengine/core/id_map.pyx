"""Growth of the id map; look-ups are inline in the .pxd."""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libcpp.vector cimport vector

cdef enum:
    INITIAL_SLOTS = 64


cdef void place(IdMap& id_map, int64_t key, int32_t value) noexcept nogil:
    cdef uint64_t mask = id_map.keys.size() - 1
    cdef uint64_t slot = id_map_slot(key, mask)
    while id_map.keys[slot] != 0:
        slot = (slot + 1) & mask
    id_map.keys[slot] = key
    id_map.values[slot] = value


cdef void grow(IdMap& id_map) noexcept nogil:
    cdef vector[int64_t] keys = id_map.keys
    cdef vector[int32_t] values = id_map.values
    cdef size_t i
    cdef size_t slots = INITIAL_SLOTS if keys.size() == 0 else keys.size() * 2
    id_map.keys.assign(slots, 0)
    id_map.values.assign(slots, 0)
    for i in range(keys.size()):
        if keys[i] != 0:
            place(id_map, keys[i], values[i])


cdef void id_map_put(IdMap& id_map, int64_t key, int32_t value) noexcept nogil:
    """Add a key that is absent; key > 0. Keeps the load at or below one half."""
    if <size_t>(id_map.count + 1) * 2 > id_map.keys.size():
        grow(id_map)
    place(id_map, key, value)
    id_map.count += 1
