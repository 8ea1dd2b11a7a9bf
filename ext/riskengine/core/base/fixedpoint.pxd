"""Integer arithmetic with 128-bit products; the rounding direction is in each name.

Divisors are positive. Results that are returned as int64 are known by their callers to fit: the
bounds of docs/rules/bounds.md are chosen so that they do (BD-7).
"""

cimport cython
from libc.stdint cimport INT64_MIN, int64_t, uint64_t

from riskengine.core.base.expect cimport expect

cdef extern from *:
    """
    typedef __int128 riskengine_int128;
    #define riskengine_fits_int64(x) ((riskengine_int128)(int64_t)(x) == (x))
    """
    ctypedef long long int128_t "riskengine_int128"
    bint fits_int64 "riskengine_fits_int64" (int128_t value) noexcept nogil

cdef enum:
    PPM = 1000000


@cython.cdivision(True)
cdef inline int128_t div_floor(int128_t numerator, int128_t divisor) noexcept nogil:
    """Return floor(numerator / divisor); divisor > 0."""
    cdef int64_t short_numerator, short_divisor, short_quotient
    cdef int128_t quotient
    expect(divisor > 0)
    if fits_int64(numerator) and fits_int64(divisor):
        short_numerator = <int64_t>numerator
        short_divisor = <int64_t>divisor
        short_quotient = short_numerator / short_divisor
        return short_quotient - (short_numerator % short_divisor < 0)
    quotient = numerator / divisor
    return quotient - (numerator % divisor < 0)


@cython.cdivision(True)
cdef inline int128_t div_ceil(int128_t numerator, int128_t divisor) noexcept nogil:
    """Return ceil(numerator / divisor); divisor > 0."""
    cdef int64_t short_numerator, short_divisor, short_quotient
    cdef int128_t quotient
    expect(divisor > 0)
    if fits_int64(numerator) and fits_int64(divisor):
        short_numerator = <int64_t>numerator
        short_divisor = <int64_t>divisor
        short_quotient = short_numerator / short_divisor
        return short_quotient + (short_numerator % short_divisor > 0)
    quotient = numerator / divisor
    return quotient + (numerator % divisor > 0)


cdef inline int64_t mul_div_floor(int64_t a, int64_t b, int64_t divisor) noexcept nogil:
    """Return floor(a * b / divisor) with the product in 128 bits; divisor > 0."""
    cdef int128_t quotient = div_floor(<int128_t>a * b, divisor)
    expect(fits_int64(quotient))
    return <int64_t>quotient


cdef inline int64_t mul_div_ceil(int64_t a, int64_t b, int64_t divisor) noexcept nogil:
    """Return ceil(a * b / divisor) with the product in 128 bits; divisor > 0."""
    cdef int128_t quotient = div_ceil(<int128_t>a * b, divisor)
    expect(fits_int64(quotient))
    return <int64_t>quotient


@cython.cdivision(True)
cdef inline int64_t from_ppm_floor(int128_t amount_ppm) noexcept nogil:
    """Return floor(amount / 10^6) of a number times ppm that is not negative."""
    expect(amount_ppm >= 0)
    if fits_int64(amount_ppm):
        return <int64_t>(<uint64_t>amount_ppm / PPM)
    return <int64_t>(amount_ppm / PPM)


@cython.cdivision(True)
cdef inline int64_t from_ppm_ceil(int128_t amount_ppm) noexcept nogil:
    """Return ceil(amount / 10^6) of a number times ppm that is not negative."""
    expect(amount_ppm >= 0)
    if fits_int64(amount_ppm):
        return <int64_t>((<uint64_t>amount_ppm + PPM - 1) / PPM)
    return <int64_t>((amount_ppm + PPM - 1) / PPM)


cdef inline int64_t round_down_to(int64_t value, int64_t step) noexcept nogil:
    """Return the largest multiple of step that is <= value; step > 0."""
    return <int64_t>div_floor(value, step) * step


cdef inline int64_t round_up_to(int64_t value, int64_t step) noexcept nogil:
    """Return the smallest multiple of step that is >= value; step > 0."""
    return <int64_t>div_ceil(value, step) * step


cdef inline int64_t magnitude(int64_t value) noexcept nogil:
    """Return |value|; value > -2^63."""
    expect(value != INT64_MIN)
    return value if value >= 0 else -value


cdef inline int64_t least(int64_t a, int64_t b) noexcept nogil:
    """Return the smaller of two."""
    return a if a < b else b


cdef inline int64_t greatest(int64_t a, int64_t b) noexcept nogil:
    """Return the larger of two."""
    return a if a > b else b
