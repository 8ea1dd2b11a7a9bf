"""Allocation: needs are closed against the other side and its holders (LS-6 to LS-22).

All lots are booked at the mark. The needs of a side are pooled for the holders alone: each closed
account settles by itself, at the mark less its discount, or at the mark plus what the holders bear
of its loss.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.algorithm cimport sort
from libcpp.vector cimport vector

from riskengine.core.base.codes cimport STAGE_AUTO_DELEVERAGE
from riskengine.core.base.expect cimport expect
from riskengine.core.base.fixedpoint cimport least, magnitude
from riskengine.core.books.booking cimport book_leg
from riskengine.core.books.desk cimport Desk, MarketTotals, touch
from riskengine.core.losses.allocation_events cimport tell_netted, tell_need, tell_shares
from riskengine.core.losses.bearing cimport bear_loss
from riskengine.core.losses.discount cimport discount_floor, pay_fund
from riskengine.core.losses.need cimport Need, Pool, closes_long
from riskengine.core.losses.pairing cimport Pair, pair_holders, pair_sides, pooled_lots
from riskengine.core.losses.policies cimport find_policy
from riskengine.core.losses.queue cimport Queue
from riskengine.core.losses.share cimport Share
from riskengine.core.margin.emit cimport count_closed
from riskengine.core.margin.release cimport release
from riskengine.core.margin.value cimport lots_value


cdef struct Place:  # of a need, to be taken by market
    int64_t market_id
    size_t need


cdef bint comes_sooner(const Place& a, const Place& b) noexcept nogil:
    """Order of needs: by market id, then as they are judged (LS-8)."""
    if a.market_id != b.market_id:
        return a.market_id < b.market_id
    return a.need < b.need


cdef void book_closed(Desk& desk, Need* need, int64_t lots) noexcept nogil:
    """Close so many lots of the need's leg at the mark."""
    cdef int64_t bought = -lots if closes_long(need) else lots
    need.released_atoms += release(desk.books, need.leg, lots)
    book_leg(desk, need.leg, bought, lots_value(&desk.books.markets[need.market], bought))


cdef void book_all_closed(
    Desk& desk, vector[Need]& needs, const vector[size_t]& side, vector[int64_t]& booked_lots
) noexcept nogil:
    """Book what the pairs closed of a side's needs since it was last booked."""
    cdef size_t i
    cdef int64_t lots
    for i in range(side.size()):
        lots = needs[side[i]].closed_lots - booked_lots[i]
        if lots > 0:
            book_closed(desk, &needs[side[i]], lots)
            booked_lots[i] += lots


cdef void book_shares(Desk& desk, const vector[Share]& shares) noexcept nogil:
    """Close the holders' lots at the mark, and have their accounts judged (LS-16)."""
    cdef size_t i
    cdef int64_t bought
    for i in range(shares.size()):
        expect(shares[i].lots > 0)
        expect(shares[i].lots <= magnitude(shares[i].size_lots))
        bought = -shares[i].lots if shares[i].size_lots > 0 else shares[i].lots
        book_leg(
            desk,
            shares[i].leg,
            bought,
            lots_value(&desk.books.markets[shares[i].market], bought),
        )
        touch(desk, shares[i].account)


cdef void settle_needs(Desk& desk, vector[Need]& needs, const vector[size_t]& side) noexcept nogil:
    """Take the discounts of what was closed, and count it (LS-19, LS-21)."""
    cdef size_t i
    cdef Need* need
    for i in range(side.size()):
        need = &needs[side[i]]
        if need.closed_lots == 0:
            continue
        if need.is_discounted:
            need.discount_atoms = pay_fund(
                desk,
                need.account,
                need.market,
                discount_floor(
                    desk.books, need.market, need.closed_lots, need.released_atoms, need.before
                ),
            )
            desk.totals.markets[need.market].discounts_atoms += need.discount_atoms
        count_closed(
            desk, need.market, need.closed_lots, closes_long(need), STAGE_AUTO_DELEVERAGE
        )


