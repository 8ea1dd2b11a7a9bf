"""Safe bands: how far each price may go before an account must be looked at.

See docs/proofs/trigger-index.md.

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
from riskengine.core.books.books cimport FUND, Account, Attempt, Books, attempt_of
from riskengine.core.books.market cimport Market
from riskengine.core.index.index cimport (
    ABOVE,
    ALWAYS,
    BELOW,
    NEVER,
    Index,
    WatchPair,
    price_heap,
    reference_heap,
    relative_heap,
    watches_reference,
)
from riskengine.core.index.reference cimport has_relative_price, relative_price_floor, widest_band
from riskengine.core.index.sides cimport (
    always_fire,
    band_ticks,
    clear_relief_side,
    set_relief_side,
    watch_both_sides,
    watch_harm,
)
from riskengine.core.index.weights cimport (
    WeighedLeg,
    Weighing,
    has_both_sides,
    reference_weight,
    weigh_legs,
)
from riskengine.core.margin.model cimport Risk
from riskengine.core.margin.thresholds cimport is_liquidatable, recovery_ppm, surplus


cdef extern from *:
    """
    static const int64_t RISKENGINE_MOST_SLACK_ATOMS = (int64_t)1 << 61;
    """
    const int64_t MOST_SLACK "RISKENGINE_MOST_SLACK_ATOMS"  # more is not made use of: it might wrap
    const int64_t WHEREVER "INT64_MAX"  # ticks of a side on which a price does no harm

cdef enum:
    RESERVE_PART = 16  # one in so many of the slack is held back, so that small trades keep bands
    HEDGE_PART = 8  # a hedge loses to the reference at most one part in so many of its weight
    REFERENCE_SHARE = 2  # the reference's band, in bands of a leg
    NOT_WATCHED = -1  # ticks of a reference without sound watches


cdef int64_t slack_floor(Risk risk, int64_t share_ppm, int32_t legs, bint upward) noexcept nogil:
    """Return the slack in atoms until f crosses 0, roundings taken off; negative: too little.

    Downward f may fall to 0, upward it may rise to -1.
    """
    cdef int128_t f = surplus(risk, share_ppm)
    cdef int128_t rounding = <int128_t>share_ppm * legs
    cdef int128_t slack
    if upward:
        f = -f - 1
    slack = div_floor(f - rounding, PPM)
    return <int64_t>(slack if slack < MOST_SLACK else MOST_SLACK)


cdef int64_t used_slack(
    Books& books, Index& index, const WeighedLeg* weighed, bint is_relative
) noexcept nogil:
    """Return the slack that the leg's present band needs; -1 when it has no sound one."""
    cdef const WatchPair* pair = weighed.pair
    cdef const Market* market = &books.markets[weighed.market]
    cdef int side = weighed.harm_side
    cdef int64_t key = pair.keys[side]
    cdef int64_t price = market.now.mark_price_ticks
    cdef int64_t most = price
    cdef int32_t heap = price_heap(weighed.market, side)
    cdef int64_t ticks
    if is_relative:
        price = relative_price_floor(books, index, market)
        most = widest_band(price)
        heap = relative_heap(weighed.market, side)
    if key == NEVER or key == ALWAYS or pair.heaps[side] != heap:
        return -1
    if pair.keys[1 - side] != NEVER and not (
        is_relative and watches_reference(pair.heaps[1 - side])
    ):
        return -1
    # price > 0: nobody has a leg in a market without a mark, and a relative price is at least 4.
    ticks = magnitude((key if side == ABOVE else -key) - price) - 1 + is_relative
    return mul_div_ceil(weighed.weight_atoms, ticks, price) if ticks <= most else -1


cdef void measure(Books& books, Index& index, Weighing* weighing, bint is_relative) noexcept nogil:
    """Sum what the present bands use."""
    cdef WeighedLeg* weighed
    cdef int128_t used = 0
    cdef int128_t open_weight = 0
    cdef int32_t i
    for i in range(weighing.count):
        weighed = &weighing.legs[i]
        weighed.used_atoms = used_slack(books, index, weighed, is_relative)
        if weighed.used_atoms < 0:
            open_weight += weighed.weight_atoms
        else:
            used += weighed.used_atoms
    weighing.used_atoms = used
    weighing.open_weight_atoms = open_weight


cdef bint have_relative_prices(Books& books, const Weighing* weighing) noexcept nogil:
    """Return whether every leg's market has a relative price.

    An account may be watched relative to the reference only as long as that is so: any command
    can give it a leg in a market that has none.
    """
    cdef int32_t i
    for i in range(weighing.count):
        if not has_relative_price(&books.markets[weighing.legs[i].market]):
            return False
    return True


