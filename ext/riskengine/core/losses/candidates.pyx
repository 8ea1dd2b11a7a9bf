"""Counterparties of an allocation, and who is eligible (LS-5 to LS-9)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.algorithm cimport sort
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport least, magnitude
from riskengine.core.books.booking cimport Booked, balance_fits, book_position
from riskengine.core.books.books cimport FUND, Account, Books, Leg
from riskengine.core.losses.closeout cimport Closeout, payment_ceil
from riskengine.core.losses.score cimport Standing, own_standing, score_ppm
from riskengine.core.margin.assess cimport assess
from riskengine.core.margin.model cimport Change, Risk
from riskengine.core.margin.thresholds cimport is_bankrupt
from riskengine.core.margin.what_if cimport trade_change, what_if


cdef bint overlaps(
    Books& books, const Closeout* closeout, const Candidate* candidate
) noexcept nogil:
    """Return whether the counterparty's own bankruptcy price overlaps the close-out's (LS-7).

    That is: closing as much as could be asked of it leaves its equity at or above zero.
    """
    cdef int64_t lots = least(magnitude(candidate.size_lots), closeout.close_lots)
    cdef int64_t bought = lots if candidate.size_lots < 0 else -lots
    cdef Change change = trade_change(
        books, closeout.market, candidate.leg, bought, payment_ceil(closeout, lots)
    )
    return not is_bankrupt(what_if(books, candidate.account, candidate.risk, &change))


cdef bint is_bookable(
    Books& books, const Closeout* closeout, const Candidate* candidate
) noexcept nogil:
    """Return whether the counterparty's balance stays within its bound after that close (LS-7)."""
    cdef int64_t lots = least(magnitude(candidate.size_lots), closeout.close_lots)
    cdef Booked booked = book_position(
        candidate.size_lots,
        books.legs[candidate.leg].cost_atoms,
        lots if candidate.size_lots < 0 else -lots,
        payment_ceil(closeout, lots),
    )
    return balance_fits(books, candidate.account, booked.balance_change_atoms)


cdef bint is_eligible(
    Books& books, const Closeout* closeout, const Candidate* candidate
) noexcept nogil:
    """Return whether the counterparty can be closed at the close-out's quote (LS-7)."""
    return overlaps(books, closeout, candidate) and is_bookable(books, closeout, candidate)


cdef void fill_candidate(Books& books, int32_t index, Candidate* candidate) noexcept nogil:
    """Describe a position as a counterparty, as it stands now."""
    cdef const Leg* leg = &books.legs[index]
    cdef const Account* account = &books.accounts[leg.account]
    cdef Risk risk = assess(books, leg.account)
    cdef Standing standing = own_standing(books, index)
    standing.equity_atoms = risk.equity_atoms
    candidate.leg = index
    candidate.account = leg.account
    candidate.account_id = account.account_id
    candidate.is_fund = account.kind == FUND
    candidate.size_lots = leg.size_lots
    candidate.risk = risk
    candidate.score_ppm = score_ppm(&standing)


cdef bint numbered_before(const Candidate& a, const Candidate& b) noexcept nogil:
    """Order of funds, and of PRO_RATA: by account id (LS-15)."""
    if a.is_fund != b.is_fund:
        return a.is_fund > b.is_fund
    return a.account_id < b.account_id


cdef int32_t collect_candidates(
    Books& books, const Closeout* closeout, vector[Candidate]& candidates
) noexcept nogil:
    """Add every eligible opposite position and return how many were passed over (LS-5).

    In the order of funds, then account id.
    """
    cdef size_t i
    cdef int32_t index
    cdef int32_t skipped = 0
    cdef Candidate candidate
    for i in range(books.directory.market_legs[closeout.market].size()):
        index = books.directory.market_legs[closeout.market][i]
        if books.legs[index].account == closeout.account:
            continue
        if (books.legs[index].size_lots > 0) == (closeout.size_lots > 0):
            continue
        fill_candidate(books, index, &candidate)
        if is_eligible(books, closeout, &candidate):
            candidates.push_back(candidate)
        else:
            skipped += 1
    sort(candidates.begin(), candidates.end(), &numbered_before)
    return skipped
