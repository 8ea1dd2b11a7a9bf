"""What funds pay for accounts below zero (LS-4, LS-5)."""

from libc.stddef cimport size_t

from riskengine.core.books.desk cimport Desk
from riskengine.core.waterfall.round cimport Round


cdef bint lay_losses(Desk& desk, Round& round, size_t* next_acting) noexcept nogil
cdef void pay_losses(Desk& desk, Round& round) noexcept nogil
