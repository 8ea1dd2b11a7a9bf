"""The second verb: what an account would be worth, and what required of it, after one change."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport greatest
from riskengine.core.books.books cimport Books
from riskengine.core.books.market cimport Market
from riskengine.core.margin.model cimport Change, Risk
from riskengine.core.margin.requirement cimport leg_initial_ceil, leg_maintenance_ceil
from riskengine.core.margin.value cimport lots_value, value_at


cdef inline Change balance_change(int64_t atoms) noexcept nogil:
    """Return the change that adds so much to the balance."""
    cdef Change change
    change.balance_change_atoms = atoms
    change.bought_lots = 0
    change.paid_atoms = 0
    change.unit_value_atoms = 0
    change.market = -1
    change.leg = -1
    return change


cdef inline Change trade_change(
    Books& books, int32_t market, int32_t leg, int64_t bought_lots, int64_t paid_atoms
) noexcept nogil:
    """Return the change that acquires lots for what is paid, both signed.

    `leg` is the account's in the market, -1 when it is flat.
    """
    cdef Change change = balance_change(0)
    change.bought_lots = bought_lots
    change.paid_atoms = paid_atoms
    change.unit_value_atoms = books.markets[market].now.unit_value_atoms
    change.market = market
    change.leg = leg
    return change


cdef inline Change order_change(
    Books& books, int32_t market, int32_t leg, int64_t bought_lots, int64_t price_ticks
) noexcept nogil:
    """Return the change that fills an order at its limit price (QS-4).

    The loss at once of a price through the mark counts, a gain does not.
    """
    cdef int64_t at_limit = value_at(
        bought_lots, price_ticks * books.markets[market].rules.multiplier_atoms
    )
    cdef int64_t at_mark = lots_value(&books.markets[market], bought_lots)
    return trade_change(books, market, leg, bought_lots, greatest(at_limit, at_mark))


cdef inline Change price_change(Books& books, int32_t leg, int64_t price_ticks) noexcept nogil:
    """Return the change that moves the mark of the leg's market to that price."""
    cdef int32_t market = books.legs[leg].market
    cdef Change change = trade_change(books, market, leg, 0, 0)
    change.unit_value_atoms = price_ticks * books.markets[market].rules.multiplier_atoms
    return change


cdef inline int64_t held_before(Books& books, const Change* change) noexcept nogil:
    """Return the signed lots that the account has in the change's market; 0 when it is flat."""
    return 0 if change.leg < 0 else books.legs[change.leg].size_lots


cdef inline Risk what_if(
    Books& books, int32_t account, Risk now, const Change* change
) noexcept nogil:
    """Return equity and maintenance after the change; `now` is as assessed before it.

    E' = E + balance + size * (mark' - mark) + bought * mark' - paid
    M' = M - MM(|size| * mark) + MM(|size + bought| * mark')
    """
    cdef const Market* market
    cdef int64_t held
    now.equity_atoms += change.balance_change_atoms
    if change.market < 0:
        return now
    market = &books.markets[change.market]
    held = held_before(books, change)
    now.equity_atoms += (
        value_at(held + change.bought_lots, change.unit_value_atoms)
        - lots_value(market, held)
        - change.paid_atoms
    )
    now.maintenance_atoms += leg_maintenance_ceil(
        market, held + change.bought_lots, change.unit_value_atoms
    ) - leg_maintenance_ceil(market, held, market.now.unit_value_atoms)
    return now


cdef inline int64_t initial_if(
    Books& books, int32_t account, int64_t initial_atoms, const Change* change
) noexcept nogil:
    """Return the initial margin after the change, from that before it (QS-4).

    I' = I - IM(|size| * mark) + IM(|size + bought| * mark')
    """
    cdef const Market* market
    cdef int64_t held
    if change.market < 0:
        return initial_atoms
    market = &books.markets[change.market]
    held = held_before(books, change)
    return (
        initial_atoms
        - leg_initial_ceil(market, held, market.now.unit_value_atoms)
        + leg_initial_ceil(market, held + change.bought_lots, change.unit_value_atoms)
    )


cdef int64_t withdrawable(Books& books, int32_t account, Risk risk) noexcept nogil
