"""Invariants of the rankings for auto-deleveraging (docs/proofs/rankings.md)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, uint64_t
from libcpp.vector cimport vector

from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.queue cimport Holder, Queue, Ranking, Shelf, is_current
from riskengine.core.losses.score cimport Standing, score_ppm, standing_of
from riskengine.core.losses.shelves cimport bits_out_of_reach, markets_marked_since


cdef set noted_accounts(Desk& desk, const Ranking* ranking):
    """Return the accounts that are watched, shelved, waiting or logged as changed since."""
    cdef set noted = set()
    cdef size_t i, shelf
    for i in range(ranking.logged, desk.changes.accounts.size()):
        noted.add(desk.changes.accounts[i])
    for i in range(ranking.above.size()):
        if is_current(desk.books, &ranking.above[i]):
            noted.add(ranking.above[i].account)
    for i in range(ranking.watched.size()):
        if is_current(desk.books, &ranking.watched[i]):
            noted.add(ranking.watched[i].account)
    for i in range(ranking.placed, ranking.waiting.size()):
        if is_current(desk.books, &ranking.waiting[i]):
            noted.add(ranking.waiting[i].account)
    for shelf in range(ranking.shelves.size()):
        for i in range(ranking.shelves[shelf].holders.size()):
            if is_current(desk.books, &ranking.shelves[shelf].holders[i]):
                noted.add(ranking.shelves[shelf].holders[i].account)
    return noted


cdef int assert_everybody_noted(
    Desk& desk, const Ranking* ranking, int32_t market, bint shorts
) except -1:
    """Assert that every holder of the side stands somewhere, or has changed since the last use."""
    cdef set noted = noted_accounts(desk, ranking)
    cdef int32_t leg
    cdef size_t i
    for i in range(desk.books.directory.market_legs[market].size()):
        leg = desk.books.directory.market_legs[market][i]
        if (desk.books.legs[leg].size_lots < 0) == shorts:
            assert desk.books.legs[leg].account in noted, (
                "I18: a holder is watched, shelved or has changed since the last use"
            )
    return 0


cdef int assert_shelf(Desk& desk, const Ranking* ranking, const Shelf* shelf) except -1:
    """Assert that no holder within reach scores above its bound, which is at most the ceiling."""
    cdef vector[int32_t] all_markets = markets_marked_since(desk.books, -1)
    cdef const Holder* holder
    cdef Standing standing
    cdef size_t i
    cdef uint64_t bits = bits_out_of_reach(desk.books, shelf, all_markets)
    for i in range(shelf.holders.size()):
        holder = &shelf.holders[i]
        if is_current(desk.books, holder):
            standing = standing_of(desk, holder.leg)
            assert standing.market_bits == holder.market_bits, "I19: bits of its markets"
            if holder.market_bits & bits:
                continue
            assert score_ppm(&standing) <= holder.highest_ppm <= ranking.ceiling_ppm, (
                "I19: a shelved holder does not score above its bound, nor that above the ceiling"
            )
    return 0


cdef int assert_rankings(Desk& desk, Queue& queue) except -1:
    """Raise AssertionError that names the first invariant of a ranking that is broken."""
    cdef size_t i, shelf
    for i in range(queue.rankings.size()):
        if queue.rankings[i].is_built:
            assert_everybody_noted(desk, &queue.rankings[i], <int32_t>(i >> 1), i & 1)
            for shelf in range(queue.rankings[i].shelves.size()):
                assert_shelf(desk, &queue.rankings[i], &queue.rankings[i].shelves[shelf])
    return 0
