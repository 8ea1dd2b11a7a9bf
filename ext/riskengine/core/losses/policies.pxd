"""The table of loss policies: which holders close what nobody else takes."""

from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.need cimport Pool
from riskengine.core.losses.queue cimport Queue
from riskengine.core.losses.share cimport Share

# Adds the shares in the order in which they are booked, and returns how many holders were passed
# over. Shares sum to the pool or to all there is, no leg has two, none closes more than it holds or
# nothing, all are whole steps but for what these do not cover, and ties are broken by account id.
# The books are not changed, but the queue may count on all shares being booked at once.
ctypedef int32_t (*Choose)(
    Desk& desk, Queue& queue, const Pool* pool, vector[Share]& shares
) noexcept nogil


cdef struct Policy:
    int64_t number  # in the contract
    Choose choose


cdef const Policy* find_policy(int64_t number) noexcept nogil
cdef bint is_policy(int64_t number) noexcept nogil
