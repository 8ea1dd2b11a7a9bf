"""Safe bands: how far each price may go before an account must be looked at (SEMANTICS 10).

With f = 10^6 * E - share * M, an account keeps its state while f stays on its side of 0. When the
mark of a leg of notional N moves by the part d of itself, f changes by at most N * d * weight:
weight = 10^6 - share * r for a long, 10^6 + share * r for a short, with the rate r that is worst
anywhere inside the band. So as long as no leg leaves its band d = slack / sum(N * weight), f
cannot cross 0. The rounding of each leg's requirement is worth up to an atom and is taken off.
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.codes cimport (
    ACCOUNT_STATE_LIQUIDATING,
    ACCOUNT_STATE_MARGIN_CALL,
)
from riskengine.core.fixedpoint cimport (
    PPM,
    div_floor,
    greatest,
    int128_t,
    least,
    magnitude,
    mul_div_ceil,
    mul_div_floor,
)
from riskengine.core.margin cimport Risk, lots_value, tier_of
from riskengine.core.state cimport (
    ABOVE,
    ALWAYS,
    BELOW,
    FUND,
    NEVER,
    Account,
    Market,
    Position,
    State,
)
from riskengine.core.triggers cimport drop_triggers, set_trigger


cdef extern from *:
    """
    static const int64_t RISKENGINE_MOST_SLACK_ATOMS = (int64_t)1 << 61;
    """
    const int64_t MOST_SLACK "RISKENGINE_MOST_SLACK_ATOMS"  # more is not made use of: it might wrap

cdef enum:
    RESERVE = 16  # one part in so many of the slack is held back, so that small trades keep bands


cdef struct Leg:
    int64_t weight_atoms  # loss of slack when the price moves by its whole
    int64_t used_atoms  # slack that the present band needs; -1 when there is no sound band
    int32_t position


cdef struct Legs:
    int128_t weight_atoms  # sums: 128 legs of up to 11 * 2^54
    int128_t used_atoms
    int128_t open_weight_atoms  # of the legs without a sound band
    int32_t count
    Leg[128] legs


cdef inline bint outruns(const Market* market, int64_t share_ppm) noexcept nogil:
    """Return whether share * M can rise faster than a long's value, at the highest tier."""
    return (
        <int128_t>share_ppm * market.tiers[market.tier_count - 1].maintenance_rate_ppm
        > <int128_t>PPM * PPM
    )


cdef int64_t weight_ppm(
    const Market* market, int64_t lots, int64_t notional_atoms, int64_t share_ppm
) noexcept nogil:
    """Return the most that f changes by, over N * d, in ppm; for a short up to d = 1."""
    cdef int64_t lowest, highest, fall
    if lots < 0:
        highest = market.tiers[tier_of(market, 2 * notional_atoms)].maintenance_rate_ppm
        return PPM + mul_div_ceil(share_ppm, highest, PPM)
    lowest = market.tiers[0].maintenance_rate_ppm
    fall = PPM - mul_div_floor(share_ppm, lowest, PPM)
    if not outruns(market, share_ppm):
        return fall
    highest = market.tiers[market.tier_count - 1].maintenance_rate_ppm
    return greatest(fall, mul_div_ceil(share_ppm, highest, PPM) - PPM)


cdef int64_t slack_floor(Risk risk, int64_t share_ppm, int32_t legs, bint upward) noexcept nogil:
    """Return the slack in atoms until f crosses 0, roundings taken off; negative: too little.

    Downward f may fall to 0, upward it may rise to -1.
    """
    cdef int128_t f = <int128_t>PPM * risk.equity_atoms - (
        <int128_t>share_ppm * risk.maintenance_atoms
    )
    cdef int128_t rounding = <int128_t>share_ppm * legs
    cdef int128_t slack
    if upward:
        f = -f - 1
    slack = div_floor(f - rounding, PPM)
    return <int64_t>(slack if slack < MOST_SLACK else MOST_SLACK)


cdef int64_t band_ticks(
    const Market* market, int64_t slack_atoms, int128_t weight_atoms
) noexcept nogil:
    """Return floor(mark * slack / weight), at most the mark itself."""
    if slack_atoms >= weight_atoms:
        return market.mark_price_ticks
    return <int64_t>div_floor(<int128_t>market.mark_price_ticks * slack_atoms, weight_atoms)


