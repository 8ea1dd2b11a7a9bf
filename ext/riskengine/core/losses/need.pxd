"""A need: lots of a leg that neither the book nor a fund takes, and whose holders close them."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.margin.model cimport Risk


cdef struct Need:
    int32_t order  # of its account among those judged in this pass
    int32_t account
    int32_t market
    int32_t leg  # gone once all of it is closed
    int64_t size_lots  # of the position before, signed
    int64_t needed_lots  # > 0
    int64_t liquidation_id  # of the ended order that left them; 0: none
    Risk before  # of the account, at the begin of the pass
    int64_t share_atoms  # of the account's loss that this leg bears
    int64_t fund_atoms  # that a fund paid of it
    int32_t is_discounted  # the account pays the fund for the close
    int32_t pairs  # in which it was closed
    int64_t closed_lots
    int64_t booked_lots  # of these
    int64_t released_atoms  # of maintenance, by what was closed
    int64_t discount_atoms  # that it paid
    int64_t received_atoms  # of the loss, from the holders


cdef inline int64_t left_lots(const Need* need) noexcept nogil:
    """Return how many of the lots are still to be closed."""
    return need.needed_lots - need.closed_lots


cdef inline int64_t asked_atoms(const Need* need) noexcept nogil:
    """Return what is left of the leg's share of the loss for the holders to bear (LS-5)."""
    return need.share_atoms - need.fund_atoms


cdef inline bint closes_long(const Need* need) noexcept nogil:
    """Return whether it is a long position that is closed."""
    return need.size_lots > 0


cdef struct Pool:  # what is left of the needs of one side of a market
    int32_t market
    int32_t closes_long
    int64_t lots
