"""Rankings of holders by score, for the policy QUEUE (LS-10, docs/proofs/rankings.md).

Nearly always a few holders at the top are enough. So a ranking has a ceiling: the holders that
score above it stand in a heap, by their scores of this command; the others rest on shelves as long
as it is certain that they do not pass it, or else are watched. When the heap does not suffice, the
ceiling is lowered until it does. What is picked is the same as from a ranking of everybody.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.algorithm cimport make_heap, nth_element, pop_heap, push_heap, sort, unique
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport greatest
from riskengine.core.books.books cimport FUND, Account, Books, find_leg
from riskengine.core.books.desk cimport Desk
from riskengine.core.books.lookahead cimport (
    STEP,
    TO_ACCOUNT,
    Lookahead,
    come_closer,
    fetch_account,
    look_ahead_at_accounts,
    look_ahead_at_listed,
)
from riskengine.core.losses.queue cimport SHELF_LEVELS, Holder, Queue, Ranked, Ranking, is_current
from riskengine.core.losses.score cimport Standing, score_ppm, standing_of
from riskengine.core.losses.shelves cimport (
    SHELVES,
    clear_shelves,
    open_shelves,
    shelve,
    take_down_above_ceiling,
    take_down_out_of_reach,
)

cdef extern from *:
    const int64_t HIGHEST_SCORE "INT64_MAX"
    const size_t ALL "SIZE_MAX"

cdef enum:
    SAMPLE_BITS = 10  # a ceiling is taken from about 2^10 positions
    WANTED_BITS = 5  # one holder in 2^5 is wanted above the ceiling
    WANTED_MORE = 4  # and these besides
    DEEPER = 2  # times as many when they do not suffice
    MOST_BEHIND = 2  # times as many changes as holders: going through all holders is cheaper
    MOST_CHANGES = 1 << 18  # kept for the rankings that are behind
    MOST_MARKS = 1 << 24  # of which the shelves of all rankings keep the lowest and highest


cdef bint ranks_after(const Ranked& a, const Ranked& b) noexcept nogil:
    """Order of QUEUE: funds, then score descending, then account id (LS-10)."""
    if a.is_fund != b.is_fund:
        return a.is_fund < b.is_fund
    if not a.is_fund and a.score_ppm != b.score_ppm:
        return a.score_ppm < b.score_ppm
    return a.account_id > b.account_id


cdef int64_t wanted_of(int64_t holders) noexcept nogil:
    """Return how many of that many holders are wanted above the ceiling."""
    return (holders >> WANTED_BITS) + WANTED_MORE


cdef bint is_more(const int64_t& a, const int64_t& b) noexcept nogil:
    """Order of scores: highest first."""
    return a > b


cdef int64_t nth_highest(vector[int64_t]& scores, int64_t n) noexcept nogil:
    """Return the score that n others are at least as high as; LOWEST_SCORE if there are fewer."""
    if n >= <int64_t>scores.size():
        return LOWEST_SCORE
    nth_element(scores.begin(), scores.begin() + n, scores.end(), &is_more)
    return scores[n]


cdef int64_t sampled_ceiling_ppm(
    Desk& desk, int32_t market, bint shorts, int64_t below_ppm
) noexcept nogil:
    """Return a score below the given one that as many as wanted are above, or more."""
    cdef vector[int64_t] scores
    cdef const vector[int32_t]* listed = &desk.books.directory.market_legs[market]
    cdef size_t step = (listed.size() >> SAMPLE_BITS) + 1
    cdef size_t i = 0
    cdef int64_t wanted, ceiling_ppm
    cdef Standing standing
    while i < listed.size():
        if (desk.books.legs[listed[0][i]].size_lots < 0) == shorts:
            standing = standing_of(desk, listed[0][i])
            scores.push_back(score_ppm(&standing))
        i += step
    wanted = wanted_of(scores.size())
    ceiling_ppm = nth_highest(scores, wanted)
    while ceiling_ppm >= below_ppm:
        wanted *= DEEPER
        ceiling_ppm = nth_highest(scores, wanted)
    return ceiling_ppm


cdef inline Holder holder_of(Books& books, int32_t leg) noexcept nogil:
    """Return the leg's holder, noted as its account is now; the longest reach is tried first."""
    cdef Holder holder
    holder.highest_ppm = 0
    holder.market_bits = 0
    holder.level = SHELF_LEVELS - 1
    holder.leg = leg
    holder.account = books.legs[leg].account
    holder.version = books.accounts[holder.account].version
    return holder


