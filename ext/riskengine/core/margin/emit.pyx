"""Events of the running command, numbered without gaps."""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from riskengine.core.books.books cimport AccountName, Books, name_of
from riskengine.core.books.desk cimport ClosedTotals, Desk
from riskengine.core.events.event cimport Event
from riskengine.core.margin.tiers cimport tier_of
from riskengine.core.margin.value cimport lots_value, notional_of


cdef Event* emit(Desk& desk, int64_t kind, int32_t account) noexcept nogil:
    """Add an event about the account; the pointer is good until the next call."""
    cdef Event* event
    cdef AccountName name
    desk.running.events.resize(desk.running.events.size() + 1)
    event = &desk.running.events.back()
    memset(event, 0, sizeof(Event))
    desk.books.instruction_sequence += 1
    event.kind = kind
    event.instruction_sequence = desk.books.instruction_sequence
    event.sequence = desk.books.sequence
    event.time_nanos = desk.books.time_nanos
    name = name_of(desk.books, account)
    event.account_id = name.account_id
    event.asset_id = name.asset_id
    event.isolated_market_id = name.isolated_market_id
    return event


cdef void add_risk(Event* event, Risk risk) noexcept nogil:
    """Add equity and maintenance to the evidence."""
    event.equity_atoms = risk.equity_atoms
    event.maintenance_atoms = risk.maintenance_atoms


cdef void add_market(
    Books& books, Event* event, int32_t market, int64_t position_lots
) noexcept nogil:
    """Add the market, its mark, and the position with its tier to the evidence."""
    event.market_id = books.markets[market].rules.market_id
    event.mark_price_ticks = books.markets[market].now.mark_price_ticks
    event.position_lots = position_lots
    event.tier = tier_of(
        &books.markets[market], notional_of(&books.markets[market], position_lots)
    )


cdef void count_closed(
    Desk& desk, int32_t market, int64_t closed_lots, bint was_long, int32_t stage
) noexcept nogil:
    """Count a forced close for the metrics."""
    cdef ClosedTotals* totals = &desk.totals.markets[market].closed[
        stage * 2 + (0 if was_long else 1)
    ]
    totals.closes += 1
    totals.lots += closed_lots
    totals.notional_atoms += lots_value(&desk.books.markets[market], closed_lots)
