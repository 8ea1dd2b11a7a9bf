"""Open-addressing map from positive ids to dense indices; nothing is ever removed."""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libcpp.vector cimport vector


cdef cppclass IdMap:
    vector[int64_t] keys  # 0 is an empty slot; a power of two of them
    vector[int32_t] values
    int64_t count


cdef inline uint64_t id_map_slot(int64_t key, uint64_t mask) noexcept nogil:
    """Return the first slot to look at; Fibonacci hashing (Knuth, TAOCP 6.4)."""
    return ((<uint64_t>key * <uint64_t>0x9E3779B97F4A7C15) >> 20) & mask


cdef inline int32_t id_map_get(const IdMap& id_map, int64_t key) noexcept nogil:
    """Return the index of key, -1 when it is absent."""
    cdef uint64_t mask, slot
    if id_map.count == 0 or key <= 0:
        return -1
    mask = id_map.keys.size() - 1
    slot = id_map_slot(key, mask)
    while id_map.keys[slot] != 0:
        if id_map.keys[slot] == key:
            return id_map.values[slot]
        slot = (slot + 1) & mask
    return -1


cdef void id_map_put(IdMap& id_map, int64_t key, int32_t value) noexcept nogil
