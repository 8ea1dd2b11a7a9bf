"""Reservations of withdrawals: where they are, and how they come and go (MN-1)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.id_map cimport id_map_get
from riskengine.core.books.books cimport Books


cdef inline int32_t first_reservation(Books& books, int32_t account) noexcept nogil:
    """Return the index of the first reservation on the account's list, -1 when it has none."""
    return id_map_get(books.directory.reservation_index, <int64_t>account + 1)


cdef int32_t find_reservation(
    Books& books, int32_t account, int64_t reservation_id
) noexcept nogil
cdef int64_t count_reservations(Books& books, int32_t account) noexcept nogil
cdef int64_t reserved_of(Books& books, int32_t account) noexcept nogil
cdef void add_reservation(
    Books& books, int32_t account, int64_t reservation_id, int64_t amount_atoms
) noexcept nogil
cdef void remove_reservation(Books& books, int32_t reservation) noexcept nogil
