"""Guards of trades that name a liquidation order, open or kept for late fills (GD-12, WF-28)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    FIELD_BUYER_ACCOUNT_ID,
    FIELD_LIQUIDATION_ID,
    FIELD_PRICE_TICKS,
    FIELD_SELLER_ACCOUNT_ID,
    FIELD_SIZE_LOTS,
    LIQUIDATION_OUTCOME_UNSPECIFIED,
    REJECT_REASON_LIQUIDATION_MISMATCH,
    REJECT_REASON_LIQUIDATION_OVERFILL,
    REJECT_REASON_LIQUIDATION_PRICE,
    REJECT_REASON_LIQUIDATION_SIDE,
    SIDE_SHORT,
    SIDE_UNSPECIFIED,
)
from riskengine.core.base.fixedpoint cimport greatest
from riskengine.core.base.refusal cimport Refusal, refuse, refuse_in_detail
from riskengine.core.books.books cimport Books, EndedOrder, LiquidationOrder, find_account
from riskengine.core.commands.guards cimport lots_held, refuse_unknown_liquidation
from riskengine.core.waterfall.late_fills cimport find_ended, lots_of_fund
from riskengine.core.waterfall.orders cimport find_order


cdef struct Named:  # what of an order, open or ended, a fill of it has to fit
    int32_t account
    int32_t market
    int32_t side
    int64_t limit_price_ticks
    int64_t unfilled_lots


cdef Named name_open(const LiquidationOrder* order) noexcept nogil:
    """Return what a fill of an open order has to fit."""
    cdef Named named
    named.account = order.account
    named.market = order.market
    named.side = order.side
    named.limit_price_ticks = order.limit_price_ticks
    named.unfilled_lots = order.size_lots - order.filled_lots
    return named


cdef Named name_ended(Books& books, const EndedOrder* ended) noexcept nogil:
    """Return what a late fill of an ended order has to fit; its account is -1 when it is gone."""
    cdef Named named
    named.account = find_account(books, ended.account_id, ended.asset, ended.isolated_market)
    named.market = ended.market
    named.side = ended.side
    named.limit_price_ticks = ended.limit_price_ticks
    named.unfilled_lots = ended.unfilled_lots
    return named


cdef bint is_of_gone(
    Books& books, const Trade* trade, int64_t account_id, int32_t side
) noexcept nogil:
    """Return whether a trade is a late fill of an order of that side of an account that is closed.

    Rule WF-28.
    """
    cdef int64_t place = find_ended(books, trade.liquidation_id)
    cdef const EndedOrder* ended
    if place < 0:
        return False
    ended = &books.ended_orders[<size_t>place]
    return (
        ended.account_id == account_id and ended.side == side and ended.market == trade.market
    )


cdef bint refuse_wrong_side(
    const Named* named, const Trade* trade, Refusal* refusal
) noexcept nogil:
    """Refuse a fill of another market or account, or with its account on the other side (GD-12)."""
    if named.market != trade.market or (
        named.account != trade.buyer and named.account != trade.seller
    ):
        return refuse(
            refusal,
            REJECT_REASON_LIQUIDATION_MISMATCH,
            FIELD_LIQUIDATION_ID,
            trade.liquidation_id,
            0,
        )
    if named.side == SIDE_SHORT:
        return named.account == trade.buyer and refuse_in_detail(
            refusal,
            REJECT_REASON_LIQUIDATION_SIDE,
            FIELD_BUYER_ACCOUNT_ID,
            trade.buyer_account_id,
            named.side,
            trade.liquidation_id,
        )
    return named.account == trade.seller and refuse_in_detail(
        refusal,
        REJECT_REASON_LIQUIDATION_SIDE,
        FIELD_SELLER_ACCOUNT_ID,
        trade.seller_account_id,
        named.side,
        trade.liquidation_id,
    )


cdef inline bint is_worse(int64_t price_ticks, const Named* named) noexcept nogil:
    """Return whether a price is worse for the order's account than its limit."""
    if named.side == SIDE_SHORT:
        return price_ticks < named.limit_price_ticks
    return price_ticks > named.limit_price_ticks


