"""Which legs to close, and how much of each (docs/SEMANTICS.md section 7.2)."""

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
from riskengine.core.books.state cimport Market, Position, State
from riskengine.core.margin.assess cimport Risk, assess, position_maintenance


cdef bint goes_before(const Leg* a, const Leg* b) noexcept nogil:
    if a.maintenance_atoms != b.maintenance_atoms:
        return a.maintenance_atoms > b.maintenance_atoms
    return a.market_id < b.market_id


cdef void list_legs(State& state, int32_t account, Plan* plan) noexcept nogil:
    """List all legs, whole: largest maintenance margin first, then by market id."""
    cdef const Position* position
    cdef Leg leg
    cdef int32_t at
    cdef int32_t index = state.accounts[account].first_position
    plan.count = 0
    while index >= 0:
        position = &state.positions[index]
        leg.market = position.market
        leg.market_id = state.markets[position.market].market_id
        leg.close_lots = magnitude(position.size_lots)
        leg.maintenance_atoms = position_maintenance(
            &state.markets[position.market], position.size_lots
        )
        leg.sliced = 0
        at = plan.count
        while at > 0 and goes_before(&leg, &plan.legs[at - 1]):
            plan.legs[at] = plan.legs[at - 1]
            at -= 1
        plan.legs[at] = leg
        plan.count += 1
        index = position.next_position


cdef int64_t most_kept(
    const Market* market, int64_t held_lots, int64_t buffer_ppm, int128_t budget
) noexcept nogil:
    """Return the largest k < held with (10^6 + buffer) * MM(k * u) <= budget, by bisection."""
    cdef int64_t kept = 0
    cdef int64_t too_many = held_lots
    cdef int64_t middle
    while too_many - kept > 1:
        middle = kept + ((too_many - kept) >> 1)
        if <int128_t>(PPM + buffer_ppm) * position_maintenance(market, middle) <= budget:
            kept = middle
        else:
            too_many = middle
    return kept


cdef void shape_for_order(const Market* market, Leg* leg, int64_t held_lots) noexcept nogil:
    """Round the close up to a step, snap dust, cut to the slice."""
    cdef int64_t slice_lots
    leg.close_lots = least(held_lots, round_up_to(leg.close_lots, market.size_step_lots))
    if (held_lots - leg.close_lots) * market.unit_value_atoms < market.dust_notional_atoms:
        leg.close_lots = held_lots
    if market.liquidation_slice_lots > 0:
        slice_lots = greatest(
            market.size_step_lots,
            round_down_to(market.liquidation_slice_lots, market.size_step_lots),
        )
        if leg.close_lots > slice_lots:
            leg.close_lots = slice_lots
            leg.sliced = 1


cdef void plan_least_close(
    State& state, int32_t account, int64_t buffer_ppm, bint for_orders, Plan* plan
) noexcept nogil:
    """Plan the least closes that restore equity >= maintenance * (1 + buffer) at mark.

    In one tier and without rounding the last one is ceil(deficit / (price * rate)). The legs that
    are not needed are cut off the plan. `for_orders`: steps, dust and slices are applied.
    """
    cdef Risk risk = assess(state, account)
    cdef int128_t weight = PPM + buffer_ppm
    cdef int128_t need = weight * risk.maintenance_atoms - <int128_t>PPM * risk.equity_atoms
    cdef int128_t released
    cdef int32_t i = 0
    cdef int64_t held
    cdef Leg* leg
    list_legs(state, account, plan)
    while i < plan.count and need > 0:
        leg = &plan.legs[i]
        held = leg.close_lots
        released = weight * leg.maintenance_atoms
        if released > need:
            leg.close_lots = held - most_kept(
                &state.markets[leg.market], held, buffer_ppm, released - need
            )
        need -= released
        if for_orders:
            shape_for_order(&state.markets[leg.market], leg, held)
        i += 1
    plan.count = i
