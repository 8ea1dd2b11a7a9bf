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
from riskengine.core.base.fixedpoint cimport magnitude
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
    refuse_while_loading,
)
from riskengine.core.margin.assess cimport assess, initial_margin
from riskengine.core.margin.model cimport Change, Risk
from riskengine.core.margin.thresholds cimport lacks_initial
from riskengine.core.margin.what_if cimport initial_if, order_change, what_if


cdef Risk risk_after_fill(
    Books& books, int32_t account, int32_t market, int32_t leg, int64_t bought, Order* order
) noexcept nogil:
    """Return the account's risk after a complete fill; set what the answer says of it (QS-4)."""
    cdef Change change = order_change(books, market, leg, bought, order.price_ticks)
    cdef Risk risk = what_if(books, account, assess(books, account), &change)
    order.equity_after_atoms = risk.equity_atoms
    order.initial_after_atoms = initial_if(
        books, account, initial_margin(books, account), &change
    )
    return risk


cdef bint refuse_order(Books& books, Order* order, Refusal* refusal) noexcept nogil:
    """Refuse an order that margin or limits do not allow; set the margin after it.

    Rules QS-1 to QS-6.
    """
    cdef int32_t account, market_index, leg
    cdef int64_t held, bought
    cdef const Market* market
    cdef Risk after
    order.equity_after_atoms = 0
    order.initial_after_atoms = 0
    if (
        refuse_while_loading(books, refusal)
        or refuse_party(books, FIELD_ACCOUNT_ID, order.account_id, refusal)
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
    after = risk_after_fill(books, account, market_index, leg, bought, order)
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
    return lacks_initial(after, order.initial_after_atoms) and refuse(
        refusal,
        REJECT_REASON_INSUFFICIENT_MARGIN,
        FIELD_SIZE_LOTS,
        order.initial_after_atoms,
        order.equity_after_atoms,
    )