cdef int64_t reference_ticks(Books& books, Index& index, const Weighing* weighing) noexcept nogil:
    """Return how far the reference may go until a watch of the account fires."""
    cdef int64_t below = NOT_WATCHED
    cdef int64_t above = NOT_WATCHED
    cdef const WatchPair* pair
    cdef int64_t key, ticks
    cdef int32_t i, free
    if not weighing.any_relief_side_armed or not have_relative_prices(books, weighing):
        return NOT_WATCHED
    for i in range(weighing.count):
        pair = weighing.legs[i].pair
        free = 1 - weighing.legs[i].harm_side
        key = pair.keys[free]
        if key != NEVER and pair.heaps[free] == reference_heap(BELOW):
            below = index.reference_level + key - 1
        elif key != NEVER and pair.heaps[free] == reference_heap(ABOVE):
            above = key - 1 - index.reference_level
    ticks = greatest(below, above)
    if below < 0 or above < 0 or ticks > widest_band(index.reference_level):
        return NOT_WATCHED
    return ticks


cdef int64_t slack_beside_reference(
    int64_t slack_atoms, int128_t weight_atoms, int64_t level, int64_t ticks
) noexcept nogil:
    """Return the slack for relative prices while the reference goes that far; -1: there is none.

    With e = ticks / level: (slack - e * weight) / (1 + e), since legs may grow by e. level > 0, and
    ticks are not negative.
    """
    cdef int128_t left = slack_atoms - div_ceil(weight_atoms * ticks, level)
    return <int64_t>div_floor(left * level, level + ticks) if left >= 0 else -1


cdef bint keep_sound_bands(
    Books& books, Index& index, Weighing* weighing, int64_t slack_atoms
) noexcept nogil:
    """Keep the present bands where they hold and give the rest of the slack to the open legs.

    False when none holds, when they need more slack than there is, or when they leave the open
    legs less than half of an equal share.
    """
    cdef int64_t ticks = reference_ticks(books, index, weighing)
    cdef bint is_relative = ticks != NOT_WATCHED
    cdef const WeighedLeg* weighed
    cdef int128_t left
    cdef int32_t i
    if is_relative:
        slack_atoms = slack_beside_reference(
            slack_atoms, reference_weight(weighing), index.reference_level, ticks
        )
    measure(books, index, weighing, is_relative)
    left = slack_atoms - weighing.used_atoms
    if weighing.open_weight_atoms == weighing.weight_atoms or left < 0:
        return False
    if weighing.open_weight_atoms == 0:
        return True
    if 2 * left * weighing.weight_atoms < slack_atoms * weighing.open_weight_atoms:
        return False
    for i in range(weighing.count):
        weighed = &weighing.legs[i]
        if weighed.used_atoms < 0:
            watch_harm(
                books, index, weighed, <int64_t>left, weighing.open_weight_atoms, is_relative
            )
            if not (
                is_relative
                and watches_reference(weighed.pair.heaps[1 - weighed.harm_side])
            ):
                clear_relief_side(books, index, weighed)
    return True


cdef bint is_hedge(Books& books, const Weighing* weighing, int128_t reference_atoms) noexcept nogil:
    """Return whether the account loses little when all prices go together."""
    return HEDGE_PART * reference_atoms <= weighing.weight_atoms and have_relative_prices(
        books, weighing
    )


cdef int64_t watch_reference(
    Books& books,
    Index& index,
    const Weighing* weighing,
    int64_t slack_atoms,
    int128_t reference_atoms,
) noexcept nogil:
    """Give the reference its band, on the relief sides of two legs; return the slack beside it."""
    cdef int64_t level = index.reference_level
    cdef int128_t weight_atoms = weighing.weight_atoms + REFERENCE_SHARE * reference_atoms
    cdef int64_t ticks = widest_band(level)
    # weight_atoms > 0: each leg weighs at least an atom.
    if slack_atoms < weight_atoms:
        ticks = least(
            ticks,
            <int64_t>div_floor(<int128_t>level * slack_atoms * REFERENCE_SHARE, weight_atoms),
        )
    set_relief_side(books, index, &weighing.legs[0], reference_heap(BELOW), ticks + 1 - level)
    set_relief_side(books, index, &weighing.legs[1], reference_heap(ABOVE), ticks + 1 + level)
    return slack_beside_reference(slack_atoms, reference_atoms, level, ticks)


cdef void share_anew(
    Books& books, Index& index, const Weighing* weighing, int64_t slack_atoms
) noexcept nogil:
    """Give every leg an equal band, by its weight."""
    cdef int128_t reference_atoms
    cdef bint is_relative = False
    cdef int32_t i
    if has_both_sides(weighing):
        reference_atoms = reference_weight(weighing)
        is_relative = is_hedge(books, weighing, reference_atoms)
    if is_relative:
        slack_atoms = watch_reference(books, index, weighing, slack_atoms, reference_atoms)
    if weighing.open_weight_atoms < weighing.weight_atoms:
        slack_atoms -= slack_atoms // RESERVE_PART
    for i in range(weighing.count):
        watch_harm(books, index, &weighing.legs[i], slack_atoms, weighing.weight_atoms, is_relative)
        if i >= 2 or not is_relative:
            clear_relief_side(books, index, &weighing.legs[i])


