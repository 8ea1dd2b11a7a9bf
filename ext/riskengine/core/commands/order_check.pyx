"""Would an order be accepted (QS-1 to QS-6)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    FIELD_ACCOUNT_ID,
    FIELD_REDUCE_ONLY,
    FIELD_SIDE,
    FIELD_SIZE_LOTS,
    REJECT_REASON_ACCOUNT_IN_LIQUIDATION,
    REJECT_REASON_INSUFFICIENT_MARGIN,
    REJECT_REASON_NOT_REDUCING,
    REJECT_REASON_OVERFLOW,
    REJECT_REASON_UNKNOWN_ENUM,
    SIDE_LONG,
    SIDE_SHORT,
)
from riskengine.core.base.fixedpoint cimport least, magnitude
from riskengine.core.base.refusal cimport Refusal, refuse, refuse_in_detail
from riskengine.core.books.books cimport Books, find_leg, is_in_liquidation
from riskengine.core.books.limits cimport MAX_LEGS_PER_ACCOUNT
from riskengine.core.books.market cimport Market
from riskengine.core.commands.guards cimport (
    refuse_account,
    refuse_isolated,
    refuse_leg,
    refuse_party,
    refuse_size_and_price,
    refuse_unmarked,
)
from riskengine.core.margin.assess cimport assess, initial_ceil, initial_margin, lots_value


cdef void margin_after_fill(
    Books& books, int32_t account, const Market* market, int64_t held, int64_t bought, Order* order
) noexcept nogil:
    """Set equity and initial margin after a complete fill at the limit price.

    The loss at once of a price through the mark counts, a gain does not.
    """
    cdef int64_t gain = (
        bought * (market.now.mark_price_ticks - order.price_ticks) * market.rules.multiplier_atoms
    )
    order.equity_after_atoms = assess(books, account).equity_atoms + least(0, gain)
    order.initial_after_atoms = (
        initial_margin(books, account)
        - initial_ceil(market, magnitude(lots_value(market, held)))
        + initial_ceil(market, magnitude(lots_value(market, held + bought)))
    )


cdef bint refuse_order(Books& books, Order* order, Refusal* refusal) noexcept nogil:
    """Refuse an order that margin or limits do not allow; set the margin after it."""
    cdef int32_t account, market_index, leg
    cdef int64_t held, bought
    cdef const Market* market
    order.equity_after_atoms = 0
    order.initial_after_atoms = 0
    if (
        refuse_party(books, FIELD_ACCOUNT_ID, order.account_id, refusal)
        or refuse_unmarked(books, order.market_id, &market_index, refusal)
        or refuse_isolated(order.isolated_market_id, refusal)
        or refuse_account(
            books,
            FIELD_ACCOUNT_ID,
            order.account_id,
            books.markets[market_index].rules.asset,
            &account,
            refusal,
        )
    ):
        return True
    if order.side != SIDE_LONG and order.side != SIDE_SHORT:
        return refuse(refusal, REJECT_REASON_UNKNOWN_ENUM, FIELD_SIDE, order.side, 0)
    market = &books.markets[market_index]
    if refuse_size_and_price(market, order.size_lots, order.price_ticks, refusal):
        return True
    leg = find_leg(books, account, market_index)
    held = 0 if leg < 0 else books.legs[leg].size_lots
    bought = order.size_lots if order.side == SIDE_LONG else -order.size_lots
    margin_after_fill(books, account, market, held, bought, order)
    if held != 0 and (held > 0) != (bought > 0) and order.size_lots <= magnitude(held):
        return False
    if order.reduce_only:
        return refuse_in_detail(
            refusal, REJECT_REASON_NOT_REDUCING, FIELD_REDUCE_ONLY, 1, 0, held
        )
    if is_in_liquidation(&books.accounts[account]):
        return refuse(
            refusal, REJECT_REASON_ACCOUNT_IN_LIQUIDATION, FIELD_ACCOUNT_ID, order.account_id, 0
        )
    if magnitude(held + bought) > market.rules.max_position_lots:
        return refuse(
            refusal,
            REJECT_REASON_OVERFLOW,
            FIELD_SIZE_LOTS,
            order.size_lots,
            market.rules.max_position_lots,
        )
    if leg < 0 and books.accounts[account].leg_count >= MAX_LEGS_PER_ACCOUNT:
        return refuse_leg(refusal, order.market_id, order.account_id)
    return order.equity_after_atoms < order.initial_after_atoms and refuse(
        refusal,
        REJECT_REASON_INSUFFICIENT_MARGIN,
        FIELD_SIZE_LOTS,
        order.initial_after_atoms,
        order.equity_after_atoms,
    )
