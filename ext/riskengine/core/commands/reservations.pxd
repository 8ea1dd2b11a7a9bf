"""Withdrawals in two phases: reserved, then confirmed or cancelled (MN-1 to MN-5)."""

from libc.stdint cimport int64_t

from riskengine.core.base.column cimport Column
from riskengine.core.books.books cimport AccountName
from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.frame cimport Progress


cdef struct NamedReservation:
    AccountName name
    int64_t reservation_id
    int64_t amount_atoms  # of one that is made


cdef cppclass LoadReservationColumns:
    Column account_id
    Column asset_id
    Column reservation_id
    Column amount_atoms


cdef void apply_reserve(
    Desk& desk, Progress& progress, const NamedReservation* asked
) noexcept nogil
cdef void apply_confirm(
    Desk& desk, Progress& progress, const NamedReservation* asked
) noexcept nogil
cdef void apply_cancel(
    Desk& desk, Progress& progress, const NamedReservation* asked
) noexcept nogil
cdef void apply_load_reservations(
    Desk& desk, Progress& progress, const LoadReservationColumns& columns
) noexcept nogil
