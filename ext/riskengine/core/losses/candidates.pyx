"""Holders who may close a need: the legs of the other side (LS-7 to LS-9)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.algorithm cimport sort
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport least, magnitude
from riskengine.core.books.booking cimport Booked, balance_fits, book_position
from riskengine.core.books.books cimport FUND, Account, Books, Leg
from riskengine.core.losses.need cimport Pool
from riskengine.core.losses.score cimport Standing, own_standing, score_ppm
from riskengine.core.margin.assess cimport assess
from riskengine.core.margin.model cimport Risk
from riskengine.core.margin.value cimport lots_value


cdef bint is_bookable(
    Books& books, const Pool* pool, const Candidate* candidate
) noexcept nogil:
    """Return whether the holder's balance stays within its bound after such a close (LS-7).

    At the mark, for as much as could be asked of it: nobody is passed over for what he has.
    """
    cdef int64_t lots = least(magnitude(candidate.size_lots), pool.lots)
    cdef int64_t bought = lots if pool.closes_long else -lots
    cdef Booked booked = book_position(
        candidate.size_lots,
        books.legs[candidate.leg].cost_atoms,
        bought,
        lots_value(&books.markets[pool.market], bought),
    )
    return balance_fits(books, candidate.account, booked.balance_change_atoms)


cdef void fill_candidate(Books& books, int32_t index, Candidate* candidate) noexcept nogil:
    """Describe a position as a holder, as it stands now."""
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
    Books& books, const Pool* pool, vector[Candidate]& candidates
) noexcept nogil:
    """Add every bookable position of the other side and return how many were passed over (LS-7).

    In the order of funds, then account id.
    """
    cdef size_t i
    cdef int32_t index
    cdef int32_t skipped = 0
    cdef Candidate candidate
    for i in range(books.directory.market_legs[pool.market].size()):
        index = books.directory.market_legs[pool.market][i]
        if (books.legs[index].size_lots > 0) == (pool.closes_long != 0):
            continue
        fill_candidate(books, index, &candidate)
        if is_bookable(books, pool, &candidate):
            candidates.push_back(candidate)
        else:
            skipped += 1
    sort(candidates.begin(), candidates.end(), &numbered_before)
    return skipped
