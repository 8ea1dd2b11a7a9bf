"""Judgement of the accounts that a command touched (JD-1 to JD-10)."""

from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.state cimport State
from riskengine.core.commands.work cimport Case, Work
from riskengine.core.index.index cimport Index


cdef cppclass Foresight:
    vector[Case] calls  # by name
    vector[Case] candidates  # riskiest first, like the next
    vector[Case] waiting  # liquidatable, and behind open orders


cdef void touch_market(Desk& desk, int32_t market) noexcept nogil
cdef void review_market(Desk& desk, int32_t market) noexcept nogil
cdef void review_all(Desk& desk) noexcept nogil
cdef void judge_account(State& state, int32_t account) noexcept nogil
cdef void sort_cases(Work& work) noexcept nogil
cdef void look_at(Desk& desk, Index& index, int32_t account) noexcept nogil
cdef void judge_nobody(Desk& desk) noexcept nogil
cdef void arm_changed(Desk& desk, Index& index, int32_t account) noexcept nogil
cdef void arm_stale(Desk& desk, Index& index) noexcept nogil
cdef bint would_act(Books& books, int32_t index) noexcept nogil
cdef int64_t scan(Books& books) noexcept nogil
cdef int64_t waits_until_nanos(Books& books, int32_t index, int64_t time_nanos) noexcept nogil
cdef void foresee(Books& books, int64_t time_nanos, Foresight& foresight) noexcept nogil
