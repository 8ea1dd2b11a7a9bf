"""Safe bands: how far each price may go before an account must be looked at (SEMANTICS 10).

With f = 10^6 * E - share * M, an account keeps its state while f stays on its side of 0. Each leg
may go against the account by the part d = slack / sum of weights; until one leaves its band, f
cannot cross 0. The rounding of each leg's requirement is worth up to an atom and is taken off.

A hedge loses little when all markets go together, so its legs' bands are for prices relative to
the reference, and the reference has a band of its own.
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport ACCOUNT_STATE_LIQUIDATING, ACCOUNT_STATE_MARGIN_CALL
from riskengine.core.base.fixedpoint cimport (
    PPM,
    div_ceil,
    div_floor,
    greatest,
    int128_t,
    least,
    magnitude,
    mul_div_ceil,
)
from riskengine.core.books.state cimport (
    ABOVE,
    ALWAYS,
    BELOW,
    FUND,
    NEVER,
    Account,
    Market,
    Position,
    State,
    TriggerSide,
)
from riskengine.core.index.reference cimport farthest, has_relative_price, relative_price_floor
from riskengine.core.index.triggers cimport (
    drop_triggers,
    price_heap,
    reference_heap,
    relative_heap,
    set_trigger,
    watches_reference,
)
from riskengine.core.index.weights cimport Leg, Legs, has_both_sides, reference_weight, weigh
from riskengine.core.margin.assess cimport Risk


cdef extern from *:
    """
    static const int64_t RISKENGINE_MOST_SLACK_ATOMS = (int64_t)1 << 61;
    """
    const int64_t MOST_SLACK "RISKENGINE_MOST_SLACK_ATOMS"  # more is not made use of: it might wrap

cdef enum:
    RESERVE = 16  # one part in so many of the slack is held back, so that small trades keep bands
    HEDGE = 8  # a hedge loses to the reference at most one part in so many of its weight
    REFERENCE_SHARE = 2  # the reference's band, in bands of a leg
    NOT_WATCHED = -1  # ticks of a reference without sound triggers


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


cdef int64_t relative_band_ticks(
    int64_t price, int64_t slack_atoms, int128_t weight_atoms
) noexcept nogil:
    """Return how far a relative price may go; one less than the part, since it was rounded down."""
    if slack_atoms >= weight_atoms:
        return farthest(price) - 1
    return least(
        <int64_t>div_floor(<int128_t>price * slack_atoms, weight_atoms), farthest(price)
    ) - 1


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


cdef void watch_harm(
    State& state, const Leg* leg, int64_t slack_atoms, int128_t weight_atoms, bint is_relative
) noexcept nogil:
    """Arm a leg on the side of its harm: a fall for a long, a rise for a short."""
    cdef const Market* market = &state.markets[leg.market]
    cdef int side = leg.harm_side
    cdef int32_t heap = price_heap(leg.market, side)
    cdef int64_t price, ticks, key
    if is_relative:
        heap = relative_heap(leg.market, side)
        price = relative_price_floor(state, market)
        ticks = relative_band_ticks(price, slack_atoms, weight_atoms)
        key = ticks + 1 + (-price if side == BELOW else price)
    else:
        ticks = band_ticks(market, slack_atoms, weight_atoms)
        key = fall_key(market, ticks) if side == BELOW else rise_key(market, ticks)
    set_trigger(state, leg.position, <TriggerSide>side, heap, key)


cdef inline void set_free_side(
    State& state, const Leg* leg, int32_t heap, int64_t key
) noexcept nogil:
    """Set the trigger of a leg on the side on which its own price does no harm."""
    set_trigger(state, leg.position, <TriggerSide>(1 - leg.harm_side), heap, key)


cdef void clear_free_side(State& state, const Leg* leg) noexcept nogil:
    set_free_side(state, leg, price_heap(leg.market, 1 - leg.harm_side), NEVER)


cdef void watch_both_sides(
    State& state, const Leg* leg, int64_t harm_ticks, int64_t relief_ticks
) noexcept nogil:
    """Arm a leg on the side of its harm and on the other one."""
    cdef const Market* market = &state.markets[leg.market]
    cdef bint is_long = leg.harm_side == BELOW
    cdef int64_t fall = fall_key(market, harm_ticks if is_long else relief_ticks)
    cdef int64_t rise = rise_key(market, relief_ticks if is_long else harm_ticks)
    set_trigger(state, leg.position, BELOW, price_heap(leg.market, BELOW), fall)
    set_trigger(state, leg.position, ABOVE, price_heap(leg.market, ABOVE), rise)


cdef void drop_all(State& state, int32_t account) noexcept nogil:
    cdef int32_t index = state.accounts[account].first_position
    while index >= 0:
        drop_triggers(state, index)
        index = state.positions[index].next_position


cdef void always_fire(State& state, int32_t account) noexcept nogil:
    cdef int32_t market
    cdef int32_t index = state.accounts[account].first_position
    while index >= 0:
        market = state.positions[index].market
        set_trigger(state, index, BELOW, price_heap(market, BELOW), NEVER)
        set_trigger(state, index, ABOVE, price_heap(market, ABOVE), ALWAYS)
        index = state.positions[index].next_position


cdef int64_t used_slack(State& state, const Leg* leg, bint is_relative) noexcept nogil:
    """Return the slack that the leg's present band needs; -1 when it has no sound one."""
    cdef const Position* position = &state.positions[leg.position]
    cdef const Market* market = &state.markets[leg.market]
    cdef int side = leg.harm_side
    cdef int64_t key = position.trigger_keys[side]
    cdef int64_t price = market.mark_price_ticks
    cdef int64_t most = price
    cdef int32_t heap = price_heap(leg.market, side)
    cdef int64_t ticks
    if is_relative:
        price = relative_price_floor(state, market)
        most = farthest(price)
        heap = relative_heap(leg.market, side)
    if key == NEVER or key == ALWAYS or position.heaps[side] != heap:
        return -1
    if position.trigger_keys[1 - side] != NEVER and not (
        is_relative and watches_reference(position.heaps[1 - side])
    ):
        return -1
    ticks = magnitude((key if side == ABOVE else -key) - price) - 1 + is_relative
    return mul_div_ceil(leg.weight_atoms, ticks, price) if ticks <= most else -1


