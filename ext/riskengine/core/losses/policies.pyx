"""The table of loss policies: which holders close what nobody else takes.

A policy is a row here, a function that looks at holders and one that chooses shares. The guard of a
market's parameters and the allocation look it up; nothing else of the core knows one policy from
another.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int64_t
from libcpp.vector cimport vector

from riskengine.core.base.codes cimport LOSS_POLICY_PRO_RATA, LOSS_POLICY_QUEUE
from riskengine.core.losses.by_rank cimport choose_by_rank, rank_holders
from riskengine.core.losses.candidates cimport look_at_holders
from riskengine.core.losses.pro_rata cimport choose_pro_rata

cdef vector[Policy] TABLE
TABLE.push_back(Policy(<int64_t>LOSS_POLICY_QUEUE, rank_holders, choose_by_rank))
TABLE.push_back(Policy(<int64_t>LOSS_POLICY_PRO_RATA, look_at_holders, choose_pro_rata))


cdef const Policy* find_policy(int64_t number) noexcept nogil:
    """Return the policy of that number; NULL when there is none."""
    cdef size_t i
    for i in range(TABLE.size()):
        if TABLE[i].number == number:
            return &TABLE[i]
    return NULL


cdef bint is_policy(int64_t number) noexcept nogil:
    """Return whether a market may have the policy of that number."""
    return find_policy(number) != NULL
