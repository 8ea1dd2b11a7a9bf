"""Growth of the id map; look-ups are inline in the .pxd."""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memset
from libcpp.vector cimport vector

cdef enum:
    SHARDS = 256
    INITIAL_SLOTS = 8


cdef void place(IdShard* shard, int64_t key, int32_t value) noexcept nogil:
    cdef uint64_t mask = shard.entries.size() - 1
    cdef uint64_t slot = (id_hash(key) >> 24) & mask
    while shard.entries[slot].key != 0:
        slot = (slot + 1) & mask
    shard.entries[slot].key = key
    shard.entries[slot].value = value


cdef void grow(IdShard* shard) noexcept nogil:
    cdef vector[IdEntry] entries = shard.entries
    cdef IdEntry empty
    cdef size_t i
    memset(&empty, 0, sizeof(empty))
    shard.entries.assign(INITIAL_SLOTS if entries.empty() else entries.size() * 2, empty)
    for i in range(entries.size()):
        if entries[i].key != 0:
            place(shard, entries[i].key, entries[i].value)


cdef void id_map_put(IdMap& id_map, int64_t key, int32_t value) noexcept nogil:
    """Add a key that is absent; key > 0. Keeps the load at or below one half."""
    cdef IdShard* shard
    if id_map.shards.empty():
        id_map.shards.resize(SHARDS)
    shard = &id_map.shards[id_hash(key) >> 56]
    if <size_t>(shard.count + 1) * 2 > shard.entries.size():
        grow(shard)
    place(shard, key, value)
    shard.count += 1
