"""Would an order be accepted (QS-1 to QS-6, QS-11)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    FIELD_ACCOUNT_ID,
    FIELD_PRICE_TICKS,
    FIELD_REDUCE_ONLY,
    FIELD_SIDE,
    FIELD_SIZE_LOTS,
    REJECT_REASON_ACCOUNT_IN_LIQUIDATION,
    REJECT_REASON_INSUFFICIENT_MARGIN,
    REJECT_REASON_NOT_REDUCING,
    REJECT_REASON_OVERFLOW,
    REJECT_REASON_PRICE_BAND,
    REJECT_REASON_UNKNOWN_ENUM,
    SIDE_LONG,
    SIDE_SHORT,
)
from riskengine.core.base.fixedpoint cimport (
    PPM,
    div_ceil,
    div_floor,
    greatest,
    least,
    magnitude,
    mul_div_ceil,
    mul_div_floor,
)
from riskengine.core.base.refusal cimport Refusal, refuse, refuse_in_detail, refuse_off_step
from riskengine.core.books.books cimport Books, find_leg, is_in_liquidation
from riskengine.core.books.desk cimport Desk
from riskengine.core.books.limits cimport MAX_LEGS_PER_ACCOUNT
from riskengine.core.books.market cimport Market
from riskengine.core.commands.guards cimport (
    lots_held,
    refuse_account,
    refuse_isolated,
    refuse_leg,
    refuse_party,
    refuse_size_and_price,
    refuse_unmarked,
    refuse_while_loading,
    refuse_while_pending,
)
from riskengine.core.margin.assess cimport assess, initial_margin
from riskengine.core.margin.model cimport Change, Risk
from riskengine.core.margin.thresholds cimport lacks_initial
from riskengine.core.margin.what_if cimport initial_if, order_change, what_if


cdef inline int64_t signed_lots(const Order* order) noexcept nogil:
    """Return the lots that the order would buy, negative when it sells."""
    return order.size_lots if order.side == SIDE_LONG else -order.size_lots


cdef int64_t furthest_price_ticks(const Market* market, int64_t side) noexcept nogil:
    """Return the highest limit of a buying order, the lowest of a selling one (QS-11).

    floor(u * (10^6 + band) / 10^6) / multiplier, rounded down, where u is a lot's value at mark;
    ceil(u * (10^6 - band) / 10^6) / multiplier, rounded up.
    """
    cdef int64_t band_ppm = market.rules.order_band_ppm
    cdef int64_t unit = market.now.unit_value_atoms
    # multiplier_atoms > 0: a power of 10.
    if side == SIDE_LONG:
        return <int64_t>div_floor(
            mul_div_floor(unit, PPM + band_ppm, PPM), market.rules.multiplier_atoms
        )
    return <int64_t>div_ceil(
        mul_div_ceil(unit, PPM - band_ppm, PPM), market.rules.multiplier_atoms
    )


cdef bint refuse_outside_band(
    const Market* market, const Order* order, Refusal* refusal
) noexcept nogil:
    """Refuse a limit further through the mark than the band, on the side that harms (QS-11)."""
    cdef int64_t furthest = furthest_price_ticks(market, order.side)
    cdef bint is_outside = order.price_ticks < furthest
    if order.side == SIDE_LONG:
        is_outside = order.price_ticks > furthest
    return is_outside and refuse(
        refusal, REJECT_REASON_PRICE_BAND, FIELD_PRICE_TICKS, order.price_ticks, furthest
    )


cdef bint refuse_terms(
    const Market* market, const Order* order, int64_t held, Refusal* refusal
) noexcept nogil:
    """Refuse a size or a limit that no order may have; `held` is the position in signed lots.

    A size off the step may close the whole position. Rule QS-1.
    """
    return (
        refuse_size_and_price(market, order.size_lots, order.price_ticks, refusal)
        or (
            held != -signed_lots(order)
            and refuse_off_step(
                refusal, FIELD_SIZE_LOTS, order.size_lots, market.rules.size_step_lots
            )
        )
        or refuse_outside_band(market, order, refusal)
    )


cdef int64_t least_equity_ceil(Risk now, Risk after, int64_t initial_after_atoms) noexcept nogil:
    """Return the least equity, in atoms, that an order which reduces must leave (QS-5).

    max(0, min(I_after, ceil(E * M_after / M))): a position closes at no price that leaves the rest
    of the account less healthy than it was, unless it could be opened anew.
    """
    # maintenance_atoms > 0: there is a position that is reduced.
    return greatest(
        0,
        least(
            initial_after_atoms,
            mul_div_ceil(now.equity_atoms, after.maintenance_atoms, now.maintenance_atoms),
        ),
    )


cdef bint refuse_reducing(
    Risk now, Risk after, int64_t initial_after_atoms, Refusal* refusal
) noexcept nogil:
    """Refuse an order that reduces at a price at which the account would be worse off (QS-5)."""
    cdef int64_t least_atoms = least_equity_ceil(now, after, initial_after_atoms)
    return after.equity_atoms < least_atoms and refuse(
        refusal,
        REJECT_REASON_INSUFFICIENT_MARGIN,
        FIELD_PRICE_TICKS,
        after.equity_atoms,
        least_atoms,
    )


cdef bint refuse_growth(
    Books& books,
    int32_t account,
    const Market* market,
    const Order* order,
    int64_t held,
    int64_t bought,
    Refusal* refusal,
) noexcept nogil:
    """Refuse a position that would be too large, or one too many (QS-3)."""
    if magnitude(held + bought) > market.rules.max_position_lots:
        return refuse(
            refusal,
            REJECT_REASON_OVERFLOW,
            FIELD_SIZE_LOTS,
            order.size_lots,
            market.rules.max_position_lots,
        )
    return (
        held == 0
        and books.accounts[account].leg_count >= MAX_LEGS_PER_ACCOUNT
        and refuse_leg(refusal, order.market_id, order.account_id)
    )


cdef bint refuse_effect(
    Books& books, int32_t account, int32_t market, Order* order, Refusal* refusal
) noexcept nogil:
    """Refuse what the order would make of the account; set the margin after it (QS-2 to QS-5)."""
    cdef int32_t leg = find_leg(books, account, market)
    cdef int64_t held = 0 if leg < 0 else books.legs[leg].size_lots
    cdef int64_t bought = signed_lots(order)
    cdef bint reduces = (
        held != 0 and (held > 0) != (bought > 0) and order.size_lots <= magnitude(held)
    )
    cdef Change change = order_change(books, market, leg, bought, order.price_ticks)
    cdef Risk now = assess(books, account)
    cdef Risk after = what_if(books, account, now, &change)
    order.equity_after_atoms = after.equity_atoms
    order.initial_after_atoms = initial_if(
        books, account, initial_margin(books, account), &change
    )
    if order.reduce_only and not reduces:
        return refuse_in_detail(
            refusal, REJECT_REASON_NOT_REDUCING, FIELD_REDUCE_ONLY, 1, 0, held
        )
    if is_in_liquidation(&books.accounts[account]):
        return refuse(
            refusal, REJECT_REASON_ACCOUNT_IN_LIQUIDATION, FIELD_ACCOUNT_ID, order.account_id, 0
        )
    if reduces:
        return refuse_reducing(now, after, order.initial_after_atoms, refusal)
    if refuse_growth(books, account, &books.markets[market], order, held, bought, refusal):
        return True
    return lacks_initial(after, order.initial_after_atoms) and refuse(
        refusal,
        REJECT_REASON_INSUFFICIENT_MARGIN,
        FIELD_SIZE_LOTS,
        order.initial_after_atoms,
        order.equity_after_atoms,
    )


cdef bint refuse_order(Desk& desk, Order* order, Refusal* refusal) noexcept nogil:
    """Refuse an order that margin, limits or its band do not allow; set the margin after it.

    Rules QS-1 to QS-6, WK-4.
    """
    cdef int32_t account, market
    order.equity_after_atoms = 0
    order.initial_after_atoms = 0
    if (
        refuse_while_pending(desk, refusal)
        or refuse_while_loading(desk.books, refusal)
        or refuse_party(desk.books, FIELD_ACCOUNT_ID, order.account_id, refusal)
        or refuse_unmarked(desk.books, order.market_id, &market, refusal)
        or refuse_isolated(order.isolated_market_id, refusal)
        or refuse_account(
            desk.books,
            FIELD_ACCOUNT_ID,
            order.account_id,
            desk.books.markets[market].rules.asset,
            &account,
            refusal,
        )
    ):
        return True
    if order.side != SIDE_LONG and order.side != SIDE_SHORT:
        return refuse(refusal, REJECT_REASON_UNKNOWN_ENUM, FIELD_SIDE, order.side, 0)
    return refuse_terms(
        &desk.books.markets[market], order, lots_held(desk.books, account, market), refusal
    ) or refuse_effect(desk.books, account, market, order, refusal)
