"""Invariants of debts, gates, ended orders and what is noted of funds."""

from riskengine.core.books.books cimport Books


cdef int assert_debtors(Books& books) except -1
cdef int assert_gates(Books& books) except -1
cdef int assert_ended_orders(Books& books) except -1
cdef int assert_windows(Books& books) except -1
cdef int assert_reservations(Books& books) except -1
