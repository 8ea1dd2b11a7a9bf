"""The report of a venue that is being loaded (LD-10)."""

from libc.stddef cimport size_t
from libc.stdint cimport int64_t
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport int128_t
from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.books cimport Books
from riskengine.core.books.market cimport Market
from riskengine.core.commands.judgement cimport Case, Foresight, foresee, waits_until_nanos
from riskengine.core.commands.load_mode cimport refuse_going_live
from riskengine.core.face.outcome cimport rejection_view
from riskengine.core.margin.thresholds cimport is_bankrupt
from riskengine.core.types import (
    AccountRisk,
    ForeseenAccounts,
    LoadedMarket,
    LoadReport,
    WaitingAccount,
    WaitingAccounts,
)

cdef enum:
    MOST_NAMED = 100  # accounts of each kind


cdef object risk_view(const Case* case):
    """Return the AccountRisk of an account."""
    return AccountRisk(
        case.name.account_id,
        case.name.asset_id,
        case.name.isolated_market_id,
        case.risk.equity_atoms,
        case.risk.maintenance_atoms,
    )


cdef object foreseen_view(vector[Case]& cases, bint bankrupt_alone):
    """Return ForeseenAccounts of all cases, or of those whose equity is negative."""
    cdef size_t i
    cdef list named = []
    cdef size_t count = 0
    for i in range(cases.size()):
        if bankrupt_alone and not is_bankrupt(cases[i].risk):
            continue
        count += 1
        if count <= MOST_NAMED:
            named.append(risk_view(&cases[i]))
    return ForeseenAccounts(count, named)


cdef object waiting_view(Books& books, int64_t time_nanos, vector[Case]& cases):
    """Return WaitingAccounts of all cases."""
    cdef size_t i
    cdef list named = []
    cdef size_t bankrupt = 0
    for i in range(cases.size()):
        bankrupt += is_bankrupt(cases[i].risk)
        if i < MOST_NAMED:
            named.append(
                WaitingAccount(
                    *risk_view(&cases[i]), waits_until_nanos(books, cases[i].account, time_nanos)
                )
            )
    return WaitingAccounts(cases.size(), bankrupt, named)


cdef list market_costs(Books& books):
    """Return the sum of the costs of each market's positions, as the markets were made."""
    cdef vector[int128_t] sums
    cdef size_t i
    sums.resize(books.markets.size())
    for i in range(books.legs.size()):
        if books.legs[i].account >= 0:
            sums[books.legs[i].market] += books.legs[i].cost_atoms
    return [sums[i] for i in range(sums.size())]


cdef object loaded_market_view(const Market* market, object cost_atoms):
    """Return the LoadedMarket of a market."""
    return LoadedMarket(
        market.rules.market_id,
        market.now.mark_price_ticks,
        market.now.long_lots,
        market.now.short_lots,
        market.now.long_lots - market.now.short_lots,
        cost_atoms,
    )


cdef object load_report_view(Books& books, int64_t time_nanos):
    """Return the LoadReport as of a time; it assesses every account."""
    cdef Foresight foresight
    cdef Refusal refusal
    cdef size_t i
    cdef list costs = market_costs(books)
    cdef bint is_refused = refuse_going_live(books, False, &refusal)
    foresee(books, time_nanos, foresight)
    markets = [
        loaded_market_view(&books.markets[i], costs[i]) for i in range(books.markets.size())
    ]
    return LoadReport(
        sorted(markets),
        foreseen_view(foresight.calls, False),
        foreseen_view(foresight.candidates, False),
        foreseen_view(foresight.candidates, True),
        waiting_view(books, time_nanos, foresight.waiting),
        rejection_view(0, &refusal) if is_refused else None,
    )
