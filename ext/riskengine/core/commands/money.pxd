"""Deposits, withdrawals and closing of accounts (GD-9 to GD-11)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.column cimport Column
from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.books cimport AccountName, Books
from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.frame cimport Progress, VenueColumns
from riskengine.core.commands.state cimport State
from riskengine.core.losses.gate cimport Gates
from riskengine.core.margin.model cimport Risk


cdef cppclass MoneyColumns:  # of deposits, and of withdrawals
    Column account_id
    Column asset_id
    Column amount_atoms
    Column isolated_market_id  # of no rows where all are 0
    VenueColumns venue


cdef bint refuse_named(
    Books& books, const AccountName& name, int32_t* account, Refusal* refusal
) noexcept nogil
cdef int64_t paid_in(Books& books, int32_t account) noexcept nogil
cdef bint refuse_receipt(
    Desk& desk, int32_t account, int64_t amount_atoms, Refusal* refusal
) noexcept nogil
cdef bint refuse_not_withdrawable(
    Books& books, int32_t account, int64_t amount_atoms, Refusal* refusal
) noexcept nogil
cdef bint refuse_payment(
    Books& books, int32_t account, int64_t amount_atoms, Gates& gates, Refusal* refusal
) noexcept nogil
cdef void move_money(Desk& desk, int32_t account, int64_t amount_atoms) noexcept nogil
cdef int64_t payable(Desk& desk, int32_t account, Risk risk, Gates& gates) noexcept nogil
cdef void apply_deposits(
    State& state, Progress& progress, const MoneyColumns& columns
) noexcept nogil
cdef void apply_withdrawals(
    Desk& desk, Progress& progress, const MoneyColumns& columns
) noexcept nogil
cdef void apply_close(Desk& desk, Progress& progress, const AccountName& name) noexcept nogil
