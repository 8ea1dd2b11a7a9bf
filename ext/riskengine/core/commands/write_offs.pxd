"""Writing off of debts, each by one who pays (GD-25, FD-14)."""

from libc.stdint cimport int64_t

from riskengine.core.books.books cimport AccountName
from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.frame cimport Progress


cdef struct WriteOff:
    AccountName name
    int64_t amount_atoms
    int64_t payer  # a WriteOffPayer
    int64_t fund_id  # 0 unless a fund pays


cdef void apply_write_off(Desk& desk, Progress& progress, const WriteOff* asked) noexcept nogil
