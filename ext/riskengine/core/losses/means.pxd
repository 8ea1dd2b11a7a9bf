"""The means of a fund: what it can pay, in all and for one market (FD-1, FD-9 to FD-11)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.booking cimport Booked
from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk
from riskengine.core.margin.model cimport Risk


cdef int64_t noted_equity(Books& books, int32_t fund, Risk risk) noexcept nogil
cdef int64_t noted_after(
    Books& books, int32_t market, const Booked* booked, int32_t fund, int64_t before_atoms
) noexcept nogil
cdef int64_t least_equity(Books& books, int32_t fund, int64_t equity_atoms) noexcept nogil
cdef int64_t peak_equity(Books& books, int32_t fund, Risk risk) noexcept nogil
cdef int64_t spare(Books& books, int32_t fund, Risk risk) noexcept nogil
cdef int64_t available(Books& books, int32_t fund, Risk risk) noexcept nogil
cdef int64_t share_left(Books& books, int32_t market) noexcept nogil
cdef bint is_stopped_now(
    Books& books, int32_t fund, int64_t equity_atoms, int64_t peak_atoms
) noexcept nogil
cdef void look_at_funds(Desk& desk) noexcept nogil
cdef void note_slot(Desk& desk) noexcept nogil
cdef void note_changed(Desk& desk) noexcept nogil
