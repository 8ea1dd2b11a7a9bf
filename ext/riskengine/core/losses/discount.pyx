"""What an account with equity pays the fund for a close without the book (LS-3, LS-19)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport PPM, greatest, least, mul_div_ceil, mul_div_floor
from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk, add_balance
from riskengine.core.books.limits cimport MAX_BALANCE_ATOMS
from riskengine.core.margin.model cimport Risk
from riskengine.core.margin.value cimport lots_value


cdef int64_t discount_floor(
    Books& books, int32_t market, int64_t lots, int64_t released_atoms, Risk risk
) noexcept nogil:
    """Return d = min(ceil(delta * N(q) / 10^6), floor(E * dM / M)) in atoms (LS-3).

    Never more than the part of equity that goes with the requirement that the close releases: all
    discounts of an account together leave it at or above zero. `risk` is as of the pass's begin.
    """
    if risk.equity_atoms <= 0:
        return 0
    # maintenance > 0: the account held the lots, and every leg requires at least an atom.
    return least(
        mul_div_ceil(
            lots_value(&books.markets[market], lots),
            books.markets[market].rules.discount_ppm,
            PPM,
        ),
        mul_div_floor(risk.equity_atoms, released_atoms, risk.maintenance_atoms),
    )


cdef int64_t fund_room(Books& books, int32_t market) noexcept nogil:
    """Return what the balance of the market's fund has room for, in atoms (BD-6)."""
    return greatest(
        0,
        MAX_BALANCE_ATOMS
        - books.accounts[books.markets[market].rules.fund_account].balance_atoms,
    )


cdef int64_t pay_fund(
    Desk& desk, int32_t account, int32_t market, int64_t amount_atoms
) noexcept nogil:
    """Move an amount to the market's fund, as far as its balance has room; return it (BD-6)."""
    cdef int64_t paid = least(amount_atoms, fund_room(desk.books, market))
    add_balance(desk, account, -paid)
    add_balance(desk, desk.books.markets[market].rules.fund_account, paid)
    return paid
