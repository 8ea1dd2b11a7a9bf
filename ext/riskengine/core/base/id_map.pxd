"""Open-addressing map from positive ids to dense indices.

It is made of shards that grow each for itself, so that growth moves one part in 256 at a time.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libcpp.vector cimport vector


cdef struct IdEntry:
    int64_t key  # 0 is an empty slot
    int32_t value
    int32_t reserved


cdef cppclass IdShard:
    vector[IdEntry] entries  # a power of two of them
    int64_t count


cdef cppclass IdMap:
    vector[IdShard] shards  # none, or 256


cdef extern from *:
    """
    // The empty statement is a side effect: GCC takes a function that does nothing but prefetch for
    // one that does nothing, and drops its calls.
    #define riskengine_prefetch(address) \
        do { __builtin_prefetch(address); __asm__ volatile(""); } while (0)
    """
    void prefetch "riskengine_prefetch" (const void* address) noexcept nogil


cdef inline uint64_t id_hash(int64_t key) noexcept nogil:
    """Return a hash of an id; its top byte names the shard, lower bits the slot.

    Fibonacci hashing (Knuth, TAOCP 6.4) twice with a fold between, so that ids that differ only
    in high bits come apart in the slots too.
    """
    cdef uint64_t hashed = <uint64_t>key * <uint64_t>0x9E3779B97F4A7C15
    return (hashed ^ (hashed >> 32)) * <uint64_t>0x9E3779B97F4A7C15


cdef inline int32_t id_map_get(const IdMap& id_map, int64_t key) noexcept nogil:
    """Return the index of key, -1 when it is absent."""
    cdef uint64_t hashed, mask, slot
    cdef const IdShard* shard
    if key <= 0 or id_map.shards.empty():
        return -1
    hashed = id_hash(key)
    shard = &id_map.shards[hashed >> 56]
    if shard.count == 0:
        return -1
    mask = shard.entries.size() - 1
    slot = (hashed >> 24) & mask
    while shard.entries[slot].key != 0:
        if shard.entries[slot].key == key:
            return shard.entries[slot].value
        slot = (slot + 1) & mask
    return -1


cdef inline void id_map_prefetch(const IdMap& id_map, int64_t key) noexcept nogil:
    """Have the entry of key brought into the cache."""
    cdef uint64_t hashed = id_hash(key)
    cdef const IdShard* shard
    if id_map.shards.empty():
        return
    shard = &id_map.shards[hashed >> 56]
    if shard.count > 0:
        prefetch(&shard.entries[(hashed >> 24) & (shard.entries.size() - 1)])


cdef void id_map_put(IdMap& id_map, int64_t key, int32_t value) noexcept nogil
cdef void id_map_remove(IdMap& id_map, int64_t key) noexcept nogil
