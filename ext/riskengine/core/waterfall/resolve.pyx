"""What becomes of a leg that the book does not take: take-over or ADL (SEMANTICS 7.4, 7.5)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    EVENT_KIND_LOSS_ALLOCATION,
    EVENT_KIND_TAKE_OVER,
    SIDE_LONG,
    SIDE_SHORT,
    STAGE_TAKE_OVER,
)
from riskengine.core.base.fixedpoint cimport least, mul_div_floor
from riskengine.core.books.booking cimport book
from riskengine.core.books.state cimport Event, State, add_balance, find_position
from riskengine.core.losses.adl cimport Allocated, deleverage
from riskengine.core.losses.candidates cimport Exchange
from riskengine.core.margin.assess cimport Risk, assess
from riskengine.core.margin.emit cimport add_market, add_risk, count_closed, emit
from riskengine.core.margin.quotes cimport bankruptcy_quote_ceil, close_value
from riskengine.core.waterfall.fund cimport available, can_take_over
from riskengine.core.waterfall.orders cimport take_fee
from riskengine.core.waterfall.plan cimport Plan, plan_least_close


cdef Exchange describe(
    State& state, int32_t account, int32_t market, int64_t close_lots, Risk risk
) noexcept nogil:
    cdef Exchange exchange
    exchange.account = account
    exchange.market = market
    exchange.size_lots = state.positions[find_position(state, account, market)].size_lots
    exchange.close_lots = close_lots
    exchange.quote_atoms = bankruptcy_quote_ceil(
        &state.markets[market], exchange.size_lots, close_lots, risk
    )
    return exchange


cdef int64_t fee_after_close(
    State& state, int32_t account, int32_t market, int64_t closed_lots
) noexcept nogil:
    return take_fee(state, account, market, closed_lots, assess(state, account).equity_atoms)


cdef void take_over(State& state, const Exchange* exchange, Risk risk) noexcept nogil:
    """Move the lots to the fund at the quote."""
    cdef bint is_long = exchange.size_lots > 0
    cdef int64_t lots = exchange.close_lots if is_long else -exchange.close_lots
    cdef int32_t fund = state.markets[exchange.market].fund_account
    cdef Event* event
    cdef int64_t fee
    book(state, exchange.account, exchange.market, -lots, -exchange.quote_atoms)
    book(state, fund, exchange.market, lots, exchange.quote_atoms)
    fee = fee_after_close(state, exchange.account, exchange.market, exchange.close_lots)
    count_closed(state, exchange.market, exchange.close_lots, is_long, STAGE_TAKE_OVER)
    event = emit(state, EVENT_KIND_TAKE_OVER, exchange.account)
    add_risk(event, risk)
    add_market(state, event, exchange.market, exchange.size_lots)
    event.fund_id = state.markets[exchange.market].fund_id
    event.counterparty_account_id = state.accounts[fund].account_id
    event.side = SIDE_LONG if is_long else SIDE_SHORT
    event.size_lots = exchange.close_lots
    event.quote_atoms = exchange.quote_atoms
    event.fee_atoms = fee


cdef void report_allocation(
    State& state,
    const Exchange* exchange,
    Risk risk,
    const Allocated* allocated,
    int64_t fund_payment_atoms,
    int64_t fee_atoms,
) noexcept nogil:
    cdef Event* event = emit(state, EVENT_KIND_LOSS_ALLOCATION, exchange.account)
    add_risk(event, risk)
    add_market(state, event, exchange.market, exchange.size_lots)
    event.side = SIDE_LONG if exchange.size_lots > 0 else SIDE_SHORT
    event.policy = state.markets[exchange.market].loss_policy
    event.needed_lots = exchange.close_lots
    event.size_lots = allocated.lots
    event.touched_accounts = allocated.touched
    event.skipped_accounts = allocated.skipped
    event.quote_atoms = allocated.received_atoms
    event.amount_atoms = fund_payment_atoms
    event.fee_atoms = fee_atoms
    event.haircut_atoms = allocated.haircut_atoms
    state.market_totals[exchange.market].allocations += 1


cdef int64_t pay_loss(State& state, Exchange* exchange) noexcept nogil:
    """Have the fund pay what the quote asks for beyond the mark, as far as it can.

    A loss is never allocated to counterparties while the fund may still pay.
    """
    cdef int32_t fund = state.markets[exchange.market].fund_account
    cdef int64_t loss = exchange.quote_atoms - close_value(
        &state.markets[exchange.market], exchange.size_lots, exchange.close_lots
    )
    cdef int64_t paid
    if loss <= 0:
        return 0
    paid = least(available(state, fund), loss)
    add_balance(state, fund, -paid)
    add_balance(state, exchange.account, paid)
    exchange.quote_atoms -= paid
    return paid


cdef int64_t refund_unused(
    State& state, const Exchange* exchange, int64_t paid_atoms, int64_t closed_lots
) noexcept nogil:
    """Give back what the fund paid for lots that found no counterparty.

    Else an account in shortfall would keep its position at the fund's cost.
    """
    cdef int64_t unused = paid_atoms - mul_div_floor(paid_atoms, closed_lots, exchange.close_lots)
    add_balance(state, state.markets[exchange.market].fund_account, unused)
    add_balance(state, exchange.account, -unused)
    return unused


cdef void allocate_loss(State& state, Exchange* exchange, Risk risk) noexcept nogil:
    cdef int64_t paid = pay_loss(state, exchange)
    cdef Allocated allocated = deleverage(state, exchange)
    cdef int64_t fee = 0
    paid -= refund_unused(state, exchange, paid, allocated.lots)
    state.totals.insurance_payouts += paid > 0
    state.totals.insurance_payout_atoms += paid
    if allocated.lots > 0:
        fee = fee_after_close(state, exchange.account, exchange.market, allocated.lots)
    report_allocation(state, exchange, risk, &allocated, paid, fee)
    if allocated.lots < exchange.close_lots and not state.accounts[exchange.account].shortfall:
        state.accounts[exchange.account].shortfall = 1
        state.shortfall_accounts += 1


cdef void resolve(
    State& state, int32_t account, int32_t market, int64_t close_lots
) noexcept nogil:
    """Close that much of the account's leg without the book: the fund takes it, or ADL."""
    cdef Risk risk = assess(state, account)
    cdef Exchange exchange = describe(state, account, market, close_lots, risk)
    cdef int64_t lots = close_lots if exchange.size_lots > 0 else -close_lots
    if can_take_over(state, market, lots, exchange.quote_atoms):
        take_over(state, &exchange, risk)
    else:
        allocate_loss(state, &exchange, risk)


cdef void deleverage_fund(State& state, int32_t fund) noexcept nogil:
    """Reduce the inventory of a fund that cannot carry it, at mark while it is solvent."""
    cdef Plan plan
    cdef Risk risk
    cdef Exchange exchange
    cdef Allocated allocated
    cdef int32_t i
    plan_least_close(state, fund, 0, False, &plan)
    for i in range(plan.count):
        risk = assess(state, fund)
        exchange = describe(state, fund, plan.legs[i].market, plan.legs[i].close_lots, risk)
        if risk.equity_atoms >= 0:
            exchange.quote_atoms = close_value(
                &state.markets[exchange.market], exchange.size_lots, exchange.close_lots
            )
        allocated = deleverage(state, &exchange)
        report_allocation(state, &exchange, risk, &allocated, 0, 0)
