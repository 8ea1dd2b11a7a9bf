"""Holders who may close a need: the legs of the other side (LS-7 to LS-9)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.algorithm cimport sort
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport least, magnitude
from riskengine.core.books.between cimport paid_between
from riskengine.core.books.booking cimport Booked, balance_fits, book_position
from riskengine.core.books.books cimport FUND, Account, Books, Leg
from riskengine.core.books.desk cimport DIVIDED_BITS, Desk, take_part_of_unit, take_units
from riskengine.core.books.lookahead cimport Lookahead, look_ahead_at_listed
from riskengine.core.losses.need cimport Pool
from riskengine.core.losses.queue cimport Queue
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


cdef void fill_candidate(Desk& desk, int32_t index, Candidate* candidate) noexcept nogil:
    """Describe a position as a holder, without what was paid in since the pass began (WK-2)."""
    cdef const Leg* leg = &desk.books.legs[index]
    cdef const Account* account = &desk.books.accounts[leg.account]
    cdef Risk risk = assess(desk.books, leg.account)
    cdef Standing standing = own_standing(desk.books, index)
    risk.equity_atoms -= paid_between(desk.running.between, leg.account)
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


cdef void sort_by_id(vector[Candidate]& candidates) noexcept nogil:
    """Put holders in the order of PRO_RATA (LS-15)."""
    sort(candidates.begin(), candidates.end(), &numbered_before)


cdef void clear_field(Field& field) noexcept nogil:
    """Forget the holders of the side before."""
    field.positions = 0
    field.holders = 0
    field.skipped = 0
    field.candidates.clear()


cdef void look_at_holder(Desk& desk, const Pool* pool, int32_t leg, Field& field) noexcept nogil:
    """List a position of the other side, or count it as passed over (LS-7)."""
    cdef Candidate candidate
    fill_candidate(desk, leg, &candidate)
    if is_bookable(desk.books, pool, &candidate):
        field.candidates.push_back(candidate)
    else:
        field.skipped += 1


cdef bint look_at_holders(
    Desk& desk, Queue& queue, const Pool* pool, Field& field
) noexcept nogil:
    """Look at every position of the other side, HOLDERS_A_UNIT for a unit.

    Return whether that is done, and the units are spent of dividing lots among them (WK-1).
    """
    cdef Lookahead ahead
    cdef const vector[int32_t]* listed = &desk.books.directory.market_legs[pool.market]
    cdef size_t first = field.positions
    cdef size_t count = listed.size() - first
    cdef int32_t leg
    cdef size_t i
    for i in range(count):
        leg = listed[0][first + i]
        look_ahead_at_listed(
            desk.books, &ahead, listed.data() + first, i, count, pool.closes_long != 0
        )
        if (desk.books.legs[leg].size_lots < 0) == (pool.closes_long != 0):
            if not take_part_of_unit(desk, field.holders):
                return False
            field.holders += 1
            look_at_holder(desk, pool, leg, field)
        field.positions += 1
    return take_units(desk, <int64_t>(field.candidates.size() >> DIVIDED_BITS))
