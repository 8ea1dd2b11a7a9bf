"""Attempts: what is kept of an account only while it is being liquidated.

An account has one as long as it is in ACCOUNT_STATE_LIQUIDATING, and no longer.
"""

from libc.stdint cimport int32_t

from riskengine.core.books.books cimport Attempt, Books


cdef void begin_attempt(Books& books, int32_t account) noexcept nogil:
    """Give the account an attempt without orders or retry; the fund was not asked."""
    cdef int32_t index
    cdef Attempt* attempt
    if books.directory.free_attempts.empty():
        index = <int32_t>books.attempts.size()
        books.attempts.resize(books.attempts.size() + 1)
    else:
        index = books.directory.free_attempts.back()
        books.directory.free_attempts.pop_back()
    attempt = &books.attempts[index]
    attempt.retry_nanos = 0
    attempt.account = account
    attempt.first_order = -1
    attempt.open_orders = 0
    attempt.asked = 0
    books.accounts[account].attempt = index


cdef void end_attempt(Books& books, int32_t account) noexcept nogil:
    """Free the account's attempt, if it has one; its orders are forgotten already."""
    cdef int32_t index = books.accounts[account].attempt
    if index < 0:
        return
    books.attempts[index].account = -1
    books.directory.free_attempts.push_back(index)
    books.accounts[account].attempt = -1
