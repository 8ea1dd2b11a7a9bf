"""Take-over: the fund gets lots of an account at the mark, and a discount (LS-2, LS-3)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport EVENT_KIND_TAKE_OVER, SIDE_LONG, SIDE_SHORT, STAGE_TAKE_OVER
from riskengine.core.base.expect cimport expect
from riskengine.core.base.fixedpoint cimport least
from riskengine.core.books.booking cimport book, book_leg
from riskengine.core.books.desk cimport Desk
from riskengine.core.events.event cimport Event
from riskengine.core.losses.discount cimport discount_floor, fund_room, pay_fund
from riskengine.core.margin.emit cimport add_market, add_risk, count_closed, emit
from riskengine.core.margin.model cimport Risk
from riskengine.core.margin.quotes cimport close_value
from riskengine.core.margin.release cimport release
from riskengine.core.waterfall.fund cimport can_take_over


cdef inline int64_t signed_lots(Desk& desk, const Offer* offered) noexcept nogil:
    """Return the offered lots, signed as the leg is."""
    return offered.lots if desk.books.legs[offered.leg].size_lots > 0 else -offered.lots


cdef Offer offer(Desk& desk, int32_t leg, int64_t lots, Risk risk) noexcept nogil:
    """Return the offer of so many lots of a leg to its market's fund (LS-3).

    `risk` is the account's as of the pass's begin.
    """
    cdef Offer offered
    expect(lots > 0)
    offered.leg = leg
    offered.lots = lots
    offered.discount_atoms = least(
        discount_floor(
            desk.books,
            desk.books.legs[leg].market,
            lots,
            release(desk.books, leg, lots),
            risk,
        ),
        fund_room(desk.books, desk.books.legs[leg].market),
    )
    return offered


cdef bint is_taken(Desk& desk, const Offer* offered) noexcept nogil:
    """Return whether the fund can take what is offered, and carry it (LS-2)."""
    return can_take_over(
        desk.books,
        desk.books.legs[offered.leg].market,
        signed_lots(desk, offered),
        offered.discount_atoms,
    )


cdef void take_over(Desk& desk, const Offer* offered, Risk risk) noexcept nogil:
    """Move the lots to the fund at the mark, and pay it the discount (LS-3)."""
    cdef int32_t account = desk.books.legs[offered.leg].account
    cdef int32_t market = desk.books.legs[offered.leg].market
    cdef int32_t fund = desk.books.markets[market].rules.fund_account
    cdef int64_t size = desk.books.legs[offered.leg].size_lots
    cdef int64_t lots = signed_lots(desk, offered)
    cdef int64_t value = close_value(&desk.books.markets[market], size, offered.lots)
    cdef int64_t discount
    cdef Event* event
    book_leg(desk, offered.leg, -lots, -value)
    book(desk, fund, market, lots, value)
    discount = pay_fund(desk, account, market, offered.discount_atoms)
    desk.totals.markets[market].discounts_atoms += discount
    count_closed(desk, market, offered.lots, size > 0, STAGE_TAKE_OVER)
    event = emit(desk, EVENT_KIND_TAKE_OVER, account)
    add_risk(event, risk)
    add_market(desk.books, event, market, size)
    event.fund_id = desk.books.markets[market].rules.fund_id
    event.counterparty_account_id = desk.books.accounts[fund].account_id
    event.side = SIDE_LONG if size > 0 else SIDE_SHORT
    event.size_lots = offered.lots
    event.quote_atoms = value
    event.discount_atoms = discount
