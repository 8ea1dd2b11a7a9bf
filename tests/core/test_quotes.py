"""Bankruptcy quotes and the limit prices that follow from them."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.core.face.margin_testing import MarginBench
from riskengine.core.face.testing import MarketRules
from tests.core.driver import MARKET

SIZES = st.integers(1, 10**6)
PRICES = st.integers(1, 10**6)
EQUITIES = st.integers(-(10**13), 10**13)


def ceil_of(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


def holder(
    size: int, mark: int, equity: int, others: int = 0, tick_exponent: int = 0
) -> MarginBench:
    """Return an account with a leg, and one in each of so many other markets that is as large."""
    bench = MarginBench(equity)
    for index in range(1 + others):
        bench.add_market(MARKET._replace(tick_exponent=tick_exponent), mark)
        bench.trade(index, size, size * mark * 10**tick_exponent)
    return bench


@pytest.mark.rule("WF-10")
@given(SIZES, PRICES, EQUITIES, st.integers(0, 3), st.booleans(), st.data())
def test_quote_is_the_value_less_the_share_of_equity_rounded_up(
    size: int, mark: int, equity: int, others: int, is_long: bool, data: st.DataObject
) -> None:
    close = data.draw(st.integers(1, size))
    rules = MarketRules(MARKET, mark)
    whole = rules.maintenance_ceil(size * mark)
    released = whole - rules.maintenance_ceil((size - close) * mark)
    bench = holder(size if is_long else -size, mark, equity, others)
    value = close * mark if is_long else -close * mark
    exact = value - Fraction(equity * released, whole * (1 + others))
    assert bench.bankruptcy_quote_ceil(0, close) == ceil_of(exact)


@pytest.mark.rule("WF-10")
@given(SIZES, PRICES, EQUITIES, st.booleans())
def test_closing_the_only_leg_whole_uses_up_the_equity(
    size: int, mark: int, equity: int, is_long: bool
) -> None:
    signed = size if is_long else -size
    quote = holder(signed, mark, equity).bankruptcy_quote_ceil(0, size)
    assert equity + quote - signed * mark == 0


@pytest.mark.rule("WF-10")
@given(SIZES, PRICES, st.integers(1, 10**9), st.integers(1, 3), st.booleans())
def test_quotes_of_all_legs_never_exceed_the_equity(
    size: int, mark: int, equity: int, legs: int, is_long: bool
) -> None:
    """Rounded up for each leg: what the legs give up never sums to more than the equity."""
    signed = size if is_long else -size
    bench = holder(signed, mark, equity, others=legs - 1)
    given_up = [signed * mark - bench.bankruptcy_quote_ceil(leg, size) for leg in range(legs)]
    assert sum(given_up) <= equity


LONG, SHORT = 1, -1


@pytest.mark.rule("WF-11", "WF-12")
@pytest.mark.parametrize(
    ("side", "quote", "step", "price"),
    [
        pytest.param(LONG, 1_000, 1, 100, id="selling: 1000 / 10 exactly"),
        pytest.param(LONG, 1_001, 1, 101, id="selling: up to a tick, 100.1"),
        pytest.param(LONG, 999, 1, 100, id="selling: up to a tick, 99.9"),
        pytest.param(LONG, 1_000, 5, 100, id="selling: on the step"),
        pytest.param(LONG, 1_001, 5, 105, id="selling: up to the step"),
        pytest.param(LONG, 1_050, 5, 105, id="selling: on the next step"),
        pytest.param(LONG, 10, 5, 5, id="selling: at least one step, 1 < 5"),
        pytest.param(LONG, 0, 1, 1, id="selling for nothing: one step"),
        pytest.param(LONG, -1_000, 1, 1, id="selling below nothing: one step"),
        pytest.param(LONG, 9_980, 1, 998, id="selling: at the highest price"),
        pytest.param(LONG, 9_981, 1, 998, id="selling: above it, the highest"),
        pytest.param(LONG, 9_951, 5, 995, id="selling: above it, the highest on the step"),
        pytest.param(SHORT, -1_000, 1, 100, id="buying: 1000 / 10 exactly"),
        pytest.param(SHORT, -1_001, 1, 100, id="buying: down to a tick, 100.1"),
        pytest.param(SHORT, -999, 1, 99, id="buying: down to a tick, 99.9"),
        pytest.param(SHORT, -1_049, 5, 100, id="buying: down to the step"),
        pytest.param(SHORT, -1_050, 5, 105, id="buying: on the step"),
        pytest.param(SHORT, -50, 5, 5, id="buying: one step is the least"),
        pytest.param(SHORT, -49, 5, 0, id="buying: below one step there is none"),
        pytest.param(SHORT, -10, 1, 1, id="buying: one tick"),
        pytest.param(SHORT, -9, 1, 0, id="buying: below one tick there is none"),
        pytest.param(SHORT, 10, 1, 0, id="buying: it may pay nothing at all"),
        pytest.param(SHORT, -9_990, 1, 998, id="buying: above the highest, the highest"),
        pytest.param(SHORT, -9_990, 5, 995, id="buying: above the highest on the step"),
    ],
)
def test_limit_price_is_rounded_in_favour_of_the_fund(
    side: int, quote: int, step: int, price: int
) -> None:
    market = MarketRules(MARKET._replace(price_step_ticks=step, max_price_ticks=998), 100)
    assert market.limit_price(side * 10, 10, quote) == price


@pytest.mark.rule("WF-11", "WF-12")
@given(st.integers(1, 1_000), st.integers(-(10**9), 10**9), st.integers(1, 50), st.booleans())
def test_a_fill_at_the_limit_brings_at_least_the_quote(
    close: int, quote: int, step: int, is_long: bool
) -> None:
    parameters = MARKET._replace(price_step_ticks=step)
    side = LONG if is_long else SHORT
    price = MarketRules(parameters, 100).limit_price(side * close, close, quote)
    highest = MARKET.max_price_ticks // step * step
    assert price % step == 0
    assert 0 <= price <= highest
    if not is_long and price == 0:
        assert -quote < step * close
    elif price < highest:
        assert side * price * close >= quote
        is_least = side * (price - side * step) * close < quote
        assert is_least or price == step


@pytest.mark.rule("MG-1")
@pytest.mark.parametrize("tick_exponent", [0, 1, 2])
def test_the_multiplier_enters_quote_and_limit(tick_exponent: int) -> None:
    value = 10 * 100 * 10**tick_exponent
    assert holder(10, 100, 0, tick_exponent=tick_exponent).bankruptcy_quote_ceil(0, 10) == value
    market = MarketRules(MARKET._replace(tick_exponent=tick_exponent), 100)
    assert market.limit_price(10, 10, value) == 100
