"""The policy PRO_RATA: every opposite position by its size (LS-14)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport int128_t, least, magnitude
from riskengine.core.books.desk cimport Desk
from riskengine.core.losses.candidates cimport Candidate, collect_candidates
from riskengine.core.losses.closeout cimport Closeout
from riskengine.core.losses.exact_parts cimport exact_parts
from riskengine.core.losses.queue cimport Queue
from riskengine.core.losses.share cimport Share, closing_share


cdef vector[int64_t] lots_by_size(
    const vector[Candidate]& candidates, size_t begin, int64_t need_lots
) noexcept nogil:
    """Return what each candidate from there on closes: its size, or its exact part of the need.

    Rule LS-14.
    """
    cdef vector[int64_t] sizes
    cdef int128_t total = 0
    cdef size_t i
    for i in range(begin, candidates.size()):
        sizes.push_back(magnitude(candidates[i].size_lots))
        total += sizes.back()
    if total <= need_lots:
        return sizes
    return exact_parts(sizes, need_lots)


cdef int32_t choose_pro_rata(
    Desk& desk, Queue& queue, const Closeout* closeout, vector[Share]& shares
) noexcept nogil:
    """Choose funds one by one, then all others by size; return how many were passed over.

    Rules LS-9, LS-14.
    """
    cdef vector[Candidate] candidates
    cdef vector[int64_t] lots
    cdef int64_t need_lots = closeout.close_lots
    cdef int64_t taken
    cdef size_t funds = 0
    cdef size_t i
    cdef int32_t skipped = collect_candidates(desk.books, closeout, candidates)
    while funds < candidates.size() and candidates[funds].is_fund and need_lots > 0:
        taken = least(magnitude(candidates[funds].size_lots), need_lots)
        shares.push_back(closing_share(closeout, &candidates[funds], taken))
        need_lots -= taken
        funds += 1
    if need_lots == 0:
        return skipped
    lots = lots_by_size(candidates, funds, need_lots)
    for i in range(lots.size()):
        if lots[i] > 0:
            shares.push_back(closing_share(closeout, &candidates[funds + i], lots[i]))
    return skipped
