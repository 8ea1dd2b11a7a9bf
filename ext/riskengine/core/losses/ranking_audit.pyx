"""Invariants of the rankings for auto-deleveraging (docs/SEMANTICS.md section 11)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, uint64_t
from libcpp.vector cimport vector

from riskengine.core.books.state cimport Holder, Ranking, Shelf, State, is_current
from riskengine.core.losses.score cimport Standing, score_ppm, standing_of
from riskengine.core.losses.shelves cimport bits_out_of_reach, markets_marked_since


cdef set noted_accounts(State& state, const Ranking* ranking):
    """Return the accounts that are watched, shelved or logged as changed since."""
    cdef set noted = set()
    cdef size_t i, shelf
    for i in range(ranking.logged, state.changed_accounts.size()):
        noted.add(state.changed_accounts[i])
    for i in range(ranking.above.size()):
        if is_current(state, &ranking.above[i]):
            noted.add(ranking.above[i].account)
    for i in range(ranking.watched.size()):
        if is_current(state, &ranking.watched[i]):
            noted.add(ranking.watched[i].account)
    for shelf in range(ranking.shelves.size()):
        for i in range(ranking.shelves[shelf].holders.size()):
            if is_current(state, &ranking.shelves[shelf].holders[i]):
                noted.add(ranking.shelves[shelf].holders[i].account)
    return noted


cdef int assert_everybody_noted(
    State& state, const Ranking* ranking, int32_t market, bint shorts
) except -1:
    cdef set noted = noted_accounts(state, ranking)
    cdef int32_t position
    cdef size_t i
    for i in range(state.market_positions[market].size()):
        position = state.market_positions[market][i]
        if (state.positions[position].size_lots < 0) == shorts:
            assert state.positions[position].account in noted, (
                "I18: a holder is watched, shelved or has changed since the last use"
            )
    return 0


cdef int assert_shelf(State& state, const Ranking* ranking, const Shelf* shelf) except -1:
    cdef vector[int32_t] all_markets = markets_marked_since(state, -1)
    cdef const Holder* holder
    cdef Standing standing
    cdef size_t i
    cdef uint64_t bits = bits_out_of_reach(state, shelf, all_markets)
    for i in range(shelf.holders.size()):
        holder = &shelf.holders[i]
        if is_current(state, holder):
            standing = standing_of(state, holder.position)
            assert standing.market_bits == holder.market_bits, "I19: bits of its markets"
            if holder.market_bits & bits:
                continue
            assert score_ppm(&standing) <= holder.highest_ppm <= ranking.ceiling_ppm, (
                "I19: a shelved holder does not score above its bound, nor that above the ceiling"
            )
    return 0


cdef int assert_rankings(State& state) except -1:
    """Raise AssertionError that names the first invariant of a ranking that is broken."""
    cdef size_t i, shelf
    for i in range(state.rankings.size()):
        if state.rankings[i].is_built:
            assert_everybody_noted(state, &state.rankings[i], <int32_t>(i >> 1), i & 1)
            for shelf in range(state.rankings[i].shelves.size()):
                assert_shelf(state, &state.rankings[i], &state.rankings[i].shelves[shelf])
    return 0