cdef inline bint place(Desk& desk, Ranking* ranking, Holder holder) noexcept nogil:
    """Rank the holder if it is above the ceiling, else shelve it; return whether it is ranked."""
    cdef const Account* account = &desk.books.accounts[holder.account]
    cdef Standing standing = standing_of(desk, holder.leg)
    cdef Ranked ranked
    desk.totals.engine.assessed_counterparties += 1
    ranked.score_ppm = score_ppm(&standing)
    ranked.is_fund = account.kind == FUND
    if ranked.is_fund or ranked.score_ppm > ranking.ceiling_ppm:
        ranked.account_id = account.account_id
        ranked.holder = holder
        ranking.heap.push_back(ranked)
        ranking.above.push_back(holder)
        return True
    shelve(desk.books, ranking, &standing, holder)
    return False


cdef void mark_log_read(Desk& desk, Ranking* ranking) noexcept nogil:
    """Have accounts that have been logged logged again when they change from now on."""
    ranking.logged = desk.changes.accounts.size()
    desk.changes.round += 1


cdef void clear_ranking(
    Desk& desk, Queue& queue, Ranking* ranking, int64_t ceiling_ppm
) noexcept nogil:
    """Begin to build the ranking: every holder is to be ranked or shelved."""
    queue.built_rankings -= ranking.is_built
    ranking.is_built = False
    ranking.ceiling_ppm = ceiling_ppm
    ranking.heap.clear()
    ranking.above.clear()
    ranking.watched.clear()
    clear_shelves(desk.books, ranking)
    ranking.holders = 0
    desk.changes.is_kept = True
    mark_log_read(desk, ranking)


cdef inline bint is_logged(Desk& desk, int32_t account) noexcept nogil:
    """Return whether the account has changed since the log was read: then it is placed from there.
    """
    return desk.books.accounts[account].logged_round == desk.changes.round


cdef void place_listed(
    Desk& desk, Ranking* ranking, int32_t market, bint shorts, size_t end
) noexcept nogil:
    """Rank or shelve the holders among the market's positions up to there."""
    cdef Lookahead ahead
    cdef const vector[int32_t]* listed = &desk.books.directory.market_legs[market]
    cdef size_t first = ranking.placed
    cdef size_t count = min(end, listed.size()) - first
    cdef int32_t leg
    cdef size_t i
    for i in range(count):
        leg = listed[0][first + i]
        look_ahead_at_listed(desk.books, &ahead, listed.data() + first, i, count, shorts)
        if (desk.books.legs[leg].size_lots < 0) == shorts:
            ranking.holders += 1
            if not is_logged(desk, desk.books.legs[leg].account):
                place(desk, ranking, holder_of(desk.books, leg))
    ranking.placed += count


cdef void raise_ceiling(Ranking* ranking) noexcept nogil:
    """Shelve those that were not needed, when they are many."""
    cdef vector[int64_t] scores
    cdef int64_t wanted = wanted_of(ranking.holders)
    cdef size_t i
    if <int64_t>ranking.heap.size() <= DEEPER * wanted:
        return
    for i in range(ranking.heap.size()):
        scores.push_back(ranking.heap[i].score_ppm)
    ranking.ceiling_ppm = greatest(ranking.ceiling_ppm, nth_highest(scores, wanted))