cdef void measure(State& state, Legs* legs, bint is_relative) noexcept nogil:
    """Sum what the present bands use."""
    cdef Leg* leg
    cdef int128_t used = 0
    cdef int128_t open_weight = 0
    cdef int32_t i
    for i in range(legs.count):
        leg = &legs.legs[i]
        leg.used_atoms = used_slack(state, leg, is_relative)
        if leg.used_atoms < 0:
            open_weight += leg.weight_atoms
        else:
            used += leg.used_atoms
    legs.used_atoms = used
    legs.open_weight_atoms = open_weight


cdef int64_t reference_ticks(State& state, const Legs* legs) noexcept nogil:
    """Return how far the reference may go until a trigger of the account fires."""
    cdef int64_t below = NOT_WATCHED
    cdef int64_t above = NOT_WATCHED
    cdef const Position* position
    cdef int64_t key, ticks
    cdef int32_t i, free
    if not legs.any_free_side_armed:
        return NOT_WATCHED
    for i in range(legs.count):
        position = &state.positions[legs.legs[i].position]
        free = 1 - legs.legs[i].harm_side
        key = position.trigger_keys[free]
        if key != NEVER and position.heaps[free] == reference_heap(BELOW):
            below = state.reference_level + key - 1
        elif key != NEVER and position.heaps[free] == reference_heap(ABOVE):
            above = key - 1 - state.reference_level
    ticks = greatest(below, above)
    if below < 0 or above < 0 or ticks > farthest(state.reference_level):
        return NOT_WATCHED
    return ticks


cdef int64_t slack_beside_reference(
    int64_t slack_atoms, int128_t weight_atoms, int64_t level, int64_t ticks
) noexcept nogil:
    """Return the slack for relative prices while the reference goes that far; -1: there is none.

    With e = ticks / level: (slack - e * weight) / (1 + e), since legs may grow by e.
    """
    cdef int128_t left = slack_atoms - div_ceil(weight_atoms * ticks, level)
    return <int64_t>div_floor(left * level, level + ticks) if left >= 0 else -1


cdef bint keep_sound_bands(
    State& state, Legs* legs, int64_t slack_atoms, int64_t share_ppm
) noexcept nogil:
    """Keep the present bands where they hold and give the rest of the slack to the open legs.

    False when none holds, when they need more slack than there is, or when they leave the open
    legs less than half of an equal share.
    """
    cdef int64_t ticks = reference_ticks(state, legs)
    cdef bint is_relative = ticks != NOT_WATCHED
    cdef const Leg* leg
    cdef int128_t left
    cdef int32_t i
    if is_relative:
        slack_atoms = slack_beside_reference(
            slack_atoms, reference_weight(state, legs, share_ppm), state.reference_level, ticks
        )
    measure(state, legs, is_relative)
    left = slack_atoms - legs.used_atoms
    if legs.open_weight_atoms == legs.weight_atoms:
        return False
    if 2 * left * legs.weight_atoms < slack_atoms * legs.open_weight_atoms:
        return False
    if legs.open_weight_atoms == 0:
        return True
    for i in range(legs.count):
        leg = &legs.legs[i]
        if leg.used_atoms < 0:
            watch_harm(state, leg, <int64_t>left, legs.open_weight_atoms, is_relative)
            if not (
                is_relative
                and watches_reference(state.positions[leg.position].heaps[1 - leg.harm_side])
            ):
                clear_free_side(state, leg)
    return True


