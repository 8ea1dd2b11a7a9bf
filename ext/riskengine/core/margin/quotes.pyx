"""Bankruptcy quotes, limit prices and liquidation prices (WF-10 to WF-12, QS-7, QS-8)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.expect cimport expect
from riskengine.core.base.fixedpoint cimport (
    div_ceil,
    div_floor,
    greatest,
    int128_t,
    least,
    magnitude,
    mul_div_floor,
    round_down_to,
    round_up_to,
)
from riskengine.core.books.books cimport Books
from riskengine.core.books.market cimport Market
from riskengine.core.margin.assess cimport (
    assess,
    lots_value,
    maintenance_ceil,
    position_maintenance,
)


cdef int64_t bankruptcy_quote_ceil(
    const Market* market, int64_t size_lots, int64_t close_lots, Risk risk
) noexcept nogil:
    """Return what closing `close_lots` must bring so that its share of equity is used up.

    quote = ceil(value - equity * dMM / MM), in atoms; negative: what may be paid at most. Rounded
    so that the fund never pays for rounding (dYdX v4 GetBankruptcyPriceInQuoteQuantums).
    """
    cdef int64_t held = magnitude(size_lots)
    cdef int64_t released
    expect(close_lots > 0)
    expect(close_lots <= held)
    released = position_maintenance(market, held) - position_maintenance(market, held - close_lots)
    return close_value(market, size_lots, close_lots) - mul_div_floor(
        risk.equity_atoms, released, risk.maintenance_atoms
    )


cdef int64_t quote_price_floor(
    const Market* market, int64_t size_lots, int64_t close_lots, int64_t quote_atoms
) noexcept nogil:
    """Return the price of a quote in ticks, rounded down, for reports."""
    cdef int64_t proceeds = quote_atoms if size_lots > 0 else -quote_atoms
    return <int64_t>div_floor(proceeds, <int128_t>close_lots * market.rules.multiplier_atoms)


cdef int64_t limit_price(
    const Market* market, int64_t size_lots, int64_t close_lots, int64_t quote_atoms
) noexcept nogil:
    """Return the worst price of a closing order that still brings the quote, in ticks.

    Rounded to the price step in the fund's favour. 0 when a buying order has none.
    """
    cdef int64_t step = market.rules.price_step_ticks
    cdef int64_t highest = greatest(step, round_down_to(market.rules.max_price_ticks, step))
    cdef int128_t per_tick = <int128_t>close_lots * market.rules.multiplier_atoms
    cdef int64_t price
    if size_lots > 0:
        price = round_up_to(<int64_t>div_ceil(quote_atoms, per_tick), step)
        return least(highest, greatest(step, price))
    price = round_down_to(<int64_t>div_floor(-quote_atoms, per_tick), step)
    return 0 if price < step else least(highest, price)


cdef int64_t bankruptcy_price(Books& books, int32_t leg) noexcept nogil:
    """Return the price at which closing the leg uses up its share of equity; 0 when none."""
    cdef int64_t size = books.legs[leg].size_lots
    cdef const Market* market = &books.markets[books.legs[leg].market]
    cdef int64_t quote = bankruptcy_quote_ceil(
        market, size, magnitude(size), assess(books, books.legs[leg].account)
    )
    cdef int128_t per_tick = <int128_t>magnitude(size) * market.rules.multiplier_atoms
    if size > 0:
        return greatest(0, <int64_t>div_ceil(quote, per_tick))
    return greatest(0, <int64_t>div_floor(-quote, per_tick))


cdef int64_t liquidation_price(Books& books, int32_t leg) noexcept nogil:
    """Return the first mark at which the account is liquidatable, other marks held; 0 when none.

    equity(p) - MM(p) is monotone in p since rates are at most 100 %, so bisection over the ticks
    is exact, and the tier is the tier at the root (Binance FAQ b3c689c1).
    """
    cdef int64_t size = books.legs[leg].size_lots
    cdef const Market* market = &books.markets[books.legs[leg].market]
    cdef Risk risk = assess(books, books.legs[leg].account)
    cdef int64_t value = lots_value(market, size)
    cdef int64_t other_equity = risk.equity_atoms - value
    cdef int64_t other_maintenance = risk.maintenance_atoms - maintenance_ceil(
        market, magnitude(value)
    )
    # Invariant: liquidatable at `bad` (or bad is outside the range), not at `good`.
    cdef int64_t bad = 0 if size > 0 else market.rules.max_price_ticks + 1
    cdef int64_t good = market.rules.max_price_ticks + 1 if size > 0 else 0
    cdef int64_t middle
    while magnitude(good - bad) > 1:
        middle = bad + ((good - bad) >> 1) if good > bad else good + ((bad - good) >> 1)
        value = middle * market.rules.multiplier_atoms * size
        if other_equity + value < other_maintenance + maintenance_ceil(market, magnitude(value)):
            bad = middle
        else:
            good = middle
    return bad if 1 <= bad <= market.rules.max_price_ticks else 0
