"""Gains of an asset, over which a debt that nobody bears is spread (FD-13).

It is the one place that looks at all accounts of an asset for a loss: once in a command, for all
debts that are due in it.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int8_t, int32_t, int64_t
from libcpp.algorithm cimport sort
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport greatest, least
from riskengine.core.books.books cimport FUND, Books, is_in_liquidation, is_open
from riskengine.core.books.limits cimport MAX_BALANCE_ATOMS
from riskengine.core.losses.exact_parts cimport exact_parts_by_id
from riskengine.core.margin.assess cimport assess
from riskengine.core.margin.model cimport Risk


cdef bint is_asked_sooner(const Gain& a, const Gain& b) noexcept nogil:
    """Order of gains: by asset, then by account id (FD-13)."""
    if a.asset != b.asset:
        return a.asset < b.asset
    return a.account_id < b.account_id


cdef int64_t gain_of(Books& books, int32_t account, Risk risk) noexcept nogil:
    """Return what an account can bear of others' debts, in atoms (FD-13).

    max(0, equity - max(maintenance, net deposits, 0)), as far as its balance stays in its bounds:
    nobody pays out of what he paid in, or falls below his maintenance by it.
    """
    cdef int64_t kept = greatest(
        greatest(risk.maintenance_atoms, books.accounts[account].net_deposits_atoms), 0
    )
    return greatest(
        0,
        least(
            risk.equity_atoms - kept, books.accounts[account].balance_atoms + MAX_BALANCE_ATOMS
        ),
    )


cdef vector[Gain] gains_of(Books& books, const vector[int8_t]& is_asked) noexcept nogil:
    """Return the gains of all traders of the assets that are asked, in order (FD-13).

    Who is being liquidated or is bankrupt has none.
    """
    cdef vector[Gain] gains
    cdef Gain gain
    cdef size_t i
    for i in range(books.accounts.size()):
        gain.account = <int32_t>i
        gain.asset = books.accounts[i].asset
        if (
            not is_open(books, gain.account)
            or not is_asked[gain.asset]
            or books.accounts[i].kind == FUND
            or is_in_liquidation(&books.accounts[i])
        ):
            continue
        gain.risk = assess(books, gain.account)
        gain.gain_atoms = gain_of(books, gain.account, gain.risk)
        if gain.gain_atoms > 0:
            gain.account_id = books.accounts[i].account_id
            gains.push_back(gain)
    sort(gains.begin(), gains.end(), &is_asked_sooner)
    return gains


cdef vector[int64_t] shares_of_gains(
    const vector[Gain]& gains, size_t begin, size_t end, int64_t whole_atoms
) noexcept nogil:
    """Return what each gain of the range pays of a whole that is at most their sum (FD-13)."""
    cdef vector[int64_t] weights
    cdef vector[int64_t] ids
    cdef size_t i
    for i in range(begin, end):
        weights.push_back(gains[i].gain_atoms)
        ids.push_back(gains[i].account_id)
    return exact_parts_by_id(weights, ids, whole_atoms)
