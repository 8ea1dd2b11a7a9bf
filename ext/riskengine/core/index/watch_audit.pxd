"""Invariants of the watches and their heaps."""

from riskengine.core.books.books cimport Books
from riskengine.core.index.index cimport Index


cdef int assert_watches(Books& books, Index& index) except -1
