"""Where an account stands: every comparison of equity with a requirement is made here.

What an account is worth against its maintenance is one number, the surplus; liquidation, margin
call, take-over and buffer are its signs at different shares of maintenance.
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport ACCOUNT_STATE_MARGIN_CALL, ACCOUNT_STATE_NORMAL
from riskengine.core.base.fixedpoint cimport PPM, div_floor, greatest, int128_t
from riskengine.core.books.books cimport Books
from riskengine.core.margin.model cimport Risk


cdef inline int128_t surplus(Risk risk, int64_t share_ppm) noexcept nogil:
    """Return f = 10^6 * equity - share * maintenance, in atoms times ppm."""
    return <int128_t>PPM * risk.equity_atoms - <int128_t>share_ppm * risk.maintenance_atoms


cdef inline int64_t free_equity(Risk risk) noexcept nogil:
    """Return equity - maintenance in atoms: what can be lost, or paid, before a liquidation."""
    return risk.equity_atoms - risk.maintenance_atoms


cdef inline bint is_liquidatable(Risk risk) noexcept nogil:
    """Return whether equity < maintenance; equal is safe (MG-6)."""
    return free_equity(risk) < 0


cdef inline bint is_called(Books& books, Risk risk) noexcept nogil:
    """Return whether equity < margin_call * maintenance (MG-7)."""
    return surplus(risk, books.parameters.margin_call_ppm) < 0


cdef inline bint is_cleared(Books& books, Risk risk) noexcept nogil:
    """Return whether equity >= margin_call_clear * maintenance: a call ends (MG-7)."""
    return surplus(risk, books.parameters.margin_call_clear_ppm) >= 0


cdef inline bint is_taken_over(Books& books, Risk risk) noexcept nogil:
    """Return whether equity < take_over * maintenance: orders would come too late (WF-2)."""
    return surplus(risk, books.parameters.take_over_ppm) < 0


cdef inline int64_t recovery_ppm(Books& books) noexcept nogil:
    """Return the share of maintenance at which open liquidation orders are not needed (WF-23)."""
    return PPM + books.parameters.liquidation_buffer_ppm


cdef inline bint is_recovered(Books& books, Risk risk) noexcept nogil:
    """Return whether equity >= (1 + buffer) * maintenance: what orders are to restore (WF-23)."""
    return surplus(risk, recovery_ppm(books)) >= 0


cdef inline bint is_bankrupt(Risk risk) noexcept nogil:
    """Return whether equity < 0: all that others can lose by the account."""
    return risk.equity_atoms < 0


cdef inline bint lacks_initial(Risk risk, int64_t initial_atoms) noexcept nogil:
    """Return whether equity < initial margin: nothing may be opened or taken out (QS-5)."""
    return risk.equity_atoms < initial_atoms


cdef inline int128_t health_ppm(Risk risk) noexcept nogil:
    """Return floor(equity / max(maintenance, 1)) in ppm: who is least healthy goes first (JD-4)."""
    return div_floor(<int128_t>risk.equity_atoms * PPM, greatest(risk.maintenance_atoms, 1))


cdef inline int32_t resting_state(Books& books, int32_t state, Risk risk) noexcept nogil:
    """Return NORMAL or MARGIN_CALL for an account in that state that is not liquidatable (MG-7).

    Between the two levels a call that was made goes on, and none is made.
    """
    if is_called(books, risk):
        return ACCOUNT_STATE_MARGIN_CALL
    if state == ACCOUNT_STATE_MARGIN_CALL and not is_cleared(books, risk):
        return ACCOUNT_STATE_MARGIN_CALL
    return ACCOUNT_STATE_NORMAL
