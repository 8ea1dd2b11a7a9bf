"""Hash of the books over canonical words."""

from riskengine.core.books.books cimport Books


cdef object state_digest(Books& books)
