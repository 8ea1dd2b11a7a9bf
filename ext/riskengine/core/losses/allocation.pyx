"""Allocation: needs are closed against the other side and its holders (LS-6 to LS-22).

All lots are booked at the mark. The needs of a side are pooled for the holders alone: each closed
account settles by itself, at the mark less its discount, or at the mark plus what the holders bear
of its loss. The work can pause before each booking, and before each thing that is told.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.algorithm cimport sort
from libcpp.vector cimport vector

from riskengine.core.base.codes cimport STAGE_AUTO_DELEVERAGE
from riskengine.core.base.expect cimport expect
from riskengine.core.base.fixedpoint cimport least, magnitude
from riskengine.core.books.booking cimport book_leg
from riskengine.core.books.desk cimport Desk, MarketTotals, take_unit, touch
from riskengine.core.losses.allocation_events cimport tell_need, tell_netted, tell_share
from riskengine.core.losses.bearing cimport bear_loss, find_most_paid, paid_by_pair
from riskengine.core.losses.candidates cimport clear_field
from riskengine.core.losses.discount cimport discount_floor, pay_fund
from riskengine.core.losses.need cimport Need, closes_long
from riskengine.core.losses.pairing cimport pair_holders, pair_sides, pooled_lots
from riskengine.core.losses.policies cimport Policy, find_policy
from riskengine.core.losses.queue cimport Queue
from riskengine.core.losses.share cimport Share
from riskengine.core.margin.emit cimport count_closed
from riskengine.core.margin.release cimport release
from riskengine.core.margin.value cimport lots_value


cdef bint comes_sooner(const Place& a, const Place& b) noexcept nogil:
    """Order of needs: by market id, then as they are judged (LS-8)."""
    if a.market_id != b.market_id:
        return a.market_id < b.market_id
    return a.need < b.need


cdef void begin_closing(Desk& desk, Closing& closing, const vector[Need]& needs) noexcept nogil:
    """List the needs of a pass, which are in the order of judgement, by market id (LS-8)."""
    cdef Place place
    cdef size_t i
    closing.places.clear()
    closing.end = 0
    closing.part = BETWEEN_MARKETS
    for i in range(needs.size()):
        place.market_id = desk.books.markets[needs[i].market].rules.market_id
        place.need = i
        closing.places.push_back(place)
    sort(closing.places.begin(), closing.places.end(), &comes_sooner)


cdef void book_closed(Desk& desk, Need* need, int64_t lots) noexcept nogil:
    """Close so many lots of the need's leg at the mark."""
    cdef int64_t bought = -lots if closes_long(need) else lots
    need.released_atoms += release(desk.books, need.leg, lots)
    book_leg(desk, need.leg, bought, lots_value(&desk.books.markets[need.market], bought))


cdef void book_share(Desk& desk, const Share* share) noexcept nogil:
    """Close a holder's lots at the mark, and have its account judged (LS-16)."""
    cdef int64_t bought = -share.lots if share.size_lots > 0 else share.lots
    expect(share.lots > 0)
    expect(share.lots <= magnitude(share.size_lots))
    book_leg(desk, share.leg, bought, lots_value(&desk.books.markets[share.market], bought))
    touch(desk, share.account)


cdef void list_closed(
    Closing& closing, vector[Need]& needs, const vector[size_t]& side
) noexcept nogil:
    """List for booking what the pairs closed of a side's needs since they were last listed."""
    cdef Booking booking
    cdef Need* need
    cdef size_t i
    booking.is_share = False
    for i in range(side.size()):
        need = &needs[side[i]]
        booking.at = side[i]
        booking.lots = need.closed_lots - need.booked_lots
        if booking.lots > 0:
            need.booked_lots = need.closed_lots
            closing.bookings.push_back(booking)


cdef void list_shares(Closing& closing) noexcept nogil:
    """List the holders' lots for booking."""
    cdef Booking booking
    cdef size_t i
    booking.is_share = True
    for i in range(closing.shares.size()):
        booking.at = i
        booking.lots = closing.shares[i].lots
        closing.bookings.push_back(booking)


cdef bint book_listed(Desk& desk, Closing& closing, vector[Need]& needs) noexcept nogil:
    """Book what is listed, a unit each; return whether all is booked (LS-15)."""
    cdef const Booking* booking
    while closing.booked < closing.bookings.size():
        if not take_unit(desk):
            return False
        booking = &closing.bookings[closing.booked]
        if booking.is_share:
            book_share(desk, &closing.shares[booking.at])
        else:
            book_closed(desk, &needs[booking.at], booking.lots)
        closing.booked += 1
    return True


cdef void clear_market(Closing& closing) noexcept nogil:
    """Forget what was done in the market before."""
    closing.longs.clear()
    closing.shorts.clear()
    closing.shares.clear()
    closing.netted.clear()
    closing.pairs.clear()
    closing.most_atoms.clear()
    closing.paid_atoms.clear()
    closing.bookings.clear()
    closing.booked = 0
    closing.told_netted = 0
    closing.told_pairs = 0
    clear_field(closing.field)