cdef void note_changed(
    Desk& desk, Ranking* ranking, int32_t market, bint shorts, vector[Holder]& changed
) noexcept nogil:
    """Add the holders among the accounts that have changed since the last use."""
    cdef vector[int32_t] accounts
    cdef Lookahead ahead
    cdef int32_t leg
    cdef size_t i
    if ranking.logged == desk.changes.accounts.size():
        return
    accounts.assign(
        desk.changes.accounts.begin() + <ptrdiff_t>ranking.logged, desk.changes.accounts.end()
    )
    mark_log_read(desk, ranking)
    sort(accounts.begin(), accounts.end())
    accounts.erase(unique(accounts.begin(), accounts.end()), accounts.end())
    for i in range(accounts.size()):
        look_ahead_at_accounts(desk.books, &ahead, accounts.data(), i, accounts.size())
        leg = find_leg(desk.books, accounts[i], market)
        if leg >= 0 and (desk.books.legs[leg].size_lots < 0) == shorts:
            changed.push_back(holder_of(desk.books, leg))


cdef inline void look_ahead_at_holders(
    Books& books, Lookahead* ahead, const Holder* holders, int64_t at, int64_t count
) noexcept nogil:
    """Take the account of each holder that comes one step further; called for each in turn."""
    if at + TO_ACCOUNT < count:
        fetch_account(books, ahead, at + TO_ACCOUNT, holders[at + TO_ACCOUNT].account)
    come_closer(books, ahead, at, STEP, TO_ACCOUNT, count)


cdef void place_waiting(Desk& desk, Ranking* ranking, size_t end) noexcept nogil:
    """Rank or shelve those who wait, up to there, by their scores of now."""
    cdef Lookahead ahead
    cdef size_t first = ranking.placed
    cdef size_t count = min(end, ranking.waiting.size()) - first
    cdef size_t i
    for i in range(count):
        look_ahead_at_holders(desk.books, &ahead, ranking.waiting.data() + first, i, count)
        if is_current(desk.books, &ranking.waiting[first + i]):
            place(desk, ranking, ranking.waiting[first + i])
    ranking.placed += count


cdef void have_watched_wait(Ranking* ranking) noexcept nogil:
    """Have every watched holder placed anew, from the first on."""
    ranking.waiting.clear()
    ranking.waiting.swap(ranking.watched)
    ranking.placed = 0


cdef void renew(Desk& desk, Ranking* ranking, int32_t market, bint shorts) noexcept nogil:
    """Have all wait that may have another place at the marks of this command."""
    raise_ceiling(ranking)
    ranking.heap.clear()
    ranking.watched.insert(ranking.watched.end(), ranking.above.begin(), ranking.above.end())
    ranking.above.clear()
    take_down_out_of_reach(desk.books, ranking)
    note_changed(desk, ranking, market, shorts, ranking.watched)
    open_shelves(desk.books, ranking)
    have_watched_wait(ranking)


cdef void lower_ceiling(
    Desk& desk, Ranking* ranking, int32_t market, bint shorts
) noexcept nogil:
    """Rank some of those as well that the ceiling has kept out; they come after all others."""
    ranking.ceiling_ppm = sampled_ceiling_ppm(desk, market, shorts, ranking.ceiling_ppm)
    take_down_above_ceiling(ranking)
    have_watched_wait(ranking)
    place_waiting(desk, ranking, ranking.waiting.size())
    make_heap(ranking.heap.begin(), ranking.heap.end(), &ranks_after)


cdef void rank_changed(Desk& desk, Ranking* ranking, int32_t market, bint shorts) noexcept nogil:
    """Rank the accounts that have changed since the last use in this command anew."""
    cdef vector[Holder] changed
    cdef size_t i
    note_changed(desk, ranking, market, shorts, changed)
    for i in range(changed.size()):
        if place(desk, ranking, changed[i]):
            push_heap(ranking.heap.begin(), ranking.heap.end(), &ranks_after)


cdef void begin_update(
    Desk& desk, Queue& queue, Ranking* ranking, int32_t market, bint shorts
) noexcept nogil:
    """Find who is to be placed for the heap to hold the scores of now: the fewest that do."""
    cdef int64_t behind = <int64_t>(desk.changes.accounts.size() - ranking.logged)
    ranking.is_updating = True
    ranking.waiting.clear()
    ranking.placed = 0
    if not ranking.is_built or behind > MOST_BEHIND * ranking.holders:
        clear_ranking(
            desk, queue, ranking, sampled_ceiling_ppm(desk, market, shorts, HIGHEST_SCORE)
        )
    elif ranking.sequence != desk.books.sequence:
        renew(desk, ranking, market, shorts)


