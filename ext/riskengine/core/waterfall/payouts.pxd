"""What funds pay for accounts below zero (LS-4, LS-5)."""

from riskengine.core.books.desk cimport Desk
from riskengine.core.waterfall.round cimport Round


cdef void pay_losses(Desk& desk, Round& round) noexcept nogil
