"""The policy PRO_RATA: every opposite position by its size (LS-14)."""

from libcpp.vector cimport vector

from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.candidates cimport Field
from riskengine.core.losses.need cimport Pool
from riskengine.core.losses.queue cimport Queue
from riskengine.core.losses.share cimport Share


cdef void choose_pro_rata(
    Desk& desk, Queue& queue, const Pool* pool, Field& field, vector[Share]& shares
) noexcept nogil
