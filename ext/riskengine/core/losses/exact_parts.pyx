"""Parts of a whole in proportion to weights, exact to the unit."""

from libc.stddef cimport size_t
from libc.stdint cimport int64_t
from libcpp.algorithm cimport nth_element
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport div_floor, int128_t


cdef struct Remainder:
    int128_t rest
    int64_t tie
    size_t at


cdef bint remains_before(const Remainder& a, const Remainder& b) noexcept nogil:
    """Order of what is left over: largest remainder first, then the lower tie (LS-14)."""
    if a.rest != b.rest:
        return a.rest > b.rest
    return a.tie < b.tie


cdef vector[int64_t] exact_parts_by_id(
    const vector[int64_t]& weights, const vector[int64_t]& ids, int64_t whole
) noexcept nogil:
    """Return a part for each weight, which sum to the whole: floor(whole * weight / total) (LS-14).

    What rounding leaves over is given out by one unit each, by largest remainder, then by id, of
    which no two are alike. Weights and whole are at least 0; without any weight all parts are 0.
    No part is above its weight when the whole is at most the total.
    """
    cdef vector[int64_t] parts
    cdef vector[Remainder] remainders
    cdef Remainder remainder
    cdef int128_t total = 0
    cdef int128_t product
    cdef int64_t left = whole
    cdef size_t i
    parts.resize(weights.size())
    for i in range(weights.size()):
        total += weights[i]
    if total == 0:
        return parts
    for i in range(weights.size()):
        # total > 0: it is a sum of what is not negative, and not 0.
        product = <int128_t>whole * weights[i]
        parts[i] = <int64_t>div_floor(product, total)
        left -= parts[i]
        remainder.rest = product - total * parts[i]
        remainder.tie = ids[i]
        remainder.at = i
        remainders.push_back(remainder)
    if left > 0:
        nth_element(
            remainders.begin(), remainders.begin() + left, remainders.end(), &remains_before
        )
    for i in range(<size_t>left):
        parts[remainders[i].at] += 1
    return parts


cdef vector[int64_t] exact_parts(const vector[int64_t]& weights, int64_t whole) noexcept nogil:
    """Return the exact parts, ties broken by where the weights stand (LS-14)."""
    cdef vector[int64_t] places
    cdef size_t i
    for i in range(weights.size()):
        places.push_back(<int64_t>i)
    return exact_parts_by_id(weights, places, whole)
