"""The queue of counterparties of one side of a market, for the length of a command.

Within a command the marks stand still, so a score changes only with its account. The first
allocation ranks everybody once, as a heap; later ones add the accounts that changed since and
drop what is out of date when it comes to the top. A crash makes thousands of allocations a mark.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.algorithm cimport make_heap, pop_heap, push_heap
from libcpp.vector cimport vector

from riskengine.core.adl_candidates cimport Exchange, fill_candidate, is_eligible
from riskengine.core.fixedpoint cimport least, magnitude
from riskengine.core.lookahead cimport Lookahead, look_ahead_at_holders
from riskengine.core.state cimport Candidate, Ranking, State, find_position


cdef bint ranks_after(const Candidate& a, const Candidate& b) noexcept nogil:
    """Order of QUEUE: funds, then score descending, then account id."""
    if a.is_fund != b.is_fund:
        return a.is_fund < b.is_fund
    if not a.is_fund and a.score_ppm != b.score_ppm:
        return a.score_ppm < b.score_ppm
    return a.account_id > b.account_id


cdef void rank_everybody(
    State& state, Ranking* ranking, int32_t market, bint shorts
) noexcept nogil:
    cdef Candidate candidate
    cdef size_t i
    cdef int32_t index
    cdef Lookahead ahead
    cdef const vector[int32_t]* listed = &state.market_positions[market]
    ranking.heap.clear()
    for i in range(listed.size()):
        look_ahead_at_holders(state, &ahead, listed.data(), i, listed.size())
        index = listed[0][i]
        if (state.positions[index].size_lots < 0) == shorts:
            fill_candidate(state, index, &candidate)
            ranking.heap.push_back(candidate)
    make_heap(ranking.heap.begin(), ranking.heap.end(), &ranks_after)
    ranking.sequence = state.sequence
    ranking.logged = state.changed_accounts.size()
    state.logs_changes = True


cdef void push(Ranking* ranking, const Candidate& candidate) noexcept nogil:
    ranking.heap.push_back(candidate)
    push_heap(ranking.heap.begin(), ranking.heap.end(), &ranks_after)


cdef void rank_changed(State& state, Ranking* ranking, int32_t market, bint shorts) noexcept nogil:
    """Rank the accounts that have changed since the last use anew."""
    cdef Candidate candidate
    cdef int32_t index
    while ranking.logged < state.changed_accounts.size():
        index = find_position(state, state.changed_accounts[ranking.logged], market)
        ranking.logged += 1
        if index >= 0 and (state.positions[index].size_lots < 0) == shorts:
            fill_candidate(state, index, &candidate)
            push(ranking, candidate)


cdef Candidate pop(Ranking* ranking) noexcept nogil:
    cdef Candidate first = ranking.heap.front()
    pop_heap(ranking.heap.begin(), ranking.heap.end(), &ranks_after)
    ranking.heap.pop_back()
    return first


cdef int32_t pick_by_rank(
    State& state, const Exchange* exchange, vector[Candidate]& picked
) noexcept nogil:
    """Pick from the top until the need is met; return how many were passed over on the way."""
    cdef bint shorts = exchange.size_lots > 0
    cdef Ranking* ranking = &state.rankings[exchange.market * 2 + shorts]
    cdef vector[Candidate] put_back
    cdef Candidate candidate
    cdef int64_t need = exchange.close_lots
    cdef int64_t last_id = 0
    cdef int32_t skipped = 0
    cdef size_t i
    if ranking.sequence != state.sequence:
        rank_everybody(state, ranking, exchange.market, shorts)
    else:
        rank_changed(state, ranking, exchange.market, shorts)
    while need > 0 and not ranking.heap.empty():
        candidate = pop(ranking)
        # An account that changed twice stands there twice, side by side.
        if (
            candidate.version != state.accounts[candidate.account].version
            or candidate.account_id == last_id
        ):
            continue
        last_id = candidate.account_id
        if candidate.account == exchange.account:
            put_back.push_back(candidate)
        elif is_eligible(state, exchange, &candidate):
            candidate.close_lots = least(magnitude(candidate.size_lots), need)
            need -= candidate.close_lots
            picked.push_back(candidate)
        else:
            skipped += 1
            put_back.push_back(candidate)
    for i in range(put_back.size()):
        push(ranking, put_back[i])
    return skipped


cdef void forget_rankings(State& state) noexcept nogil:
    """End the life of the command's rankings; their room is kept."""
    cdef size_t i
    if not state.logs_changes:
        return
    for i in range(state.rankings.size()):
        state.rankings[i].heap.clear()
    state.changed_accounts.clear()
    state.logs_changes = False
