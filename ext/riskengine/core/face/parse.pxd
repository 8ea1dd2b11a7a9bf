"""Python values into structs."""

from riskengine.core.books.market cimport MarketRules


cdef int parse_symbol(str text, char* symbol) except -1
cdef int parse_market(object parameters, MarketRules* rules) except -1
