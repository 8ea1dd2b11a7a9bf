"""The whole state as plain values, for inspection."""

from riskengine.core.books.desk cimport Desk


cdef dict dump_state(Desk& desk)
