"""The table of loss policies: which holders close what nobody else takes."""

from libc.stdint cimport int64_t
from libcpp.vector cimport vector

from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.candidates cimport Field
from riskengine.core.losses.need cimport Pool
from riskengine.core.losses.queue cimport Queue
from riskengine.core.losses.share cimport Share

# Looks at the holders of the side as far as there are units, and returns whether that is done: so
# often, and for so many, whatever is paid in between.
ctypedef bint (*Look)(
    Desk& desk, Queue& queue, const Pool* pool, Field& field
) noexcept nogil

# Adds the shares in the order in which they are booked, and has the field say how many holders were
# passed over. Shares sum to the pool or to all there is, no leg has two, none closes more than it
# holds or nothing, all are whole steps but for what these do not cover, and ties are broken by
# account id. The books are not changed, but the queue may count on all shares being booked at once.
ctypedef void (*Choose)(
    Desk& desk, Queue& queue, const Pool* pool, Field& field, vector[Share]& shares
) noexcept nogil


cdef struct Policy:
    int64_t number  # in the contract
    Look look
    Choose choose


cdef const Policy* find_policy(int64_t number) noexcept nogil
cdef bint is_policy(int64_t number) noexcept nogil