cdef bint is_hedge(State& state, const Legs* legs, int128_t reference_atoms) noexcept nogil:
    """Return whether the account loses little when all prices go together."""
    cdef int32_t i
    if HEDGE * reference_atoms > legs.weight_atoms:
        return False
    for i in range(legs.count):
        if not has_relative_price(&state.markets[legs.legs[i].market]):
            return False
    return True


cdef int64_t watch_reference(
    State& state, const Legs* legs, int64_t slack_atoms, int128_t reference_atoms
) noexcept nogil:
    """Give the reference its band, on the free sides of two legs; return the slack beside it."""
    cdef int64_t level = state.reference_level
    cdef int128_t weight_atoms = legs.weight_atoms + REFERENCE_SHARE * reference_atoms
    cdef int64_t ticks = farthest(level)
    if slack_atoms < weight_atoms:
        ticks = least(
            ticks,
            <int64_t>div_floor(<int128_t>level * slack_atoms * REFERENCE_SHARE, weight_atoms),
        )
    set_free_side(state, &legs.legs[0], reference_heap(BELOW), ticks + 1 - level)
    set_free_side(state, &legs.legs[1], reference_heap(ABOVE), ticks + 1 + level)
    return slack_beside_reference(slack_atoms, reference_atoms, level, ticks)


cdef void share_anew(
    State& state, const Legs* legs, int64_t slack_atoms, int64_t share_ppm
) noexcept nogil:
    """Give every leg an equal band, by its weight."""
    cdef int128_t reference_atoms
    cdef bint is_relative = False
    cdef int32_t i
    if has_both_sides(legs):
        reference_atoms = reference_weight(state, legs, share_ppm)
        is_relative = is_hedge(state, legs, reference_atoms)
    if is_relative:
        slack_atoms = watch_reference(state, legs, slack_atoms, reference_atoms)
    if legs.open_weight_atoms < legs.weight_atoms:
        slack_atoms -= slack_atoms // RESERVE
    for i in range(legs.count):
        watch_harm(state, &legs.legs[i], slack_atoms, legs.weight_atoms, is_relative)
        if i >= 2 or not is_relative:
            clear_free_side(state, &legs.legs[i])


cdef void arm_downward(State& state, int32_t account, Risk risk, int64_t share_ppm) noexcept nogil:
    """Watch that f does not fall below 0."""
    cdef Legs legs
    cdef int32_t i
    cdef int64_t ticks
    cdef int64_t slack = slack_floor(risk, share_ppm, state.accounts[account].position_count, False)
    if slack < 0:
        always_fire(state, account)
        return
    weigh(state, account, share_ppm, &legs)
    if legs.any_outruns:
        for i in range(legs.count):
            ticks = band_ticks(&state.markets[legs.legs[i].market], slack, legs.weight_atoms)
            watch_both_sides(state, &legs.legs[i], ticks, ticks)
    elif not keep_sound_bands(state, &legs, slack, share_ppm):
        share_anew(state, &legs, slack, share_ppm)


cdef void arm_between(State& state, int32_t account, Risk risk) noexcept nogil:
    """Watch an account in margin call: it may fall below maintenance or rise out of the call."""
    cdef Legs down, up
    cdef int32_t i
    cdef const Market* market
    cdef int32_t count = state.accounts[account].position_count
    cdef int64_t call_ppm = state.parameters.margin_call_ppm
    cdef int64_t fall = slack_floor(risk, PPM, count, False)
    cdef int64_t gain = slack_floor(risk, call_ppm, count, True)
    cdef int64_t harm, relief
    if fall < 0 or gain < 0:
        always_fire(state, account)
        return
    weigh(state, account, PPM, &down)
    weigh(state, account, call_ppm, &up)
    for i in range(down.count):
        market = &state.markets[down.legs[i].market]
        harm = band_ticks(market, fall, down.weight_atoms)
        relief = band_ticks(market, gain, up.weight_atoms)
        if up.any_outruns:
            harm = relief = least(harm, relief)
        watch_both_sides(state, &down.legs[i], harm, relief)


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
