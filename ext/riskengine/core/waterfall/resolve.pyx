"""What becomes of a leg that the book does not take: take-over or ADL (LS-1 to LS-4, FD-2)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport EVENT_KIND_TAKE_OVER, SIDE_LONG, SIDE_SHORT, STAGE_TAKE_OVER
from riskengine.core.base.expect cimport expect
from riskengine.core.base.fixedpoint cimport least, mul_div_floor
from riskengine.core.books.booking cimport book, book_leg
from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk, add_balance
from riskengine.core.events.event cimport Event
from riskengine.core.losses.allocation cimport Allocation, allocate, report_allocation
from riskengine.core.losses.closeout cimport Closeout
from riskengine.core.losses.queue cimport Queue
from riskengine.core.margin.assess cimport assess
from riskengine.core.margin.emit cimport add_market, add_risk, count_closed, emit
from riskengine.core.margin.model cimport Risk
from riskengine.core.margin.quotes cimport bankruptcy_quote_ceil, close_value
from riskengine.core.margin.thresholds cimport is_bankrupt
from riskengine.core.waterfall.attempts cimport note_shortfall
from riskengine.core.waterfall.fund cimport available, can_take_over
from riskengine.core.waterfall.orders cimport take_fee
from riskengine.core.waterfall.plan cimport Plan, plan_least_close


cdef Closeout describe(Books& books, int32_t leg, int64_t close_lots, Risk risk) noexcept nogil:
    """Return the closing of so many lots of the leg at their bankruptcy quote (LS-1)."""
    cdef Closeout closeout
    closeout.leg = leg
    closeout.account = books.legs[leg].account
    closeout.market = books.legs[leg].market
    closeout.size_lots = books.legs[leg].size_lots
    closeout.close_lots = close_lots
    closeout.quote_atoms = bankruptcy_quote_ceil(books, leg, close_lots, risk)
    return closeout


cdef int64_t fee_after_close(
    Desk& desk, int32_t account, int32_t market, int64_t closed_lots
) noexcept nogil:
    """Take the fee for lots that are closed already, out of the equity since then; return it.

    Rules LS-3, LS-19.
    """
    return take_fee(desk, account, market, closed_lots, assess(desk.books, account).equity_atoms)


cdef void take_over(Desk& desk, const Closeout* closeout, Risk risk) noexcept nogil:
    """Move the lots to the fund at the quote (LS-3)."""
    cdef bint is_long = closeout.size_lots > 0
    cdef int64_t lots = closeout.close_lots if is_long else -closeout.close_lots
    cdef int32_t fund = desk.books.markets[closeout.market].rules.fund_account
    cdef Event* event
    cdef int64_t fee
    book_leg(desk, closeout.leg, -lots, -closeout.quote_atoms)
    book(desk, fund, closeout.market, lots, closeout.quote_atoms)
    fee = fee_after_close(desk, closeout.account, closeout.market, closeout.close_lots)
    count_closed(desk, closeout.market, closeout.close_lots, is_long, STAGE_TAKE_OVER)
    event = emit(desk, EVENT_KIND_TAKE_OVER, closeout.account)
    add_risk(event, risk)
    add_market(desk.books, event, closeout.market, closeout.size_lots)
    event.fund_id = desk.books.markets[closeout.market].rules.fund_id
    event.counterparty_account_id = desk.books.accounts[fund].account_id
    event.side = SIDE_LONG if is_long else SIDE_SHORT
    event.size_lots = closeout.close_lots
    event.quote_atoms = closeout.quote_atoms
    event.fee_atoms = fee


cdef int64_t pay_loss(Desk& desk, Closeout* closeout, Risk fund_risk) noexcept nogil:
    """Have the fund pay what the quote asks for beyond the mark, as far as it can (LS-4).

    A loss is never allocated to counterparties while the fund may still pay.
    """
    cdef int32_t fund = desk.books.markets[closeout.market].rules.fund_account
    cdef int64_t loss = closeout.quote_atoms - close_value(
        &desk.books.markets[closeout.market], closeout.size_lots, closeout.close_lots
    )
    cdef int64_t paid
    if loss <= 0:
        return 0
    paid = least(available(desk.books, fund, fund_risk), loss)
    add_balance(desk, fund, -paid)
    add_balance(desk, closeout.account, paid)
    closeout.quote_atoms -= paid
    return paid


cdef int64_t refund_unused(
    Desk& desk, const Closeout* closeout, int64_t paid_atoms, int64_t closed_lots
) noexcept nogil:
    """Give back what the fund paid for lots that found no counterparty (LS-18).

    Else an account in shortfall would keep its position at the fund's cost.
    """
    # close_lots > 0: nothing else is resolved.
    cdef int64_t unused = paid_atoms - mul_div_floor(paid_atoms, closed_lots, closeout.close_lots)
    add_balance(desk, desk.books.markets[closeout.market].rules.fund_account, unused)
    add_balance(desk, closeout.account, -unused)
    return unused


cdef void allocate_loss(
    Desk& desk, Queue& queue, Closeout* closeout, Risk risk, Risk fund_risk
) noexcept nogil:
    """Have the fund pay and the other side closed; what is left is a shortfall (LS-4, LS-22)."""
    cdef int64_t paid = pay_loss(desk, closeout, fund_risk)
    cdef Allocation allocation = allocate(desk, queue, closeout)
    cdef int64_t fee = 0
    paid -= refund_unused(desk, closeout, paid, allocation.lots)
    desk.totals.engine.insurance_payouts += paid > 0
    desk.totals.assets[desk.books.accounts[closeout.account].asset].insurance_payout_atoms += paid
    if allocation.lots > 0:
        fee = fee_after_close(desk, closeout.account, closeout.market, allocation.lots)
    report_allocation(desk, closeout, risk, &allocation, paid, fee)
    if allocation.lots < closeout.close_lots:
        note_shortfall(desk.books, closeout.account)


cdef Risk resolve(
    Desk& desk, Queue& queue, int32_t leg, int64_t close_lots, Risk risk
) noexcept nogil:
    """Close that much of the leg without the book: the fund takes it, or ADL (LS-1).

    `risk` is the account's before; returns what it is afterwards.
    """
    cdef Closeout closeout = describe(desk.books, leg, close_lots, risk)
    cdef int64_t lots = close_lots if closeout.size_lots > 0 else -close_lots
    cdef Risk fund_risk = assess(
        desk.books, desk.books.markets[closeout.market].rules.fund_account
    )
    expect(close_lots > 0)
    if can_take_over(desk.books, closeout.market, lots, closeout.quote_atoms, fund_risk):
        take_over(desk, &closeout, risk)
    else:
        allocate_loss(desk, queue, &closeout, risk, fund_risk)
    return assess(desk.books, closeout.account)


cdef void deleverage_fund(Desk& desk, Queue& queue, int32_t fund, Risk risk) noexcept nogil:
    """Reduce the inventory of a fund that cannot carry it, at mark while it is solvent.

    Rules FD-2, FD-3.
    """
    cdef Plan plan
    cdef Closeout closeout
    cdef Allocation allocation
    cdef int32_t i
    plan_least_close(desk.books, fund, risk, 0, False, &plan)
    for i in range(plan.count):
        closeout = describe(desk.books, plan.closes[i].leg, plan.closes[i].close_lots, risk)
        if not is_bankrupt(risk):
            closeout.quote_atoms = close_value(
                &desk.books.markets[closeout.market], closeout.size_lots, closeout.close_lots
            )
        allocation = allocate(desk, queue, &closeout)
        report_allocation(desk, &closeout, risk, &allocation, 0, 0)
        risk = assess(desk.books, fund)
