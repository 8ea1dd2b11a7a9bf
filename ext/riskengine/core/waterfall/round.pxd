"""A round: what is decided and done for all candidates of one pass, taken together (WF-2)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.losses.need cimport Need
from riskengine.core.margin.model cimport Risk


cdef struct Acting:  # a candidate, riskiest first
    Risk risk  # at the begin of the pass, on which all is decided
    int32_t account
    int32_t is_paid_whole  # a fund paid all that it is below zero
    size_t first_loss  # in Round.losses: its legs in order, then what no leg bears
    size_t loss_count  # 0 unless it is below zero
    int64_t cooldown_millis  # of the orders that it concluded; 0: none is due
    int64_t taken_lots  # by funds
    size_t first_need  # in Round.needs: those of its legs
    size_t need_count


cdef struct Loss:  # what of an account's loss is laid on one of its legs
    int32_t order  # of the account in Round.acting
    int32_t leg  # -1: a trade, a fee or funding did it
    int32_t market  # to which it counts; -1: to none, for nothing was ever booked
    int32_t fund  # that is asked; -1: none
    int64_t share_atoms
    int64_t paid_atoms


cdef cppclass Round:
    vector[Acting] acting
    int64_t below_zero  # accounts whose losses were laid on their legs
    vector[Loss] losses
    vector[Need] needs
