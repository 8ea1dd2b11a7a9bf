"""The state as Python values, for questions."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.books cimport AccountName, Books
from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.gate cimport Gates


cdef object account_view(Desk& desk, int32_t account, bint with_positions, Gates& gates)
cdef object market_view(Books& books, int32_t market)
cdef list asset_views(Books& books)
cdef list gate_views(Books& books)
cdef object parameters_view(Books& books)
cdef object retention_view(Books& books)
cdef list account_page(
    Desk& desk, const AccountName& after, int64_t limit, int32_t wanted_state
)
cdef list liquidation_page(
    Books& books, int64_t after_id, int64_t limit, int64_t account_id, int64_t market_id
)
cdef object bad_debt_of(Books& books, int32_t asset)