cdef inline int64_t fall_key(const Market* market, int64_t ticks) noexcept nogil:
    """Return the key that fires when the mark has fallen by more than that many ticks."""
    if ticks >= market.mark_price_ticks - 1:
        return NEVER
    return -(market.mark_price_ticks - ticks - 1)


cdef inline int64_t rise_key(const Market* market, int64_t ticks) noexcept nogil:
    """Return the key that fires when the mark has risen by more than that many ticks."""
    if ticks >= market.max_price_ticks - market.mark_price_ticks:
        return NEVER
    return market.mark_price_ticks + ticks + 1


cdef void set_band(
    State& state, int32_t index, int64_t harm_ticks, int64_t relief_ticks, bint both_ways
) noexcept nogil:
    """Arm a leg: harm for a long is a fall, relief a rise; relief -1 means not watched."""
    cdef const Position* position = &state.positions[index]
    cdef const Market* market = &state.markets[position.market]
    cdef int64_t nearest = harm_ticks
    cdef int64_t harm, relief
    if both_ways and relief_ticks >= 0:
        nearest = least(harm_ticks, relief_ticks)
    if both_ways:
        harm_ticks = nearest
        relief_ticks = nearest
    if position.size_lots > 0:
        harm = fall_key(market, harm_ticks)
        relief = NEVER if relief_ticks < 0 else rise_key(market, relief_ticks)
        set_trigger(state, index, BELOW, harm)
        set_trigger(state, index, ABOVE, relief)
    else:
        harm = rise_key(market, harm_ticks)
        relief = NEVER if relief_ticks < 0 else fall_key(market, relief_ticks)
        set_trigger(state, index, ABOVE, harm)
        set_trigger(state, index, BELOW, relief)


cdef void drop_all(State& state, int32_t account) noexcept nogil:
    cdef int32_t index = state.accounts[account].first_position
    while index >= 0:
        drop_triggers(state, index)
        index = state.positions[index].next_position


cdef void always_fire(State& state, int32_t account) noexcept nogil:
    cdef int32_t index = state.accounts[account].first_position
    while index >= 0:
        set_trigger(state, index, BELOW, NEVER)
        set_trigger(state, index, ABOVE, ALWAYS)
        index = state.positions[index].next_position


cdef int64_t used_slack(
    State& state, const Position* position, const Market* market, int64_t weight_atoms
) noexcept nogil:
    """Return the slack that the leg's present band needs; -1 when it has no sound one."""
    cdef int side = BELOW if position.size_lots > 0 else ABOVE
    cdef int64_t key = position.trigger_keys[side]
    cdef int64_t ticks
    if key == ALWAYS or position.trigger_keys[1 - side] != NEVER:
        return -1
    if key == NEVER:
        return -1
    ticks = (key if side == ABOVE else -key) - market.mark_price_ticks
    ticks = magnitude(ticks) - 1
    if ticks > market.mark_price_ticks:
        return -1
    return mul_div_ceil(weight_atoms, ticks, market.mark_price_ticks)


cdef void measure(State& state, int32_t account, int64_t share_ppm, Legs* legs) noexcept nogil:
    """Weigh every leg and sum what the present bands use."""
    cdef const Position* position
    cdef const Market* market
    cdef Leg* leg
    cdef int64_t notional
    cdef int32_t index = state.accounts[account].first_position
    legs.count = 0
    legs.weight_atoms = 0
    legs.used_atoms = 0
    legs.open_weight_atoms = 0
    while index >= 0:
        position = &state.positions[index]
        market = &state.markets[position.market]
        notional = magnitude(lots_value(market, position.size_lots))
        leg = &legs.legs[legs.count]
        leg.position = index
        leg.weight_atoms = greatest(
            1,
            mul_div_ceil(
                notional, weight_ppm(market, position.size_lots, notional, share_ppm), PPM
            ),
        )
        leg.used_atoms = used_slack(state, position, market, leg.weight_atoms)
        legs.weight_atoms += leg.weight_atoms
        if leg.used_atoms < 0:
            legs.open_weight_atoms += leg.weight_atoms
        else:
            legs.used_atoms += leg.used_atoms
        legs.count += 1
        index = position.next_position


