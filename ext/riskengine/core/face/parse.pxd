"""Python values into structs."""

from riskengine.core.books.state cimport Market


cdef int parse_symbol(str text, char* symbol) except -1
cdef int parse_market(object parameters, Market* market) except -1
