"""Work: what follows from a command, and how far it has come (WK-1 to WK-3).

It stands beside the books: neither hashed, saved nor streamed, for it is done before any of that.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport int128_t
from riskengine.core.books.books cimport AccountName
from riskengine.core.losses.allocation cimport Closing
from riskengine.core.margin.model cimport Risk
from riskengine.core.waterfall.round cimport Round
from riskengine.core.waterfall.spreading cimport Spreading


cdef enum WorkStage:  # in order; after the last of a pass comes another pass, or what is behind it
    DONE = 0
    FIRING_TIMERS = 1
    LOOKING = 2  # at those of a pass
    CALLING = 3
    BEGINNING = 4
    LAYING_LOSSES = 5
    STEPPING = 6
    CLOSING_NEEDS = 7
    SETTLING = 8
    PAYING_DEBTS = 9
    SPREADING_DEBTS = 10


cdef struct Case:
    int128_t health_ppm
    AccountName name
    Risk risk
    int32_t account


cdef cppclass Work:
    int32_t stage  # WorkStage
    size_t next_step  # of the stage
    bint has_judged  # those that the command's rows and timers touched
    bint has_seen_debts  # behind the judgement
    vector[int32_t] looked_at  # of the pass, for a unit each
    vector[Case] calls  # of the pass, by name
    vector[Case] candidates  # riskiest first
    Round round
    Closing closing
    Spreading spreading