cdef bint keep_sound_bands(State& state, const Legs* legs, int64_t slack_atoms) noexcept nogil:
    """Keep the present bands where they hold and give the rest of the slack to the open legs.

    False when the bands need more slack than there is, or leave the open legs less than half of
    an equal share.
    """
    cdef int128_t left = slack_atoms - legs.used_atoms
    cdef const Position* position
    cdef int32_t i
    if left < 0:
        return False
    if (
        legs.open_weight_atoms > 0
        and 2 * left * legs.weight_atoms
        < <int128_t>slack_atoms * legs.open_weight_atoms
    ):
        return False
    for i in range(legs.count):
        if legs.legs[i].used_atoms < 0:
            position = &state.positions[legs.legs[i].position]
            set_band(
                state,
                legs.legs[i].position,
                band_ticks(
                    &state.markets[position.market],
                    <int64_t>left,
                    legs.open_weight_atoms,
                ),
                -1,
                False,
            )
    return True


cdef bint any_outruns(State& state, int32_t account, int64_t share_ppm) noexcept nogil:
    cdef int32_t index = state.accounts[account].first_position
    while index >= 0:
        if outruns(&state.markets[state.positions[index].market], share_ppm):
            return True
        index = state.positions[index].next_position
    return False


cdef void arm_downward(State& state, int32_t account, Risk risk, int64_t share_ppm) noexcept nogil:
    """Watch that f does not fall below 0."""
    cdef Legs legs
    cdef int32_t i
    cdef int64_t shared
    cdef const Position* position
    cdef const Market* market
    cdef bint both_ways = any_outruns(state, account, share_ppm)
    cdef int64_t slack = slack_floor(risk, share_ppm, state.accounts[account].position_count, False)
    if slack < 0:
        always_fire(state, account)
        return
    measure(state, account, share_ppm, &legs)
    if not both_ways and keep_sound_bands(state, &legs, slack):
        return
    shared = slack - slack // RESERVE
    for i in range(legs.count):
        position = &state.positions[legs.legs[i].position]
        market = &state.markets[position.market]
        set_band(
            state,
            legs.legs[i].position,
            band_ticks(market, shared, legs.weight_atoms),
            -1,
            both_ways,
        )


cdef void arm_between(State& state, int32_t account, Risk risk) noexcept nogil:
    """Watch an account in margin call: it may fall below maintenance or rise out of the call."""
    cdef Legs down, up
    cdef int32_t i
    cdef const Position* position
    cdef const Market* market
    cdef int32_t count = state.accounts[account].position_count
    cdef int64_t call_ppm = state.parameters.margin_call_ppm
    cdef int64_t fall = slack_floor(risk, PPM, count, False)
    cdef int64_t gain = slack_floor(risk, call_ppm, count, True)
    cdef bint both_ways = any_outruns(state, account, call_ppm)
    if fall < 0 or gain < 0:
        always_fire(state, account)
        return
    measure(state, account, PPM, &down)
    measure(state, account, call_ppm, &up)
    for i in range(down.count):
        position = &state.positions[down.legs[i].position]
        market = &state.markets[position.market]
        set_band(
            state,
            down.legs[i].position,
            band_ticks(market, fall, down.weight_atoms),
            band_ticks(market, gain, up.weight_atoms),
            both_ways,
        )


cdef void arm(State& state, int32_t index, Risk risk) noexcept nogil:
    """Set the triggers of an account after whatever has changed about it; `risk` is as of now.

    As long as none of them fires, judging it again would find nothing to do.
    """
    cdef const Account* account = &state.accounts[index]
    if account.first_position < 0:
        return
    if account.state == ACCOUNT_STATE_LIQUIDATING:
        if account.open_orders > 0:
            drop_all(state, index)
        else:
            always_fire(state, index)
        return
    if risk.equity_atoms < risk.maintenance_atoms:
        always_fire(state, index)
    elif account.state == ACCOUNT_STATE_MARGIN_CALL:
        arm_between(state, index, risk)
    elif account.kind == FUND:
        arm_downward(state, index, risk, PPM)
    else:
        arm_downward(state, index, risk, state.parameters.margin_call_ppm)
