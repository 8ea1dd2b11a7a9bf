"""Bankruptcy quotes, limit prices and liquidation prices (WF-10 to WF-12, QS-7, QS-8)."""

from libc.stdint cimport INT64_MAX, int32_t, int64_t

from riskengine.core.base.expect cimport expect
from riskengine.core.base.fixedpoint cimport (
    PPM,
    div_ceil,
    div_floor,
    greatest,
    int128_t,
    least,
    magnitude,
    mul_div_ceil,
    mul_div_floor,
    round_down_to,
    round_up_to,
)
from riskengine.core.books.books cimport Books
from riskengine.core.books.market cimport Market
from riskengine.core.margin.model cimport Change, Risk, Weight, is_harmed_by_rise
from riskengine.core.margin.release cimport release
from riskengine.core.margin.thresholds cimport free_equity, is_liquidatable
from riskengine.core.margin.weigh cimport weigh
from riskengine.core.margin.what_if cimport price_change, what_if

cdef enum:
    MOST_STEPS = 1024  # looks for a price on a way that may harm and help in turn


cdef int64_t bankruptcy_quote_ceil(
    Books& books, int32_t leg, int64_t close_lots, Risk risk
) noexcept nogil:
    """Return what closing `close_lots` must bring so that its share of equity is used up (WF-10).

    quote = ceil(value - equity * released / maintenance), in atoms; negative: what may be paid at
    most. Rounded so that the fund never pays for rounding (dYdX v4
    GetBankruptcyPriceInQuoteQuantums).
    """
    expect(close_lots > 0)
    expect(close_lots <= magnitude(books.legs[leg].size_lots))
    # maintenance > 0: the account holds the leg, and every leg requires at least an atom.
    return close_value(
        &books.markets[books.legs[leg].market], books.legs[leg].size_lots, close_lots
    ) - mul_div_floor(risk.equity_atoms, release(books, leg, close_lots), risk.maintenance_atoms)


cdef int64_t quote_price_floor(
    const Market* market, int64_t size_lots, int64_t close_lots, int64_t quote_atoms
) noexcept nogil:
    """Return the price of a quote in ticks, rounded down, for reports (LS-16)."""
    cdef int64_t proceeds = quote_atoms if size_lots > 0 else -quote_atoms
    # close_lots > 0: something was closed; a multiplier is a power of 10.
    return <int64_t>div_floor(proceeds, <int128_t>close_lots * market.rules.multiplier_atoms)


cdef int64_t in_price_steps(const Market* market, int64_t price_ticks, bint up) noexcept nogil:
    """Return the price on its step and at most the highest one; 0 when it falls below one step."""
    cdef int64_t step = market.rules.price_step_ticks
    cdef int64_t highest = greatest(step, round_down_to(market.rules.max_price_ticks, step))
    # step > 0 by its bounds.
    if up:
        return least(highest, greatest(step, round_up_to(price_ticks, step)))
    return greatest(0, least(highest, round_down_to(price_ticks, step)))


cdef int64_t limit_price(
    const Market* market, int64_t size_lots, int64_t close_lots, int64_t quote_atoms
) noexcept nogil:
    """Return the worst price of a closing order that still brings the quote, in ticks.

    Rounded to the price step in the account's favour. 0 when a buying order has none.
    Rules WF-11, WF-12.
    """
    # per_tick > 0: there is something to close.
    cdef int128_t per_tick = <int128_t>close_lots * market.rules.multiplier_atoms
    if size_lots > 0:
        return in_price_steps(market, <int64_t>div_ceil(quote_atoms, per_tick), True)
    return in_price_steps(market, <int64_t>div_floor(-quote_atoms, per_tick), False)


cdef int64_t discounted_price(
    const Market* market, int64_t size_lots, int64_t discount_ppm
) noexcept nogil:
    """Return the mark less the discount for a selling order, plus it for a buying one, in ticks.

    Rounded to the price step in the account's favour. Rules WF-11, WF-12.
    """
    cdef int64_t mark = market.now.mark_price_ticks
    if size_lots > 0:
        return in_price_steps(market, mul_div_ceil(mark, PPM - discount_ppm, PPM), True)
    return in_price_steps(market, mul_div_floor(mark, PPM + discount_ppm, PPM), False)


cdef int64_t bankruptcy_price(Books& books, int32_t leg, Risk risk) noexcept nogil:
    """Return the price at which closing the leg uses up its share of equity; 0 when none (QS-8)."""
    cdef int64_t size = books.legs[leg].size_lots
    cdef int64_t quote = bankruptcy_quote_ceil(books, leg, magnitude(size), risk)
    # per_tick > 0: a leg is not flat.
    cdef int128_t per_tick = (
        <int128_t>magnitude(size) * books.markets[books.legs[leg].market].rules.multiplier_atoms
    )
    if size > 0:
        return greatest(0, <int64_t>div_ceil(quote, per_tick))
    return greatest(0, <int64_t>div_floor(-quote, per_tick))