cdef void update_to(
    Desk& desk, Queue& queue, Ranking* ranking, int32_t market, bint shorts, size_t positions
) noexcept nogil:
    """Place as many as that, of those who are to be placed; scores stay those of the begin.

    Only deposits come in between: they have no say in scores (WK-2), and are in the log. An engine
    that was copied meanwhile has no ranking yet, and begins. A full scan does all of it at the end.
    """
    if queue.full_scan:
        return
    if not ranking.is_updating:
        begin_update(desk, queue, ranking, market, shorts)
    if ranking.is_built:
        place_waiting(desk, ranking, positions)
    else:
        place_listed(desk, ranking, market, shorts, positions)


cdef void end_update(
    Desk& desk, Queue& queue, Ranking* ranking, int32_t market, bint shorts
) noexcept nogil:
    """Have the heap hold the scores of now."""
    if queue.full_scan:
        ranking.placed = 0
        clear_ranking(desk, queue, ranking, LOWEST_SCORE)
        place_listed(desk, ranking, market, shorts, ALL)
    else:
        update_to(desk, queue, ranking, market, shorts, ALL)
    queue.built_rankings += not ranking.is_built
    ranking.is_built = True
    ranking.is_updating = False
    ranking.waiting.clear()
    make_heap(ranking.heap.begin(), ranking.heap.end(), &ranks_after)
    rank_changed(desk, ranking, market, shorts)
    ranking.sequence = desk.books.sequence


cdef Ranked pop(Ranking* ranking) noexcept nogil:
    """Take the first out of the heap, which is not empty, and return it."""
    cdef Ranked first = ranking.heap.front()
    pop_heap(ranking.heap.begin(), ranking.heap.end(), &ranks_after)
    ranking.heap.pop_back()
    return first


cdef void put_back(Ranking* ranking, Ranked ranked) noexcept nogil:
    """Rank a holder again who was taken out and is not closed."""
    ranking.heap.push_back(ranked)
    push_heap(ranking.heap.begin(), ranking.heap.end(), &ranks_after)


cdef void forget(Desk& desk, Queue& queue, Ranking* ranking) noexcept nogil:
    """Give up the ranking and its memory."""
    queue.built_rankings -= 1
    desk.changes.is_kept = queue.built_rankings > 0
    ranking.is_built = False
    ranking.heap.clear()
    ranking.heap.shrink_to_fit()
    ranking.above.clear()
    ranking.above.shrink_to_fit()
    ranking.watched.clear()
    ranking.watched.shrink_to_fit()
    ranking.waiting.clear()
    ranking.waiting.shrink_to_fit()
    ranking.shelves.clear()
    ranking.shelves.shrink_to_fit()


cdef void end_command(Desk& desk, Queue& queue) noexcept nogil:
    """Give up rankings that lag behind, or all when they are too many."""
    cdef size_t kept = desk.changes.accounts.size()
    cdef size_t oldest = kept
    cdef size_t i
    cdef Ranking* ranking
    cdef bint crowded = (
        queue.built_rankings * SHELVES * <int64_t>desk.books.markets.size() > MOST_MARKS
    )
    if kept <= MOST_CHANGES and not crowded:
        return
    for i in range(queue.rankings.size()):
        ranking = &queue.rankings[i]
        if ranking.is_built and (crowded or ranking.logged < kept >> 1):
            forget(desk, queue, ranking)
        if ranking.is_built:
            oldest = min(oldest, ranking.logged)
    for i in range(queue.rankings.size()):
        if queue.rankings[i].is_built:
            queue.rankings[i].logged -= oldest
    desk.changes.accounts.erase(
        desk.changes.accounts.begin(), desk.changes.accounts.begin() + <ptrdiff_t>oldest
    )
