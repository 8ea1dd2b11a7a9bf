"""Hash of the books over canonical words."""

from libc.stdint cimport int64_t
from libcpp.vector cimport vector

from riskengine.core.books.books cimport Books


cdef object state_digest(Books& books)
