"""Writing off of debts, each by one who pays (GD-25, FD-14)."""

from libc.stdint cimport int64_t

from riskengine.core.books.books cimport AccountName
from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.frame cimport Progress
from riskengine.core.commands.payers cimport Payer


cdef struct WriteOff:
    AccountName name
    int64_t amount_atoms
    Payer payer


cdef void apply_write_off(Desk& desk, Progress& progress, const WriteOff* asked) noexcept nogil
