"""What was paid in while a pass works, which decides on what stood before (WK-2, WK-4)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.id_map cimport id_map_get, id_map_put


cdef void add_between(Between& between, int32_t account, int64_t atoms) noexcept nogil:
    """Take note of what is paid into the account; in all it fits, as its balance does."""
    cdef int32_t place = id_map_get(between.places, <int64_t>account + 1)
    if place >= 0:
        between.paid_atoms[place] += atoms
        return
    id_map_put(between.places, <int64_t>account + 1, <int32_t>between.accounts.size())
    between.accounts.push_back(account)
    between.paid_atoms.push_back(atoms)


cdef void clear_between(Between& between) noexcept nogil:
    """Forget what was paid in: the next pass sees it."""
    between.places.shards.clear()
    between.accounts.clear()
    between.paid_atoms.clear()
