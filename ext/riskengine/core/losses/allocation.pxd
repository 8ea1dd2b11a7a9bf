"""Allocation: needs are closed against the other side and its holders (LS-6 to LS-22)."""

from libcpp.vector cimport vector

from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.need cimport Need
from riskengine.core.losses.queue cimport Queue


cdef void close_needs(Desk& desk, Queue& queue, vector[Need]& needs) noexcept nogil
