"""Debts that nobody bears: who owes them, until when they wait, and how they end (FD-6 to FD-14).
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk


cdef void list_debtor(Desk& desk, int32_t account) noexcept nogil
cdef void forget_debtor(Books& books, int32_t account) noexcept nogil
cdef void tell_debt(Desk& desk, int32_t account, int64_t debt_atoms) noexcept nogil
cdef void pay_all_debts(Desk& desk) noexcept nogil
cdef void have_debts_wait(Books& books) noexcept nogil
cdef void note_due_debts(Books& books) noexcept nogil
cdef void spread_debts(Desk& desk) noexcept nogil
