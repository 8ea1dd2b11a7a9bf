"""What is told of an allocation: its pairs, and what became of each need (LS-16, LS-20)."""

from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.need cimport Need
from riskengine.core.losses.pairing cimport Pair
from riskengine.core.losses.share cimport Share


cdef void tell_netted(Desk& desk, vector[Need]& needs, const Pair* pair) noexcept nogil
cdef void tell_share(
    Desk& desk,
    vector[Need]& needs,
    const vector[Share]& shares,
    const Pair* pair,
    int64_t paid_atoms,
) noexcept nogil
cdef void tell_need(Desk& desk, const Need* need, int32_t skipped) noexcept nogil
