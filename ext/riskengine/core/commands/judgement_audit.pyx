"""Invariant of the judgement: the index overlooks nobody (docs/proofs/trigger-index.md)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t

from riskengine.core.books.books cimport Books, is_loading, is_open
from riskengine.core.commands.judgement cimport would_act
from riskengine.core.index.index cimport ABOVE, ALWAYS, Index


cdef int assert_always_fires(Books& books, Index& index, int32_t account) except -1:
    """Assert that each leg of the account has a watch that fires at any mark of its market."""
    cdef int32_t leg = books.accounts[account].first_leg
    while leg >= 0:
        assert index.watches[leg].keys[<int>ABOVE] == ALWAYS, (
            f"I12: account {books.accounts[account].account_id} is overlooked"
        )
        leg = books.legs[leg].next_leg
    return 0


cdef int assert_nobody_is_overlooked(State& state) except -1:
    """Assert that an account on which a judgement would act is looked at on any mark.

    While the venue is being loaded nobody is looked at.
    """
    cdef Books* books = &state.desk.books
    cdef size_t i
    if is_loading(books[0]):
        return 0
    for i in range(books.accounts.size()):
        if is_open(books[0], <int32_t>i) and would_act(books[0], <int32_t>i):
            assert_always_fires(books[0], state.index, <int32_t>i)
    return 0
