"""Gains of an asset, over which a debt that nobody bears is spread (FD-13)."""

from libc.stdint cimport int8_t, int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk
from riskengine.core.margin.model cimport Risk


cdef struct Gain:
    int64_t account_id
    int64_t gain_atoms
    Risk risk
    int32_t account
    int32_t asset


cdef bint may_gain(
    Books& books, int32_t account, const vector[int8_t]& is_asked
) noexcept nogil
cdef void add_gain(Desk& desk, int32_t account, vector[Gain]& gains) noexcept nogil
cdef void sort_gains(vector[Gain]& gains) noexcept nogil
cdef vector[int64_t] shares_of_gains(
    const vector[Gain]& gains, size_t begin, size_t end, int64_t whole_atoms
) noexcept nogil
