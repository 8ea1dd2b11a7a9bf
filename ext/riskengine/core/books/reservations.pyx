"""Reservations of withdrawals: where they are, and how they come and go (MN-1).

An account of the many that have none has no room for them: a map leads from an account to the first
one on its list.
"""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from riskengine.core.base.id_map cimport id_map_put, id_map_remove
from riskengine.core.books.books cimport Books, Reservation


cdef int32_t find_reservation(
    Books& books, int32_t account, int64_t reservation_id
) noexcept nogil:
    """Return the index of the account's reservation of that id, -1 when it has none."""
    cdef int32_t at = first_reservation(books, account)
    while at >= 0 and books.reservations[at].reservation_id != reservation_id:
        at = books.reservations[at].next_reservation
    return at


cdef int64_t count_reservations(Books& books, int32_t account) noexcept nogil:
    """Return how many reservations the account has."""
    cdef int32_t at = first_reservation(books, account)
    cdef int64_t count = 0
    while at >= 0:
        count += 1
        at = books.reservations[at].next_reservation
    return count


cdef int64_t reserved_of(Books& books, int32_t account) noexcept nogil:
    """Return what is reserved of the account in sum, in atoms, which MN-2 bounds."""
    cdef int32_t at = first_reservation(books, account)
    cdef int64_t sum_atoms = 0
    while at >= 0:
        sum_atoms += books.reservations[at].amount_atoms
        at = books.reservations[at].next_reservation
    return sum_atoms


cdef void begin_list(Books& books, int32_t account, int32_t first) noexcept nogil:
    """Have the account's list begin with a reservation; with -1 it has none."""
    if first_reservation(books, account) >= 0:
        id_map_remove(books.directory.reservation_index, <int64_t>account + 1)
    if first >= 0:
        id_map_put(books.directory.reservation_index, <int64_t>account + 1, first)


cdef void add_reservation(
    Books& books, int32_t account, int64_t reservation_id, int64_t amount_atoms
) noexcept nogil:
    """Put a reservation in front of the account's list, and its amount into the asset's sum."""
    cdef int32_t index
    if books.directory.free_reservations.empty():
        index = <int32_t>books.reservations.size()
        books.reservations.resize(books.reservations.size() + 1)
    else:
        index = books.directory.free_reservations.back()
        books.directory.free_reservations.pop_back()
    books.reservations[index].reservation_id = reservation_id
    books.reservations[index].amount_atoms = amount_atoms
    books.reservations[index].account = account
    books.reservations[index].next_reservation = first_reservation(books, account)
    begin_list(books, account, index)
    books.assets[books.accounts[account].asset].reserved_atoms += amount_atoms


cdef void unlink_reservation(Books& books, int32_t reservation) noexcept nogil:
    """Take a reservation off its account's list."""
    cdef int32_t account = books.reservations[reservation].account
    cdef int32_t after = books.reservations[reservation].next_reservation
    cdef int32_t before = first_reservation(books, account)
    if before == reservation:
        begin_list(books, account, after)
        return
    while books.reservations[before].next_reservation != reservation:
        before = books.reservations[before].next_reservation
    books.reservations[before].next_reservation = after


cdef void remove_reservation(Books& books, int32_t reservation) noexcept nogil:
    """Free a reservation's slot, and take its amount out of the asset's sum."""
    cdef int32_t account = books.reservations[reservation].account
    books.assets[books.accounts[account].asset].reserved_atoms -= (
        books.reservations[reservation].amount_atoms
    )
    unlink_reservation(books, reservation)
    memset(&books.reservations[reservation], 0, sizeof(Reservation))
    books.reservations[reservation].account = -1
    books.reservations[reservation].next_reservation = -1
    books.directory.free_reservations.push_back(reservation)