cdef void begin_market(Closing& closing, vector[Need]& needs) noexcept nogil:
    """Take the needs of the next market, and have its sides meet (LS-6, LS-8)."""
    cdef const vector[Place]* places = &closing.places
    cdef int64_t long_lots, short_lots
    cdef size_t need
    clear_market(closing)
    closing.begin = closing.end
    closing.told_needs = closing.begin
    closing.pool.market = needs[places[0][closing.begin].need].market
    while (
        closing.end < places.size()
        and places[0][closing.end].market_id == places[0][closing.begin].market_id
    ):
        need = places[0][closing.end].need
        if closes_long(&needs[need]):
            closing.longs.push_back(need)
        else:
            closing.shorts.push_back(need)
        closing.end += 1
    long_lots = pooled_lots(needs, closing.longs)
    short_lots = pooled_lots(needs, closing.shorts)
    closing.pool.closes_long = long_lots > short_lots
    closing.pool.lots = magnitude(long_lots - short_lots)
    pair_sides(needs, closing.longs, closing.shorts, least(long_lots, short_lots), closing.netted)
    list_closed(closing, needs, closing.longs)
    list_closed(closing, needs, closing.shorts)


cdef inline const vector[size_t]* pooled_side(Closing& closing) noexcept nogil:
    """Return the needs of the side that has a rest."""
    return &closing.longs if closing.pool.closes_long else &closing.shorts


cdef bint choose_holders(
    Desk& desk, Queue& queue, Closing& closing, vector[Need]& needs
) noexcept nogil:
    """Choose by the market's policy, which its guard has found in the table, who closes the rest.

    Return whether that is done.
    """
    cdef const Policy* policy
    if closing.pool.lots == 0:
        return True
    policy = find_policy(desk.books.markets[closing.pool.market].rules.loss_policy)
    if not policy.look(desk, queue, &closing.pool, closing.field):
        return False
    policy.choose(desk, queue, &closing.pool, closing.field, closing.shares)
    pair_holders(needs, pooled_side(closing)[0], closing.shares, closing.pairs)
    list_shares(closing)
    list_closed(closing, needs, closing.longs)
    list_closed(closing, needs, closing.shorts)
    return True


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


cdef bint settle_loss(Desk& desk, Closing& closing, vector[Need]& needs) noexcept nogil:
    """Have holders pay of the loss, now that all lots of the market are booked (LS-15).

    Return whether that is done.
    """
    cdef MarketTotals* totals = &desk.totals.markets[closing.pool.market]
    cdef const vector[size_t]* side = pooled_side(closing)
    if closing.pool.lots > 0:
        if not find_most_paid(desk, needs, side[0], closing.shares, closing.most_atoms):
            return False
        totals.haircut_atoms += bear_loss(
            desk, needs, side[0], closing.shares, closing.most_atoms
        )
        closing.paid_atoms = paid_by_pair(closing.shares, closing.pairs)
    totals.deleveraged_accounts += <int64_t>closing.shares.size()
    return True


cdef bint tell_pairs(Desk& desk, Closing& closing, vector[Need]& needs) noexcept nogil:
    """Tell of each pair, for a unit; return whether all are told (LS-16)."""
    while closing.told_netted < closing.netted.size():
        if not take_unit(desk):
            return False
        tell_netted(desk, needs, &closing.netted[closing.told_netted])
        closing.told_netted += 1
    while closing.told_pairs < closing.pairs.size():
        if not take_unit(desk):
            return False
        tell_share(
            desk,
            needs,
            closing.shares,
            &closing.pairs[closing.told_pairs],
            closing.paid_atoms[closing.told_pairs],
        )
        closing.told_pairs += 1
    return True


cdef bint tell_needs(Desk& desk, Closing& closing, vector[Need]& needs) noexcept nogil:
    """Tell what became of each need, in the order of judgement, for a unit (LS-20)."""
    cdef const Need* need
    cdef int32_t skipped
    while closing.told_needs < closing.end:
        if not take_unit(desk):
            return False
        need = &needs[closing.places[closing.told_needs].need]
        skipped = closing.field.skipped if closes_long(need) == closing.pool.closes_long else 0
        tell_need(desk, need, skipped)
        closing.told_needs += 1
    return True


cdef bint close_part(
    Desk& desk, Queue& queue, Closing& closing, vector[Need]& needs
) noexcept nogil:
    """Go on with a part of closing a market's needs; return whether it is at its end (LS-15)."""
    if closing.part == CHOOSING:
        return choose_holders(desk, queue, closing, needs)
    if closing.part == ASKING:
        return settle_loss(desk, closing, needs)
    if not book_listed(desk, closing, needs):
        return False
    if closing.part == CLOSING:
        settle_needs(desk, needs, closing.longs)
        settle_needs(desk, needs, closing.shorts)
    return True


cdef bint close_market(
    Desk& desk, Queue& queue, Closing& closing, vector[Need]& needs
) noexcept nogil:
    """Close the needs of one market; return whether that is done (LS-6, LS-8, LS-15)."""
    while closing.part != TELLING:
        if not close_part(desk, queue, closing, needs):
            return False
        closing.part += 1
    return tell_pairs(desk, closing, needs) and tell_needs(desk, closing, needs)


cdef bint close_needs(
    Desk& desk, Queue& queue, Closing& closing, vector[Need]& needs
) noexcept nogil:
    """Close all needs of a pass, market by market; return whether that is done (LS-8)."""
    while closing.part != BETWEEN_MARKETS or closing.end < closing.places.size():
        if closing.part == BETWEEN_MARKETS:
            begin_market(closing, needs)
            closing.part = MEETING
        if not close_market(desk, queue, closing, needs):
            return False
        closing.part = BETWEEN_MARKETS
    return True
