"""The walk over the books in canonical order."""

from riskengine.core.base.words cimport Words
from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Totals


cdef bint write_books(Books& books, Words& words) noexcept nogil
cdef bint write_totals(Books& books, Totals& totals, Words& words) noexcept nogil
