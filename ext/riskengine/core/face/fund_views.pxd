"""Insurance funds as Python values, for questions."""

from libc.stdint cimport int32_t

from riskengine.core.books.books cimport Books


cdef object fund_view(Books& books, int32_t fund)
cdef object fund_window(Books& books, int32_t fund)
cdef object market_payouts(Books& books, int32_t market)
