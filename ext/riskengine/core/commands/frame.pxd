"""The frame of every command: start, rows, finish (docs/SEMANTICS.md section 5)."""

from libc.stdint cimport int64_t
from libcpp.vector cimport vector

from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.state cimport State


cdef struct RowRefusal:
    int64_t row
    Refusal refusal


cdef cppclass Command:
    int64_t previous_time_nanos
    int64_t applied_rows
    int64_t rejected_rows
    bint started
    bint succeeded
    vector[RowRefusal] refusals


cdef bint start(State& state, Command& command, int64_t time_nanos) noexcept nogil
cdef void refuse_whole(
    Command& command, int reason, int field, int64_t value, int64_t limit
) noexcept nogil
cdef void note_row(
    Command& command, int64_t row, bint applied, const Refusal* refusal
) noexcept nogil
cdef void finish(State& state, Command& command) noexcept nogil
cdef bint refuse_column(
    Command& command, int field, int64_t length, int64_t rows
) noexcept nogil
cdef bint refuse_optional_column(
    Command& command, int field, int64_t length, int64_t rows
) noexcept nogil
cdef bint refuse_rows(Command& command, int field, int64_t rows) noexcept nogil
cdef bint refuse_tick(State& state, Command& command) noexcept nogil
