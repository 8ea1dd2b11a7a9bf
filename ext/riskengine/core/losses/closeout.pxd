"""A part of a leg that is to be closed at a quote, against whom a policy chooses."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport mul_div_ceil, mul_div_floor


cdef struct Closeout:
    int32_t leg  # that is closed
    int32_t account
    int32_t market
    int64_t size_lots  # its position, signed
    int64_t close_lots  # > 0, so that it can be divided by
    int64_t quote_atoms  # what it is to receive for close_lots


cdef inline int64_t payment_ceil(const Closeout* closeout, int64_t lots) noexcept nogil:
    """Return what a counterparty pays for closing that many lots; negative: receives (LS-6)."""
    # close_lots > 0, as stated above.
    return mul_div_ceil(closeout.quote_atoms, lots, closeout.close_lots)


cdef inline int64_t proceeds_floor(const Closeout* closeout, int64_t lots) noexcept nogil:
    """Return what the account receives when that many lots are closed; negative: pays (LS-17)."""
    # close_lots > 0, as stated above.
    return mul_div_floor(closeout.quote_atoms, lots, closeout.close_lots)
