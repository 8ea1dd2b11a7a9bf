"""Gains of an asset, over which a debt that nobody bears is spread (FD-13).

For a loss all accounts of an asset are looked at here alone: once in a command, for all debts that
are due in it.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int8_t, int32_t, int64_t
from libcpp.algorithm cimport sort
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport greatest, least
from riskengine.core.books.between cimport paid_between
from riskengine.core.books.books cimport FUND, Books, is_in_liquidation, is_open
from riskengine.core.books.desk cimport Desk
from riskengine.core.books.limits cimport MAX_BALANCE_ATOMS
from riskengine.core.losses.exact_parts cimport exact_parts_by_id
from riskengine.core.margin.assess cimport assess
from riskengine.core.margin.model cimport Risk


cdef bint is_asked_sooner(const Gain& a, const Gain& b) noexcept nogil:
    """Order of gains: by asset, then by account id (FD-13)."""
    if a.asset != b.asset:
        return a.asset < b.asset
    return a.account_id < b.account_id


cdef int64_t gain_of(
    Books& books, int32_t account, Risk risk, int64_t paid_atoms
) noexcept nogil:
    """Return what an account can bear of others' debts, in atoms (FD-13).

    max(0, equity - max(maintenance, net deposits, 0)), as far as its balance stays in its bounds:
    nobody pays out of what he paid in, or falls below his maintenance by it. Net deposits have what
    was paid in meanwhile, the risk has not.
    """
    cdef int64_t net_deposits = books.accounts[account].net_deposits_atoms - paid_atoms
    cdef int64_t kept = greatest(greatest(risk.maintenance_atoms, net_deposits), 0)
    return greatest(
        0,
        least(
            risk.equity_atoms - kept, books.accounts[account].balance_atoms + MAX_BALANCE_ATOMS
        ),
    )


cdef bint may_gain(
    Books& books, int32_t account, const vector[int8_t]& is_asked
) noexcept nogil:
    """Return whether it is a trader's account of an asset that is asked (FD-13).

    Who is being liquidated or is bankrupt has no gain.
    """
    return (
        is_open(books, account)
        and is_asked[books.accounts[account].asset]
        and books.accounts[account].kind != FUND
        and not is_in_liquidation(&books.accounts[account])
    )


cdef void add_gain(Desk& desk, int32_t account, vector[Gain]& gains) noexcept nogil:
    """List the account's gain, if it has one, without what was paid in meanwhile (FD-13, WK-2)."""
    cdef int64_t paid = paid_between(desk.running.between, account)
    cdef Gain gain
    gain.risk = assess(desk.books, account)
    gain.risk.equity_atoms -= paid
    gain.gain_atoms = gain_of(desk.books, account, gain.risk, paid)
    if gain.gain_atoms > 0:
        gain.account = account
        gain.asset = desk.books.accounts[account].asset
        gain.account_id = desk.books.accounts[account].account_id
        gains.push_back(gain)


cdef void sort_gains(vector[Gain]& gains) noexcept nogil:
    """Put gains in the order in which they are asked."""
    sort(gains.begin(), gains.end(), &is_asked_sooner)


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
