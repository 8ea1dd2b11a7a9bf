"""The frame of every command: start, rows, end_command (CM-1 to CM-8)."""

from libc.stdint cimport int64_t
from libcpp.vector cimport vector

from riskengine.core.base.column cimport Column
from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.state cimport State


cdef struct RowRefusal:
    int64_t row
    Refusal refusal


cdef cppclass Progress:
    int64_t previous_time_nanos
    int64_t time_nanos
    int64_t applied_rows
    int64_t rejected_rows
    bint started
    bint is_amid  # work is pending, and the command does not go on with it
    bint is_quiet  # nothing follows from it: it only says what time it is
    bint succeeded
    vector[RowRefusal] refusals


cdef cppclass VenueColumns:  # what the venue notes of its rows, for who reads the journal
    Column venue_id
    Column venue_time_nanos


cdef inline void accept_row(Progress& progress) noexcept nogil:
    """Count a row that was applied."""
    progress.applied_rows += 1


cdef inline int64_t optional(const Column& column, int64_t row) noexcept nogil:
    """Return an element of a column that may be left out; 0 then."""
    return 0 if column.rows() == 0 else column[row]


cdef bint start(Desk& desk, Progress& progress, int64_t time_nanos) noexcept nogil
cdef bint start_live_amid(Desk& desk, Progress& progress, int64_t time_nanos) noexcept nogil
cdef bint start_live(Desk& desk, Progress& progress, int64_t time_nanos) noexcept nogil
cdef bint start_loading(Desk& desk, Progress& progress, int64_t time_nanos) noexcept nogil
cdef void refuse_whole(
    Progress& progress, int reason, int field, int64_t value, int64_t limit
) noexcept nogil
cdef void refuse_row(Progress& progress, int64_t row, const Refusal* refusal) noexcept nogil
cdef void end_command(State& state, Progress& progress) noexcept nogil
cdef bint refuse_column(
    Progress& progress, int field, const Column& column, int64_t rows
) noexcept nogil
cdef bint refuse_optional_column(
    Progress& progress, int field, const Column& column, int64_t rows
) noexcept nogil
cdef bint refuse_venue_columns(
    Progress& progress, const VenueColumns& columns, int64_t rows
) noexcept nogil
cdef bint refuse_rows(Progress& progress, int field, int64_t rows) noexcept nogil
cdef void take_sequence(Desk& desk, Progress& progress, int64_t time_nanos) noexcept nogil
cdef void apply_tick(Books& books, Progress& progress) noexcept nogil
cdef void apply_continue(Desk& desk, Progress& progress) noexcept nogil
