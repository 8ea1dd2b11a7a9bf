"""Which legs to close, and how much of each (WF-1, WF-5 to WF-8)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport (
    PPM,
    greatest,
    int128_t,
    least,
    magnitude,
    round_down_to,
    round_up_to,
)
from riskengine.core.books.books cimport Books, Leg
from riskengine.core.books.market cimport Market
from riskengine.core.margin.model cimport Risk
from riskengine.core.margin.release cimport release
from riskengine.core.margin.thresholds cimport surplus
from riskengine.core.margin.value cimport lots_value


cdef bint goes_before(const Close* a, const Close* b) noexcept nogil:
    """Order of legs: maintenance descending, then market id ascending (WF-1)."""
    if a.maintenance_atoms != b.maintenance_atoms:
        return a.maintenance_atoms > b.maintenance_atoms
    return a.market_id < b.market_id


cdef void plan_whole(Books& books, int32_t account, Plan* plan) noexcept nogil:
    """List all legs, whole: largest maintenance margin first, then by market id (WF-1)."""
    cdef const Leg* leg
    cdef Close close
    cdef int32_t at
    cdef int32_t index = books.accounts[account].first_leg
    plan.count = 0
    while index >= 0:
        leg = &books.legs[index]
        close.leg = index
        close.market_id = books.markets[leg.market].rules.market_id
        close.close_lots = magnitude(leg.size_lots)
        close.maintenance_atoms = release(books, index, close.close_lots)
        close.unsliced_lots = close.close_lots
        close.sliced = 0
        at = plan.count
        while at > 0 and goes_before(&close, &plan.closes[at - 1]):
            plan.closes[at] = plan.closes[at - 1]
            at -= 1
        plan.closes[at] = close
        plan.count += 1
        index = leg.next_leg


cdef int64_t least_release(
    Books& books, int32_t leg, int128_t weight, int128_t need, int64_t too_little
) noexcept nogil:
    """Return the least q above `too_little` with weight * release(q) >= need, by bisection.

    The whole leg has it, and `too_little` has not.
    """
    cdef int64_t enough = magnitude(books.legs[leg].size_lots)
    cdef int64_t middle
    while enough - too_little > 1:
        middle = too_little + ((enough - too_little) >> 1)
        if weight * release(books, leg, middle) >= need:
            enough = middle
        else:
            too_little = middle
    return enough


cdef inline int64_t in_steps(
    const Market* market, int64_t close_lots, int64_t held_lots
) noexcept nogil:
    """Return the close rounded up to whole steps, at most the whole position (WF-7)."""
    # size_step_lots > 0 by its bounds.
    return least(held_lots, round_up_to(close_lots, market.rules.size_step_lots))


cdef inline int128_t fee_of(const Market* market, int64_t fee_ppm, int64_t lots) noexcept nogil:
    """Return the fee for closing the lots at mark, in atoms times ppm and not rounded."""
    return <int128_t>fee_ppm * lots_value(market, lots)


cdef int64_t least_close(
    Books& books, int32_t leg, int128_t weight, int64_t fee_ppm, int128_t need
) noexcept nogil:
    """Return the least q with weight * release(q) - fee * N(q) >= need; the whole leg has it.

    Between two atoms of requirement the left side falls by the fee, so it is not bisected. Each
    close is the least that frees what the one before lacks: it passes over no answer, since what
    is released never falls and a larger close costs no smaller fee. Rules WF-6, WF-9.
    """
    cdef const Market* market = &books.markets[books.legs[leg].market]
    cdef int64_t close = 0
    cdef int128_t needed = need
    while weight * release(books, leg, close) < needed:
        close = least_release(books, leg, weight, needed, close)
        needed = need + fee_of(market, fee_ppm, close)
    return close


cdef void shape_for_order(const Market* market, Close* close, int64_t held_lots) noexcept nogil:
    """Snap dust, cut to the slice (WF-7, WF-8)."""
    cdef int64_t slice_lots
    if lots_value(market, held_lots - close.close_lots) < market.rules.dust_notional_atoms:
        close.close_lots = held_lots
    close.unsliced_lots = close.close_lots
    # size_step_lots > 0 by its bounds.
    if market.rules.liquidation_slice_lots > 0:
        slice_lots = greatest(
            market.rules.size_step_lots,
            round_down_to(market.rules.liquidation_slice_lots, market.rules.size_step_lots),
        )
        if close.close_lots > slice_lots:
            close.close_lots = slice_lots
            close.sliced = 1


cdef void plan_least_close(
    Books& books, int32_t account, Risk risk, int64_t buffer_ppm, bint for_orders, Plan* plan
) noexcept nogil:
    """Plan the least closes that restore equity >= maintenance * (1 + buffer) at mark (WF-5, WF-6).

    In one tier and without rounding the last one is ceil(deficit / (price * (rate - fee))). The
    legs that are not needed are cut off the plan. `for_orders`: fees, dust and slices are applied.
    Rule WF-7.
    """
    cdef int128_t weight = PPM + buffer_ppm
    cdef int128_t need = -surplus(risk, PPM + buffer_ppm)
    cdef int128_t freed
    cdef int32_t i = 0
    cdef int64_t held, fee_ppm
    cdef Close* close
    cdef const Market* market
    plan_whole(books, account, plan)
    while i < plan.count and need > 0:
        close = &plan.closes[i]
        market = &books.markets[books.legs[close.leg].market]
        held = close.close_lots
        fee_ppm = market.rules.liquidation_fee_ppm if for_orders else 0
        freed = weight * close.maintenance_atoms - fee_of(market, fee_ppm, held)
        if freed >= need:
            close.close_lots = in_steps(
                market, least_close(books, close.leg, weight, fee_ppm, need), held
            )
        need -= freed
        if for_orders:
            shape_for_order(market, close, held)
        i += 1
    plan.count = i
