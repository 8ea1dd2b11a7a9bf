"""The whole state as plain values, for inspection."""

from riskengine.core.books.books cimport Books


cdef dict dump_state(Books& books)
