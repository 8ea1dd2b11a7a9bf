"""The policy PRO_RATA: every position of the other side by its whole steps (LS-14)."""

from libc.stddef cimport size_t
from libc.stdint cimport int64_t
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport div_floor, greatest, int128_t, least, magnitude
from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.candidates cimport Candidate, Field, sort_by_id
from riskengine.core.losses.exact_parts cimport exact_parts
from riskengine.core.losses.need cimport Pool
from riskengine.core.losses.queue cimport Queue
from riskengine.core.losses.share cimport Share, share_of


cdef vector[int64_t] steps_by_size(
    const vector[Candidate]& candidates, int64_t step_lots, int64_t pool_steps
) noexcept nogil:
    """Return how many whole steps each candidate closes: funds first, all others by size (LS-14).

    Others all, when there are no more than that; else their exact parts, ties by account id.
    """
    cdef vector[int64_t] steps
    cdef vector[int64_t] weights
    cdef vector[int64_t] parts
    cdef int64_t left = pool_steps
    cdef int64_t held
    cdef int128_t total = 0
    cdef size_t i
    for i in range(candidates.size()):
        # step_lots > 0 by its bounds.
        held = <int64_t>div_floor(magnitude(candidates[i].size_lots), step_lots)
        if candidates[i].is_fund:
            steps.push_back(least(held, left))
            left -= steps.back()
        else:
            weights.push_back(held)
            total += held
    parts = weights if total <= left else exact_parts(weights, left)
    steps.insert(steps.end(), parts.begin(), parts.end())
    return steps


cdef void choose_pro_rata(
    Desk& desk, Queue& queue, const Pool* pool, Field& field, vector[Share]& shares
) noexcept nogil:
    """Choose by whole steps, and in order for what these do not cover (LS-9, LS-14)."""
    cdef vector[int64_t] lots
    cdef int64_t step_lots = desk.books.markets[pool.market].rules.size_step_lots
    cdef int64_t left_lots = pool.lots
    cdef int64_t more
    cdef size_t i
    sort_by_id(field.candidates)
    # step_lots > 0 by its bounds.
    lots = steps_by_size(field.candidates, step_lots, <int64_t>div_floor(pool.lots, step_lots))
    for i in range(lots.size()):
        lots[i] *= step_lots
        left_lots -= lots[i]
    for i in range(lots.size()):
        more = least(magnitude(field.candidates[i].size_lots) - lots[i], greatest(0, left_lots))
        lots[i] += more
        left_lots -= more
        if lots[i] > 0:
            shares.push_back(share_of(&field.candidates[i], pool.market, lots[i]))
