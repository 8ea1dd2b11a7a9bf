"""A frozen view of the whole state, while commands go on."""

from riskengine.core.books.books cimport Books
from riskengine.core.commands.state cimport State


cdef object begin_view(State& state, int fd)
cdef list page_addresses(Books& books)