cdef int32_t choose_holders(
    Desk& desk, Queue& queue, const Pool* pool, vector[Share]& shares
) noexcept nogil:
    """Choose by the market's policy, which its guard has found in the table; return the skipped."""
    return find_policy(desk.books.markets[pool.market].rules.loss_policy).choose(
        desk, queue, pool, shares
    )


cdef void close_market(
    Desk& desk,
    Queue& queue,
    vector[Need]& needs,
    const vector[size_t]& longs,
    const vector[size_t]& shorts,
) noexcept nogil:
    """Close the needs of one market: the sides against each other, then the rest (LS-6, LS-8)."""
    cdef Pool pool
    cdef vector[Pair] netted, pairs
    cdef vector[Share] shares
    cdef vector[int64_t] booked_longs, booked_shorts
    cdef int64_t long_lots = pooled_lots(needs, longs)
    cdef int64_t short_lots = pooled_lots(needs, shorts)
    cdef int32_t skipped = 0
    cdef int64_t paid = 0
    cdef MarketTotals* totals
    pool.market = needs[longs.front() if shorts.empty() else shorts.front()].market
    pool.closes_long = long_lots > short_lots
    booked_longs.resize(longs.size())
    booked_shorts.resize(shorts.size())
    pair_sides(needs, longs, shorts, least(long_lots, short_lots), netted)
    book_all_closed(desk, needs, longs, booked_longs)
    book_all_closed(desk, needs, shorts, booked_shorts)
    pool.lots = magnitude(long_lots - short_lots)
    if pool.lots > 0:
        skipped = choose_holders(desk, queue, &pool, shares)
        pair_holders(needs, longs if pool.closes_long else shorts, shares, pairs)
        book_shares(desk, shares)
        book_all_closed(desk, needs, longs, booked_longs)
        book_all_closed(desk, needs, shorts, booked_shorts)
    settle_needs(desk, needs, longs)
    settle_needs(desk, needs, shorts)
    if pool.lots > 0:
        paid = bear_loss(desk, needs, longs if pool.closes_long else shorts, shares)
    totals = &desk.totals.markets[pool.market]
    totals.deleveraged_accounts += <int64_t>shares.size()
    totals.haircut_atoms += paid
    tell_netted(desk, needs, netted)
    tell_shares(desk, needs, shares, pairs)
    tell_needs(desk, needs, longs, shorts, pool.closes_long, skipped)


cdef void tell_needs(
    Desk& desk,
    vector[Need]& needs,
    const vector[size_t]& longs,
    const vector[size_t]& shorts,
    bint closes_longs,
    int32_t skipped,
) noexcept nogil:
    """Tell what became of each need of a market, in the order of judgement (LS-20)."""
    cdef size_t i = 0
    cdef size_t j = 0
    while i < longs.size() or j < shorts.size():
        if j == shorts.size() or (i < longs.size() and longs[i] < shorts[j]):
            tell_need(desk, &needs[longs[i]], skipped if closes_longs else 0)
            i += 1
        else:
            tell_need(desk, &needs[shorts[j]], 0 if closes_longs else skipped)
            j += 1


cdef void close_needs(Desk& desk, Queue& queue, vector[Need]& needs) noexcept nogil:
    """Close all needs of a pass, markets in order of their id (LS-8).

    They are listed in the order of judgement.
    """
    cdef vector[Place] places
    cdef vector[size_t] longs, shorts
    cdef Place place
    cdef size_t i
    for i in range(needs.size()):
        place.market_id = desk.books.markets[needs[i].market].rules.market_id
        place.need = i
        places.push_back(place)
    sort(places.begin(), places.end(), &comes_sooner)
    for i in range(places.size()):
        if closes_long(&needs[places[i].need]):
            longs.push_back(places[i].need)
        else:
            shorts.push_back(places[i].need)
        if i + 1 == places.size() or places[i + 1].market_id != places[i].market_id:
            close_market(desk, queue, needs, longs, shorts)
            longs.clear()
            shorts.clear()
