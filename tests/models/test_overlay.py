"""The second model is one: no file but those of the margin room, each saying what it replaces."""

from pathlib import Path

import pytest

from riskengine.core.face.margin_testing import MarginBench
from riskengine.units import PPM
from tests.core.driver import MARKET
from tests.core_sources import CORE, ROOT, cython_functions, without_texts

OVERLAY = ROOT / "tests/models/sawtooth"
LAID = sorted(path for path in OVERLAY.rglob("*") if path.is_file())
NAMES = [path.relative_to(OVERLAY).as_posix() for path in LAID]


def signatures(path: Path) -> set[str]:
    """Return the heads of a file's functions, on one line each."""
    return {
        " ".join(" ".join(function.lines[: function.head]).split())
        for function in cython_functions(without_texts(path.read_text()))
    }


def test_it_is_two_files_of_the_margin_room_and_no_caller() -> None:
    assert NAMES == ["margin/requirement.pxd", "margin/weigh.pxd"]


@pytest.mark.parametrize("name", NAMES)
def test_it_replaces_what_is_there_and_answers_as_that_does(name: str) -> None:
    shipped = signatures(CORE / name)
    assert shipped
    assert shipped <= signatures(OVERLAY / name)


@pytest.mark.two_models
def test_what_is_compiled_is_the_model_whose_source_is_here() -> None:
    """At 8 a lot is 8 from a multiple of 16: 2 * 10 * 8 beside the tiers' ceil(80 * 5 %)."""
    is_toy = (CORE / NAMES[0]).read_text() == LAID[0].read_text()
    bench = MarginBench(1_000)
    bench.add_market(MARKET, 8)
    bench.trade(0, 10, 80)
    assert bench.assess() == ((1_000, 164, 168) if is_toy else (1_000, 4, 8))
    assert (min(bench.weigh(0, PPM)) > 0) is is_toy


@pytest.mark.two_models
def test_the_toy_is_harmed_both_ways_and_safe_again_beyond() -> None:
    """Worth 88 of 98 required at 72, 48 of 20 at 80: a bisection from 59 up would find 82."""
    bench = MarginBench(198)
    bench.add_market(MARKET, 59)
    bench.trade(0, -5, -250)
    is_toy = bench.weigh(0, PPM)[1] > 0
    at = [bench.if_marked(0, price) for price in (71, 72, 80, 82)]
    safe = [equity >= maintenance for equity, maintenance, _ in at]
    assert safe == ([True, False, True, False] if is_toy else [True] * 4)
    assert bench.liquidation_price(0) == (72 if is_toy else 86)
