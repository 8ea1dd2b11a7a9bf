"""What can be taken out of an account (MG-8)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport PPM, greatest, least, mul_div_ceil
from riskengine.core.books.books cimport Books
from riskengine.core.margin.assess cimport gross_notional, initial_margin
from riskengine.core.margin.model cimport Risk


cdef int64_t withdrawable(Books& books, int32_t account, Risk risk) noexcept nogil:
    """Return max(0, min(balance, equity - kept)) (MG-8).

    kept = max(initial margin, ceil(withdrawal_margin * notional / 10^6))
    """
    cdef int64_t kept = greatest(
        initial_margin(books, account),
        mul_div_ceil(
            gross_notional(books, account), books.parameters.withdrawal_margin_ppm, PPM
        ),
    )
    return greatest(0, least(books.accounts[account].balance_atoms, risk.equity_atoms - kept))