cdef void arm_outgrown(
    Books& books, Index& index, const Weighing* weighing, int64_t slack_atoms
) noexcept nogil:
    """Give every leg an equal band on each side that can harm, however it does."""
    cdef const WeighedLeg* weighed
    cdef int64_t ticks
    cdef int32_t i
    for i in range(weighing.count):
        weighed = &weighing.legs[i]
        ticks = band_ticks(&books.markets[weighed.market], slack_atoms, weighing.weight_atoms)
        watch_both_sides(
            books,
            index,
            weighed,
            ticks if weighed.on.on_fall_atoms > 0 else WHEREVER,
            ticks if weighed.on.on_rise_atoms > 0 else WHEREVER,
        )


cdef void arm_downward(
    Books& books, Index& index, int32_t account, Risk risk, int64_t share_ppm
) noexcept nogil:
    """Watch that f does not fall below 0."""
    cdef Weighing weighing
    cdef int64_t slack = slack_floor(risk, share_ppm, books.accounts[account].leg_count, False)
    if slack < 0:
        always_fire(books, index, account)
        return
    weigh_legs(books, index, account, share_ppm, &weighing)
    if weighing.any_requirement_outgrows:
        arm_outgrown(books, index, &weighing, slack)
    elif not keep_sound_bands(books, index, &weighing, slack):
        share_anew(books, index, &weighing, slack)


cdef void watch_between(
    Books& books,
    Index& index,
    const WeighedLeg* down,
    const WeighedLeg* up,
    int64_t loss_ticks,
    int64_t gain_ticks,
) noexcept nogil:
    """Arm a leg on each side on which its price can take the one slack or the other.

    What a rise can cost a fall can bring, since the weights are of the way between two prices.
    """
    cdef int64_t fall = loss_ticks if down.on.on_fall_atoms > 0 else WHEREVER
    cdef int64_t rise = loss_ticks if down.on.on_rise_atoms > 0 else WHEREVER
    if up.on.on_rise_atoms > 0:
        fall = least(fall, gain_ticks)
    if up.on.on_fall_atoms > 0:
        rise = least(rise, gain_ticks)
    watch_both_sides(books, index, down, fall, rise)


cdef void arm_between(
    Books& books, Index& index, int32_t account, Risk risk, int64_t down_ppm, int64_t up_ppm
) noexcept nogil:
    """Watch an account between two levels: it may fall below one or rise to the other."""
    cdef Weighing down, up
    cdef int32_t i
    cdef const Market* market
    cdef int32_t count = books.accounts[account].leg_count
    cdef int64_t loss = slack_floor(risk, down_ppm, count, False)
    cdef int64_t gain = slack_floor(risk, up_ppm, count, True)
    if loss < 0 or gain < 0:
        always_fire(books, index, account)
        return
    weigh_legs(books, index, account, down_ppm, &down)
    weigh_legs(books, index, account, up_ppm, &up)
    for i in range(down.count):
        market = &books.markets[down.legs[i].market]
        watch_between(
            books,
            index,
            &down.legs[i],
            &up.legs[i],
            band_ticks(market, loss, down.weight_atoms),
            band_ticks(market, gain, up.weight_atoms),
        )


cdef void arm_liquidating(Books& books, Index& index, int32_t account, Risk risk) noexcept nogil:
    """Watch an account in liquidation: behind open orders for what ends that (JD-7, WF-25)."""
    cdef const Attempt* attempt = attempt_of(books, account)
    cdef int64_t take_over_ppm = books.parameters.take_over_ppm
    if attempt.open_orders == 0:
        always_fire(books, index, account)
    elif attempt.asked:
        arm_between(books, index, account, risk, 0, take_over_ppm)
    else:
        arm_between(books, index, account, risk, take_over_ppm, recovery_ppm(books))


cdef void arm(Books& books, Index& index, int32_t account, Risk risk) noexcept nogil:
    """Set the watches of an account after whatever has changed about it; `risk` is as of now.

    As long as none of them fires, judging it again would find nothing to do.
    """
    cdef const Account* seen = &books.accounts[account]
    if seen.first_leg < 0:
        return
    if seen.state == ACCOUNT_STATE_LIQUIDATING:
        arm_liquidating(books, index, account, risk)
        return
    if is_liquidatable(risk):
        always_fire(books, index, account)
    elif seen.state == ACCOUNT_STATE_MARGIN_CALL:
        arm_between(books, index, account, risk, PPM, books.parameters.margin_call_clear_ppm)
    elif seen.kind == FUND:
        arm_downward(books, index, account, risk, PPM)
    else:
        arm_downward(books, index, account, risk, books.parameters.margin_call_ppm)
