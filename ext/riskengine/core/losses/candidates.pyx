"""Counterparties of an allocation: eligibility and rank (docs/SEMANTICS.md section 7.4)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport least, magnitude, mul_div_ceil
from riskengine.core.books.booking cimport Booked, balance_fits, book_position
from riskengine.core.books.state cimport FUND, Account, Candidate, Position, State
from riskengine.core.losses.score cimport Standing, own_standing, score_ppm
from riskengine.core.margin.assess cimport Risk, assess, lots_value


cdef int64_t payment_ceil(const Exchange* exchange, int64_t lots) noexcept nogil:
    """Return what a counterparty pays for closing that many lots; negative: receives."""
    return mul_div_ceil(exchange.quote_atoms, lots, exchange.close_lots)


cdef bint overlaps(
    State& state, const Exchange* exchange, const Candidate* candidate
) noexcept nogil:
    """Return whether the counterparty's own bankruptcy price overlaps the exchange's.

    That is: closing as much as could be asked of it leaves its equity at or above zero.
    """
    cdef int64_t lots = least(magnitude(candidate.size_lots), exchange.close_lots)
    cdef int64_t bought = lots if candidate.size_lots < 0 else -lots
    cdef int64_t paid = payment_ceil(exchange, lots)
    cdef int64_t value = lots_value(&state.markets[exchange.market], bought)
    return candidate.equity_atoms + value - paid >= 0


cdef bint is_bookable(
    State& state, const Exchange* exchange, const Candidate* candidate
) noexcept nogil:
    cdef int64_t lots = least(magnitude(candidate.size_lots), exchange.close_lots)
    cdef Booked booked = book_position(
        candidate.size_lots,
        state.positions[candidate.position].cost_atoms,
        lots if candidate.size_lots < 0 else -lots,
        payment_ceil(exchange, lots),
    )
    return balance_fits(state, candidate.account, booked.balance_change_atoms)


cdef bint is_eligible(
    State& state, const Exchange* exchange, const Candidate* candidate
) noexcept nogil:
    """Return whether the counterparty can be closed at the exchange's quote."""
    return overlaps(state, exchange, candidate) and is_bookable(state, exchange, candidate)


cdef void fill_candidate(State& state, int32_t index, Candidate* candidate) noexcept nogil:
    """Describe a position as a counterparty, as it stands now."""
    cdef const Position* position = &state.positions[index]
    cdef const Account* account = &state.accounts[position.account]
    cdef Risk risk = assess(state, position.account)
    cdef Standing standing = own_standing(state, index)
    standing.equity_atoms = risk.equity_atoms
    candidate.position = index
    candidate.account = position.account
    candidate.account_id = account.account_id
    candidate.is_fund = account.kind == FUND
    candidate.size_lots = position.size_lots
    candidate.close_lots = 0
    candidate.equity_atoms = risk.equity_atoms
    candidate.maintenance_atoms = risk.maintenance_atoms
    candidate.score_ppm = score_ppm(&standing)


cdef int32_t collect_candidates(
    State& state, const Exchange* exchange, vector[Candidate]& candidates
) noexcept nogil:
    """Add every eligible opposite position and return how many were passed over."""
    cdef size_t i
    cdef int32_t index
    cdef int32_t skipped = 0
    cdef Candidate candidate
    for i in range(state.market_positions[exchange.market].size()):
        index = state.market_positions[exchange.market][i]
        if state.positions[index].account == exchange.account:
            continue
        if (state.positions[index].size_lots > 0) == (exchange.size_lots > 0):
            continue
        fill_candidate(state, index, &candidate)
        if is_eligible(state, exchange, &candidate):
            candidates.push_back(candidate)
        else:
            skipped += 1
    return skipped
