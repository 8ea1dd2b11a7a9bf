"""Safe bands: how far each price may go before an account must be looked at.

See docs/proofs/trigger-index.md.
"""

from libc.stdint cimport int32_t

from riskengine.core.books.books cimport Books
from riskengine.core.index.index cimport Index
from riskengine.core.margin.model cimport Risk


cdef void arm(Books& books, Index& index, int32_t account, Risk risk) noexcept nogil
