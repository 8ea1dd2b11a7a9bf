"""Growth and removal of the id map; look-ups are inline in the .pxd."""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memset
from libcpp.vector cimport vector

from riskengine.core.base.expect cimport expect

cdef enum:
    SHARDS = 256
    INITIAL_SLOTS = 8


cdef void place(IdShard* shard, int64_t key, int32_t value) noexcept nogil:
    """Put an absent key into the first free slot from its home on; the shard has one."""
    cdef uint64_t mask = shard.entries.size() - 1
    cdef uint64_t slot = (id_hash(key) >> 24) & mask
    while shard.entries[slot].key != 0:
        slot = (slot + 1) & mask
    shard.entries[slot].key = key
    shard.entries[slot].value = value


cdef void grow(IdShard* shard) noexcept nogil:
    """Double the slots, or make the first ones, and place every key anew."""
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
    expect(key > 0)
    expect(id_map_get(id_map, key) < 0)
    if id_map.shards.empty():
        id_map.shards.resize(SHARDS)
    shard = &id_map.shards[id_hash(key) >> 56]
    if <size_t>(shard.count + 1) * 2 > shard.entries.size():
        grow(shard)
    place(shard, key, value)
    shard.count += 1


cdef uint64_t distance_from_home(const IdShard* shard, uint64_t slot) noexcept nogil:
    """Return how many slots behind its home the key in a taken slot stands, around the end."""
    cdef uint64_t mask = shard.entries.size() - 1
    return (slot - (id_hash(shard.entries[slot].key) >> 24)) & mask


cdef void id_map_remove(IdMap& id_map, int64_t key) noexcept nogil:
    """Remove a key that is present.

    Those behind it move up instead of leaving a tombstone (Knuth, TAOCP 6.4, algorithm R), so
    that nothing has ever to be rebuilt, and coming and going takes no room.
    """
    cdef uint64_t hashed = id_hash(key)
    cdef IdShard* shard = &id_map.shards[hashed >> 56]
    cdef uint64_t mask = shard.entries.size() - 1
    cdef uint64_t hole = (hashed >> 24) & mask
    cdef uint64_t slot
    expect(id_map_get(id_map, key) >= 0)
    while shard.entries[hole].key != key:
        hole = (hole + 1) & mask
    slot = (hole + 1) & mask
    while shard.entries[slot].key != 0:
        if distance_from_home(shard, slot) >= ((slot - hole) & mask):
            shard.entries[hole] = shard.entries[slot]
            hole = slot
        slot = (slot + 1) & mask
    shard.entries[hole].key = 0
    shard.count -= 1
