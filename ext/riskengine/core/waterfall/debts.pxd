"""Debts that nobody bears: who owes them, until when they wait, and how they end (FD-6 to FD-14).
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.books cimport Books, Debtor
from riskengine.core.books.desk cimport Desk


cdef inline bint is_due(Desk& desk, const Debtor* debtor) noexcept nogil:
    """Return whether the debt's time had come when the command began from which all follows.

    Rules FD-12, WK-3.
    """
    return 0 < debtor.due_nanos <= desk.running.begun_time_nanos


cdef void list_debtor(Desk& desk, int32_t account) noexcept nogil
cdef void tell_debt(Desk& desk, int32_t account, int64_t debt_atoms) noexcept nogil
cdef void end_debt(Desk& desk, int32_t account) noexcept nogil
cdef void forget_ended_debts(Desk& desk) noexcept nogil
cdef bint pay_debts(Desk& desk, size_t* next_debtor) noexcept nogil
cdef void wait_again(Books& books, Debtor* debtor) noexcept nogil
cdef void have_debts_wait(Books& books) noexcept nogil
cdef void note_due_debts(Desk& desk) noexcept nogil
