"""The table of loss policies: who bears what nobody else can carry."""

from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.closeout cimport Closeout
from riskengine.core.losses.queue cimport Queue
from riskengine.core.losses.share cimport Share

# Adds the shares in the order in which they are to be booked, and returns how many counterparties
# were passed over. Shares sum to the need or to all there is, no leg has two, none closes more than
# it holds, and ties are broken by account id. The books are not changed, but the queue may count on
# all shares being booked at once. What the fund paid before is kept by lots closed (LS-18):
# of a loss that is met without closing it gets all back.
ctypedef int32_t (*Choose)(
    Desk& desk, Queue& queue, const Closeout* closeout, vector[Share]& shares
) noexcept nogil


cdef struct Policy:
    int64_t number  # in the contract
    Choose choose


cdef const Policy* find_policy(int64_t number) noexcept nogil
cdef bint is_policy(int64_t number) noexcept nogil
