"""Margin of accounts (MG-4 to MG-8)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport ACCOUNT_STATE_MARGIN_CALL, ACCOUNT_STATE_NORMAL
from riskengine.core.base.fixedpoint cimport PPM, greatest, int128_t, least, magnitude
from riskengine.core.books.books cimport Books, Leg
from riskengine.core.books.market cimport Market


cdef int64_t unrealised_pnl(Books& books, int32_t account) noexcept nogil:
    """Return sum(size * mark - cost) over the account's positions."""
    return assess(books, account).equity_atoms - books.accounts[account].balance_atoms


cdef int64_t initial_margin(Books& books, int32_t account) noexcept nogil:
    """Return sum IM(|size| * mark) over the account's positions."""
    cdef int64_t total = 0
    cdef const Leg* leg
    cdef const Market* market
    cdef int32_t index = books.accounts[account].first_leg
    while index >= 0:
        leg = &books.legs[index]
        market = &books.markets[leg.market]
        total += initial_ceil(market, magnitude(lots_value(market, leg.size_lots)))
        index = leg.next_leg
    return total


cdef int64_t gross_notional(Books& books, int32_t account) noexcept nogil:
    """Return sum(|size| * mark) over the account's positions."""
    cdef int64_t total = 0
    cdef const Leg* leg
    cdef int32_t index = books.accounts[account].first_leg
    while index >= 0:
        leg = &books.legs[index]
        total += magnitude(lots_value(&books.markets[leg.market], leg.size_lots))
        index = leg.next_leg
    return total


cdef int64_t withdrawable(Books& books, int32_t account) noexcept nogil:
    """Return max(0, balance + min(0, unrealised PnL) - initial margin)."""
    return greatest(
        0,
        books.accounts[account].balance_atoms
        + least(0, unrealised_pnl(books, account))
        - initial_margin(books, account),
    )


cdef bint below_ppm(Risk risk, int64_t share_ppm) noexcept nogil:
    """Return whether equity is below that share of maintenance, strictly."""
    return <int128_t>risk.equity_atoms * PPM < <int128_t>share_ppm * risk.maintenance_atoms


cdef int32_t resting_state(Books& books, Risk risk) noexcept nogil:
    """Return NORMAL or MARGIN_CALL for an account that is not liquidatable."""
    if below_ppm(risk, books.parameters.margin_call_ppm):
        return ACCOUNT_STATE_MARGIN_CALL
    return ACCOUNT_STATE_NORMAL
