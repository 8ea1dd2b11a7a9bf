"""Insurance funds as Python values, for questions."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.books cimport Books, FundWindow, MarketPayouts
from riskengine.core.books.fund_window cimport (
    NOTHING_NOTED,
    first_slot,
    paid_for,
    place_of,
    window_of,
)
from riskengine.core.books.limits cimport FUND_ACCOUNT_BASE, SLOT_NANOS
from riskengine.core.losses.means cimport is_stopped_now, noted_equity, peak_equity
from riskengine.core.margin.assess cimport assess, gross_notional
from riskengine.core.margin.model cimport Risk
from riskengine.core.types import FundView
from riskengine.core.windows import FundSlot, FundWindowView, MarketPayoutsView, PayoutSlot


cdef object paid_by(Books& books, int32_t fund):
    """Return what a fund has paid for losses and debts of its markets in the window (FD-10).

    In atoms, at most what fits 64 bits.
    """
    cdef size_t i
    total = 0
    for i in range(books.markets.size()):
        if books.markets[i].rules.fund_account == fund:
            total += paid_for(books, <int32_t>i)
    return min(total, (1 << 63) - 1)


cdef object fund_window(Books& books, int32_t fund):
    """Return a FundWindow: the slots in which something was noted, oldest first."""
    cdef const FundWindow* window = window_of(books, fund)
    cdef int64_t slot
    return FundWindowView(
        books.accounts[fund].account_id - FUND_ACCOUNT_BASE,
        tuple(
            [
                FundSlot(slot * SLOT_NANOS, window.peak_atoms[place_of(slot)])
                for slot in range(first_slot(books.noted_slot), books.noted_slot + 1)
                if window.peak_atoms[place_of(slot)] != NOTHING_NOTED
            ]
        ),
    )


cdef object market_payouts(Books& books, int32_t market):
    """Return a MarketPayoutsView: the slots in which something was paid, oldest first."""
    cdef const MarketPayouts* payouts = &books.market_payouts[market]
    cdef int64_t slot
    return MarketPayoutsView(
        books.markets[market].rules.market_id,
        tuple(
            [
                PayoutSlot(slot * SLOT_NANOS, payouts.paid_atoms[place_of(slot)])
                for slot in range(first_slot(books.noted_slot), books.noted_slot + 1)
                if payouts.paid_atoms[place_of(slot)] != 0
            ]
        ),
    )


cdef object fund_view(Books& books, int32_t fund):
    """Return a FundView; it is stopped if it would be when it is asked now (FD-11)."""
    cdef Risk risk = assess(books, fund)
    cdef int64_t peak = peak_equity(books, fund, risk)
    cdef int64_t noted = noted_equity(books, fund, risk)
    return FundView(
        books.accounts[fund].account_id - FUND_ACCOUNT_BASE,
        books.assets[books.accounts[fund].asset].asset_id,
        books.accounts[fund].account_id,
        books.accounts[fund].balance_atoms,
        risk.equity_atoms,
        risk.maintenance_atoms,
        gross_notional(books, fund),
        peak,
        is_stopped_now(books, fund, noted, peak),
        paid_by(books, fund),
        noted,
    )