cdef Risk risk_at(Books& books, int32_t leg, Risk risk, int64_t price_ticks) noexcept nogil:
    """Return what the account would be at that mark; `risk` is as of now."""
    cdef Change change = price_change(books, leg, price_ticks)
    return what_if(books, books.legs[leg].account, risk, &change)


cdef inline int64_t most_lost(Weight weight, bint rising) noexcept nogil:
    """Return what the way up, or the way down, can take off the surplus."""
    return weight.on_rise_atoms if rising else weight.on_fall_atoms


cdef int64_t last_by_bisection(
    Books& books, int32_t leg, Risk risk, int64_t outside_ticks
) noexcept nogil:
    """Return the last price before `outside` that judges as the mark does.

    Exact where on the way the judgement changes at most once, as it does where f goes one way.
    """
    cdef int64_t same = books.markets[books.legs[leg].market].now.mark_price_ticks
    cdef int64_t other = outside_ticks
    cdef int64_t middle
    while magnitude(other - same) > 1:
        middle = same + <int64_t>div_floor(other - same, 2)
        if is_liquidatable(risk_at(books, leg, risk, middle)) == is_liquidatable(risk):
            same = middle
        else:
            other = middle
    return same


cdef int64_t unjudged_ticks(
    Books& books, int32_t leg, int64_t price, int64_t free_atoms, bint rising
) noexcept nogil:
    """Return how far a price may surely go until the sign of free equity changes, by weigh's reach.

    floor(price * spare / weight), at most the price itself: that leaves less than an atom for
    rounding, and -1 is the first that is not safe. INT64_MAX when it never changes on that way.
    """
    cdef int64_t multiplier = books.markets[books.legs[leg].market].rules.multiplier_atoms
    cdef bint is_safe = free_atoms >= 0
    cdef int64_t spare = free_atoms if is_safe else -free_atoms - 1
    cdef int64_t weight = most_lost(
        weigh(books, leg, price * multiplier, PPM), rising == is_safe
    )
    if weight <= 0:
        return INT64_MAX
    if spare >= weight:
        return price
    return <int64_t>div_floor(<int128_t>price * spare, weight)  # weight > 0


cdef int64_t last_by_reach(
    Books& books, int32_t leg, Risk risk, int64_t outside_ticks
) noexcept nogil:
    """Return the last price before `outside` up to which all judge as the mark does.

    Goes as far as the judgement cannot change and looks one tick further; after MOST_STEPS looks it
    tells how far it has come. The shipped model has no leg for it: with rates of at most 100 % each
    has a side of relief (GD-5). `make second-model` comes here.
    """
    cdef int64_t price = books.markets[books.legs[leg].market].now.mark_price_ticks
    cdef int64_t step = 1 if outside_ticks > price else -1
    cdef int64_t free = free_equity(risk)
    cdef int64_t ticks
    cdef int32_t _
    for _ in range(MOST_STEPS):
        ticks = unjudged_ticks(books, leg, price, free, step > 0)
        if ticks >= magnitude(outside_ticks - price) - 1:
            return outside_ticks - step
        free = free_equity(risk_at(books, leg, risk, price + step * (ticks + 1)))
        if (free < 0) != is_liquidatable(risk):
            return price + step * ticks
        price += step * (ticks + 1)
    return price


cdef int64_t last_as_at_mark(
    Books& books, int32_t leg, Risk risk, Weight weight, int64_t outside_ticks
) noexcept nogil:
    """Return the last price before `outside` up to which all judge as the mark does.

    Bisected where the way cannot take back what changes the judgement, as with a side of relief.
    """
    cdef bint rising = outside_ticks > books.markets[books.legs[leg].market].now.mark_price_ticks
    if most_lost(weight, rising == is_liquidatable(risk)) <= 0:
        return last_by_bisection(books, leg, risk, outside_ticks)
    return last_by_reach(books, leg, risk, outside_ticks)


cdef int64_t liquidation_price(Books& books, int32_t leg, Risk risk) noexcept nogil:
    """Return the nearest mark at which the account is liquidatable, other marks held; 0 when none.

    The root of equity(p) = maintenance(p), with the tier at the root (Binance FAQ b3c689c1). An
    account that is liquidatable already remains so up to this mark, on the way to relief. Of a leg
    that both sides harm it may be a nearer one, where MOST_STEPS looks do not reach the first.
    Rule QS-7.
    """
    cdef const Market* market = &books.markets[books.legs[leg].market]
    cdef Weight weight = weigh(books, leg, market.now.unit_value_atoms, PPM)
    cdef int64_t mark = market.now.mark_price_ticks
    cdef int64_t outside = market.rules.max_price_ticks + 1
    cdef int64_t below = 0
    cdef int64_t above = outside
    if is_liquidatable(risk):
        return last_as_at_mark(
            books, leg, risk, weight, 0 if is_harmed_by_rise(weight) else outside
        )
    if weight.on_fall_atoms > 0:
        below = last_as_at_mark(books, leg, risk, weight, 0) - 1
    if weight.on_rise_atoms > 0:
        above = last_as_at_mark(books, leg, risk, weight, outside) + 1
    if above < outside and (below == 0 or above - mark < mark - below):
        return above
    return below
