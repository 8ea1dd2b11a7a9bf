"""Assets, insurance funds and the levels of the waterfall (GD-1 to GD-3, GD-7, GD-8)."""

from libc.stdint cimport int64_t

from riskengine.core.books.books cimport Asset, Parameters
from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.frame cimport Progress


cdef void apply_asset(Desk& desk, Progress& progress, const Asset* asset) noexcept nogil
cdef void apply_fund(
    Desk& desk, Progress& progress, int64_t fund_id, int64_t asset_id
) noexcept nogil
cdef void apply_fund_deposit(
    Desk& desk, Progress& progress, int64_t fund_id, int64_t amount_atoms
) noexcept nogil
cdef void apply_parameters(
    Desk& desk, Progress& progress, const Parameters* parameters
) noexcept nogil
