"""A trade: what its row says, and what its guards find out (GD-12, BK-6, WF-28)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.booking cimport Booked


cdef struct Trade:
    int64_t market_id
    int64_t buyer_account_id
    int64_t seller_account_id
    int64_t price_ticks
    int64_t size_lots
    int64_t buyer_fee_atoms
    int64_t seller_fee_atoms
    int64_t liquidation_id
    int32_t market  # dense indices, set by the guard
    int32_t buyer
    int32_t seller
    int32_t order  # that is open; -1 when it fills none
    int64_t ended  # place of the ended order of which it is a late fill; -1: it is none
    int64_t buyer_lots  # that each side gets: all, but for what is the fund's of a late fill
    int64_t seller_lots
    int64_t fund_lots
    int32_t fund  # that gets them, -1 when none does or it is a side as well
    int32_t gone_side  # that of the order, if its account is closed and the fund is in its place
    Booked buyer_booked  # what it makes of them, repriced, set by the guard
    Booked seller_booked
    Booked fund_booked
    int64_t repriced_atoms  # from the seller to the buyer, negative: the other way
    int64_t fund_repriced_atoms  # from the fund to the other side, negative: the other way