cdef bint refuse_fill(const Named* named, const Trade* trade, Refusal* refusal) noexcept nogil:
    """Refuse a fill of more than is unfilled, or at a price worse than the limit (GD-12)."""
    if trade.size_lots > named.unfilled_lots:
        return refuse_in_detail(
            refusal,
            REJECT_REASON_LIQUIDATION_OVERFILL,
            FIELD_SIZE_LOTS,
            trade.size_lots,
            named.unfilled_lots,
            trade.liquidation_id,
        )
    return is_worse(trade.price_ticks, named) and refuse_in_detail(
        refusal,
        REJECT_REASON_LIQUIDATION_PRICE,
        FIELD_PRICE_TICKS,
        trade.price_ticks,
        named.limit_price_ticks,
        trade.liquidation_id,
    )


cdef void split_late_fill(Books& books, Trade* trade, const Named* named) noexcept nogil:
    """Set what of a late fill is the account's, and what the fund's (WF-28).

    A fund that is the other side as well keeps what both sides of it would exchange. One that is in
    the place of an account that is closed has all.
    """
    cdef bint is_selling = named.side == SIDE_SHORT
    cdef int64_t held = lots_held(books, named.account, named.market)
    cdef int64_t kept
    if trade.gone_side != SIDE_UNSPECIFIED:
        trade.fund_lots = trade.size_lots
        return
    trade.fund = books.markets[trade.market].rules.fund_account
    trade.fund_lots = lots_of_fund(
        books,
        trade.ended,
        trade.size_lots,
        greatest(0, held if is_selling else -held),
    )
    kept = trade.size_lots - trade.fund_lots
    if trade.fund == (trade.buyer if is_selling else trade.seller):
        trade.fund = -1
        trade.buyer_lots = kept
        trade.seller_lots = kept
    elif is_selling:
        trade.seller_lots = kept
    else:
        trade.buyer_lots = kept
    if trade.fund_lots == 0:
        trade.fund = -1


cdef bint refuse_late_fill(Books& books, Trade* trade, Refusal* refusal) noexcept nogil:
    """Refuse a fill of an ended order that is not kept or that it does not fit; else split it.

    Where none are kept it is an ordinary trade. Rule WF-28.
    """
    cdef Named named
    if books.parameters.late_fill_millis == 0:
        return False
    trade.ended = find_ended(books, trade.liquidation_id)
    if trade.ended < 0:
        return refuse_unknown_liquidation(books, trade.liquidation_id, refusal)
    named = name_ended(books, &books.ended_orders[<size_t>trade.ended])
    if trade.gone_side != SIDE_UNSPECIFIED:
        named.account = trade.seller if trade.gone_side == SIDE_SHORT else trade.buyer
    if refuse_wrong_side(&named, trade, refusal) or refuse_fill(&named, trade, refusal):
        return True
    split_late_fill(books, trade, &named)
    return False


cdef bint fills_whole(Books& books, const Trade* trade) noexcept nogil:
    """Return whether a trade is of all that is unfilled of the order that it names (GD-12).

    An open one, or an ended one that is kept: the step may have been raised since it was issued.
    """
    cdef int64_t place
    cdef int32_t order = find_order(books, trade.liquidation_id)
    if order >= 0 and books.orders[order].outcome == LIQUIDATION_OUTCOME_UNSPECIFIED:
        return trade.size_lots == books.orders[order].size_lots - books.orders[order].filled_lots
    place = find_ended(books, trade.liquidation_id)
    return (
        place >= 0 and trade.size_lots == books.ended_orders[<size_t>place].unfilled_lots
    )


cdef bint refuse_liquidation(Books& books, Trade* trade, Refusal* refusal) noexcept nogil:
    """Refuse a fill of an order that is not known or that it does not fit; find the order.

    Rules GD-12, WF-28.
    """
    cdef const LiquidationOrder* order
    cdef Named named
    if trade.liquidation_id < 0 or trade.liquidation_id > books.last_liquidation_id:
        return refuse_unknown_liquidation(books, trade.liquidation_id, refusal)
    trade.order = find_order(books, trade.liquidation_id)
    if trade.order < 0:
        return refuse_late_fill(books, trade, refusal)
    order = &books.orders[trade.order]
    if order.outcome != LIQUIDATION_OUTCOME_UNSPECIFIED:
        trade.order = -1
        return refuse_late_fill(books, trade, refusal)
    named = name_open(order)
    return refuse_wrong_side(&named, trade, refusal) or refuse_fill(&named, trade, refusal)
