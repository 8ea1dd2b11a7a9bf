"""The state as canonical words: hashed, or dumped."""

from libc.stdint cimport int64_t
from libcpp.vector cimport vector

from riskengine.core.books.state cimport State


cdef object state_digest(State& state)
