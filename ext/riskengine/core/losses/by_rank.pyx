"""The policy QUEUE: holders by score, in whole steps (LS-10, LS-13)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport least, magnitude, round_down_to
from riskengine.core.base.id_map cimport prefetch
from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport HOLDERS_A_UNIT, RANKED_BITS, Desk, spend_unit, take_unit
from riskengine.core.losses.candidates cimport Candidate, Field, fill_candidate, is_bookable
from riskengine.core.losses.need cimport Pool
from riskengine.core.losses.queue cimport Queue, Ranked, Ranking, is_current
from riskengine.core.losses.ranking cimport (
    LOWEST_SCORE,
    end_update,
    lower_ceiling,
    pop,
    put_back,
    update_to,
)
from riskengine.core.losses.share cimport Share, share_of


cdef cppclass Picked:
    vector[Share] shares  # in the order in which they were taken out of the heap
    vector[Ranked] ranked  # what was taken out for each of them
    vector[Ranked] passed_over


cdef inline void fetch_first(Books& books, const Ranking* ranking) noexcept nogil:
    """Have whoever is first now brought into the cache: it is likely to be picked next."""
    if not ranking.heap.empty():
        prefetch(&books.accounts[ranking.heap.front().holder.account])
        prefetch(&books.legs[ranking.heap.front().holder.leg])


cdef int64_t pick_from_heap(
    Desk& desk,
    Ranking* ranking,
    const Pool* pool,
    int64_t left_lots,
    int64_t step_lots,
    Picked& picked,
) noexcept nogil:
    """Pick from the top, in steps of so much, until nothing is left; return what is left (LS-10).

    One who has no whole step is picked for 0 lots: it may get of what whole steps do not cover.
    """
    cdef Ranked ranked
    cdef Candidate candidate
    cdef int64_t lots
    while left_lots > 0 and not ranking.heap.empty():
        ranked = pop(ranking)
        fetch_first(desk.books, ranking)
        if not is_current(desk.books, &ranked.holder):
            continue
        fill_candidate(desk, ranked.holder.leg, &candidate)
        if not is_bookable(desk.books, pool, &candidate):
            picked.passed_over.push_back(ranked)
            continue
        # step_lots > 0: it is a market's step, or one lot.
        lots = least(round_down_to(magnitude(candidate.size_lots), step_lots), left_lots)
        picked.shares.push_back(share_of(&candidate, pool.market, lots))
        picked.ranked.push_back(ranked)
        left_lots -= lots
    return left_lots


cdef int64_t pick(
    Desk& desk,
    Ranking* ranking,
    const Pool* pool,
    int64_t left_lots,
    int64_t step_lots,
    Picked& picked,
) noexcept nogil:
    """Pick from the heap, and lower the ceiling as long as that does not suffice."""
    left_lots = pick_from_heap(desk, ranking, pool, left_lots, step_lots, picked)
    while left_lots > 0 and ranking.ceiling_ppm > LOWEST_SCORE:
        lower_ceiling(desk, ranking, pool.market, pool.closes_long)
        left_lots = pick_from_heap(desk, ranking, pool, left_lots, step_lots, picked)
    return left_lots


cdef int64_t add_rest(Picked& picked, int64_t left_lots) noexcept nogil:
    """Give those who were picked in steps what they have left, in order; return what is left."""
    cdef int64_t more
    cdef size_t i
    for i in range(picked.shares.size()):
        more = least(magnitude(picked.shares[i].size_lots) - picked.shares[i].lots, left_lots)
        picked.shares[i].lots += more
        left_lots -= more
    return left_lots


cdef bint rank_holders(
    Desk& desk, Queue& queue, const Pool* pool, Field& field
) noexcept nogil:
    """Rank the holders, 2^RANKED_BITS positions of the market for a unit, few as may be assessed.

    Return whether that is done. Rule WK-1.
    """
    cdef Ranking* ranking = &queue.rankings[pool.market * 2 + pool.closes_long]
    cdef size_t listed = desk.books.directory.market_legs[pool.market].size()
    while (listed - field.positions) >> RANKED_BITS > 0 and take_unit(desk):
        field.positions += 1 << RANKED_BITS
    update_to(desk, queue, ranking, pool.market, pool.closes_long, field.positions)
    return (listed - field.positions) >> RANKED_BITS == 0


cdef void spend_for_picked(Desk& desk, size_t picked) noexcept nogil:
    """Spend a unit for each HOLDERS_A_UNIT who were picked: the step is finished (WK-1)."""
    cdef size_t spent_for = 0
    while spent_for < picked:
        spend_unit(desk)
        spent_for += HOLDERS_A_UNIT


cdef void choose_by_rank(
    Desk& desk, Queue& queue, const Pool* pool, Field& field, vector[Share]& shares
) noexcept nogil:
    """Choose from the top in whole steps, then for what these do not cover (LS-10, LS-13)."""
    cdef Ranking* ranking = &queue.rankings[pool.market * 2 + pool.closes_long]
    cdef int64_t step_lots = desk.books.markets[pool.market].rules.size_step_lots
    # step_lots > 0 by its bounds.
    cdef int64_t whole_lots = round_down_to(pool.lots, step_lots)
    cdef int64_t left_lots
    cdef Picked picked
    cdef size_t i
    end_update(desk, queue, ranking, pool.market, pool.closes_long)
    left_lots = pick(desk, ranking, pool, whole_lots, step_lots, picked)
    left_lots = add_rest(picked, left_lots + pool.lots - whole_lots)
    pick(desk, ranking, pool, left_lots, 1, picked)
    for i in range(picked.shares.size()):
        if picked.shares[i].lots > 0:
            shares.push_back(picked.shares[i])
        else:
            put_back(ranking, picked.ranked[i])
    for i in range(picked.passed_over.size()):
        put_back(ranking, picked.passed_over[i])
    field.skipped = <int32_t>picked.passed_over.size()
    spend_for_picked(desk, picked.shares.size() + picked.passed_over.size())
