"""Preconditions; see expect.hpp.

In the forms of `make debug` and `make sanitize` a condition that does not hold ends the process and
names file and line. In the release form it is not computed, as long as it is one comparison: Cython
computes the parts of an `and`, an `or` or a chain before the call.
"""


cdef extern from "expect.hpp" nogil:
    void expect "riskengine_expect" (bint condition) noexcept
    const bint EXPECTS "riskengine_expects"
