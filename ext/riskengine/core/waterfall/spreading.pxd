"""Spreading of debts over gains: who is asked for what, and how far it has come (FD-13)."""

from libc.stddef cimport size_t
from libc.stdint cimport int8_t, int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.spread cimport Gain


cdef cppclass Spreading:
    vector[int8_t] is_asked  # by asset: debts of it are due
    size_t accounts  # that there were when it began
    size_t looked_at  # of these
    int64_t traders  # among them, whose gains were asked for
    bint is_listed
    vector[Gain] gains  # of these assets, one after the other
    size_t end  # of the asset's gains
    int32_t next_asset  # that is divided; the present one is that before it
    vector[int64_t] parts  # that the asset's gains pay, beside them from `begin`
    size_t begin
    size_t taken  # of the parts
    vector[size_t] due  # places in Books.debtors of the asset's debts
    vector[int64_t] debts_parts
    size_t given  # of these


cdef bint begin_spreading(Desk& desk, Spreading& spreading) noexcept nogil
cdef bint spread_debts(Desk& desk, Spreading& spreading) noexcept nogil
