"""Loading a venue: how it begins, and how the venue goes live (LD-1 to LD-3, LD-11, LD-12)."""

from libc.stdint cimport int64_t

from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.frame cimport Progress


cdef void apply_begin_loading(
    Desk& desk, Progress& progress, int64_t last_liquidation_id
) noexcept nogil
cdef bint refuse_going_live(
    Books& books, bint accept_imbalance, Refusal* refusal
) noexcept nogil
cdef void apply_go_live(Desk& desk, Progress& progress, bint accept_imbalance) noexcept nogil
