"""What can be taken out of an account (MG-8)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport greatest
from riskengine.core.books.books cimport Books
from riskengine.core.margin.assess cimport initial_margin
from riskengine.core.margin.model cimport Change, Risk


cdef int64_t withdrawable(Books& books, int32_t account, Risk risk) noexcept nogil:
    """Return max(0, balance + min(0, unrealised PnL) - initial margin) (MG-8).

    That is what is free if profits that are not realised were not there.
    """
    cdef int64_t profit = greatest(0, risk.equity_atoms - books.accounts[account].balance_atoms)
    cdef Change change = balance_change(-profit)
    return greatest(
        0,
        what_if(books, account, risk, &change).equity_atoms
        - initial_if(books, account, initial_margin(books, account), &change),
    )
