"""What is told of an allocation: its pairs, and what became of each need (LS-16, LS-20)."""

from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.base.codes cimport (
    ACCOUNT_STATE_LIQUIDATING,
    EVENT_KIND_AUTO_DELEVERAGE,
    EVENT_KIND_LOSS_ALLOCATION,
    SIDE_LONG,
    SIDE_SHORT,
)
from riskengine.core.books.desk cimport Desk
from riskengine.core.events.event cimport Event
from riskengine.core.losses.need cimport Need, closes_long
from riskengine.core.losses.pairing cimport Pair
from riskengine.core.losses.share cimport Share
from riskengine.core.margin.emit cimport add_market, add_risk, emit
from riskengine.core.margin.quotes cimport close_value, quote_price_floor


cdef Event* tell_pair(
    Desk& desk,
    int32_t account,
    int32_t counterparty,
    int32_t market,
    int64_t size_lots,
    int64_t lots,
    int64_t loss_atoms,
) noexcept nogil:
    """Tell that so many lots of a counterparty were closed against an account (LS-16).

    The position is the counterparty's of before; the pointer is good until the next event.
    """
    cdef Event* event = emit(desk, EVENT_KIND_AUTO_DELEVERAGE, account)
    add_market(desk.books, event, market, size_lots)
    event.counterparty_account_id = desk.books.accounts[counterparty].account_id
    event.side = SIDE_LONG if size_lots > 0 else SIDE_SHORT
    event.size_lots = lots
    event.loss_atoms = loss_atoms
    event.quote_atoms = (
        close_value(&desk.books.markets[market], size_lots, lots) - loss_atoms
    )
    event.price_ticks = quote_price_floor(
        &desk.books.markets[market], size_lots, lots, event.quote_atoms
    )
    return event


cdef void tell_netted(Desk& desk, vector[Need]& needs, const Pair* pair) noexcept nogil:
    """Tell which needs were closed against each other, at the mark; nobody was chosen (LS-6)."""
    cdef const Need* other = &needs[pair.other]
    add_risk(
        tell_pair(
            desk,
            needs[pair.need].account,
            other.account,
            other.market,
            other.size_lots,
            pair.lots,
            0,
        ),
        other.before,
    )


cdef void tell_share(
    Desk& desk,
    vector[Need]& needs,
    const vector[Share]& shares,
    const Pair* pair,
    int64_t paid_atoms,
) noexcept nogil:
    """Tell a pair of a holder, and what of the loss it paid in it (LS-16)."""
    cdef const Share* share = &shares[pair.other]
    cdef Event* event = tell_pair(
        desk,
        needs[pair.need].account,
        share.account,
        share.market,
        share.size_lots,
        pair.lots,
        paid_atoms,
    )
    add_risk(event, share.before)
    event.rank = <int64_t>pair.other + 1
    event.score_ppm = share.score_ppm
    event.policy = desk.books.markets[share.market].rules.loss_policy


cdef bint is_worth_telling(Desk& desk, const Need* need) noexcept nogil:
    """Return whether something came of the need, or its account waits for what does (LS-20).

    A bankrupt account and a fund ask at each mark: that nobody came is not told each time.
    """
    return (
        need.closed_lots > 0
        or need.fund_atoms > 0
        or need.received_atoms > 0
        or desk.books.accounts[need.account].state == ACCOUNT_STATE_LIQUIDATING
    )


cdef void tell_need(Desk& desk, const Need* need, int32_t skipped) noexcept nogil:
    """Tell what became of a need, with its account's evidence of before, and count it (LS-20)."""
    cdef Event* event
    if not is_worth_telling(desk, need):
        return
    event = emit(desk, EVENT_KIND_LOSS_ALLOCATION, need.account)
    add_risk(event, need.before)
    add_market(desk.books, event, need.market, need.size_lots)
    event.side = SIDE_LONG if closes_long(need) else SIDE_SHORT
    event.policy = desk.books.markets[need.market].rules.loss_policy
    event.needed_lots = need.needed_lots
    event.size_lots = need.closed_lots
    event.touched_accounts = need.pairs
    event.skipped_accounts = skipped
    event.quote_atoms = close_value(
        &desk.books.markets[need.market], need.size_lots, need.closed_lots
    )
    event.loss_atoms = need.share_atoms
    event.amount_atoms = need.fund_atoms
    event.discount_atoms = need.discount_atoms
    event.haircut_atoms = need.received_atoms
    desk.totals.markets[need.market].allocations += 1
