"""docs/pictures/bands.svg: the bands of an account on a price axis, as the engine has them.

It is long 10 ETH from 2,000 and as much in another market, on 4,000 of margin, at 5 %. Where a band
ends is asked of the engine: the first price at which a mark has the account looked at.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from html import escape

import numpy as np

from riskengine.core.engine import Engine
from riskengine.core.enums import AccountState, LossPolicy
from riskengine.core.types import AccountView, MarketParameters, RiskTier

ETHER, OTHER_MARKET, FUND, ASSET, OWNER, OTHER = 1, 2, 1, 1, 1, 2
TICKS = 100
"""Ticks of a dollar."""

OPENED, CALLED = 2_000 * TICKS, 1_830 * TICKS
"""The marks of the first and the last row; that of the second is where the first band ends."""

LEAST, MOST = 1_770 * TICKS, 2_030 * TICKS
"""Both ends of the axis."""

WIDTH, HEIGHT, LEFT, RIGHT = 860, 330, 120, 840
ROWS = (100, 172, 244)
AXIS = 292
SAFE, MARKED, LIMIT = "#2f855a", "#1a4b8c", "#b83232"


@dataclass(frozen=True, slots=True)
class Row:
    """An account under one mark: its state, and where its band ends on each side, 0 if nowhere."""

    mark_ticks: int
    state: str
    below_ticks: int
    above_ticks: int


def bands() -> str:
    """Return the picture."""
    engine = _venue()
    rows = list(_rows(engine))
    called = _first(OPENED, LEAST, partial(_is_called, engine))
    position = next(leg for leg in _owner(engine).positions if leg.market_id == ETHER)
    limits = (
        ("liquidation from", position.liquidation_price_ticks),
        ("margin call from", called),
    )
    return _svg(rows, limits)


def _venue() -> Engine:
    engine = Engine()
    engine.create_asset(1, ASSET, "USD", -6)
    engine.create_fund(1, FUND, ASSET)
    for market in (ETHER, OTHER_MARKET):
        engine.set_market(1, _market(market))
        _mark(engine, OPENED, market)
    engine.deposits(
        1, _column(OWNER, OTHER), _column(ASSET, ASSET), _column(4_000_000_000, 10_000_000_000)
    )
    none = _column()
    for market in (ETHER, OTHER_MARKET):
        who = _column(market), _column(OWNER), _column(OTHER)
        engine.trades(1, *who, _column(OPENED), _column(10_000), none, none, none)
    return engine


def _market(market_id: int) -> MarketParameters:
    return MarketParameters(
        market_id=market_id,
        symbol=f"MARKET-{market_id}",
        asset_id=ASSET,
        fund_id=FUND,
        tick_exponent=-2,
        lot_exponent=-3,
        price_step_ticks=1,
        size_step_lots=1,
        max_price_ticks=100_000_000,
        max_position_lots=10_000_000,
        tiers=(RiskTier(0, 100_000, 50_000),),
        liquidation_fee_ppm=1_000,
        liquidation_timeout_millis=5_000,
        liquidation_slice_lots=0,
        liquidation_cooldown_millis=0,
        dust_notional_atoms=0,
        loss_policy=LossPolicy.QUEUE,
        discount_ppm=1_000,
    )


def _column(*values: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(values, dtype=np.int64)


def _mark(engine: Engine, ticks: int, market: int = ETHER) -> None:
    engine.mark_prices(1, _column(market), _column(ticks))


def _owner(engine: Engine) -> AccountView:
    view = engine.account(OWNER)
    assert view is not None
    return view


def _is_called(engine: Engine, ticks: int) -> bool:
    """Return whether this mark would bring the owner's account a margin call, or worse."""
    fork = engine.fork()
    _mark(fork, ticks)
    return _owner(fork).state != AccountState.NORMAL


def _is_looked_at(engine: Engine, ticks: int) -> bool:
    """Return whether this mark would have the owner's account recomputed."""
    fork = engine.fork()
    before = fork.counters().recomputed_accounts
    _mark(fork, ticks)
    return fork.counters().recomputed_accounts > before


def _first(start: int, end: int, is_there: Callable[[int], bool]) -> int:
    """Return the price nearest to the start, toward the end, where something is; 0 if nowhere."""
    if not is_there(end):
        return 0
    absent, present = start, end
    while abs(present - absent) > 1:
        middle = (absent + present) // 2
        absent, present = (absent, middle) if is_there(middle) else (middle, present)
    return present


def _rows(engine: Engine) -> Iterator[Row]:
    for ticks in (OPENED, _end(engine, OPENED, LEAST), CALLED):
        fork = engine.fork()
        if ticks != OPENED:
            _mark(fork, ticks)
        state = AccountState(_owner(fork).state).name
        yield Row(ticks, state, _end(fork, ticks, LEAST), _end(fork, ticks, MOST))


def _end(engine: Engine, mark_ticks: int, toward_ticks: int) -> int:
    """Return where the band around a mark ends on one side, 0 if nowhere."""
    return _first(mark_ticks, toward_ticks, partial(_is_looked_at, engine))


def _x(ticks: int) -> float:
    return round(LEFT + (RIGHT - LEFT) * (ticks - LEAST) / (MOST - LEAST), 1)


def _price(ticks: int) -> str:
    return f"{ticks / TICKS:,.2f}"


def _svg(rows: list[Row], limits: tuple[tuple[str, int], ...]) -> str:
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">',
        '<g font-family="DejaVu Sans, Verdana, sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for number, (name, ticks) in enumerate(limits):
        y = 22 + 20 * number
        parts.append(_line(_x(ticks), y + 5, _x(ticks), AXIS, LIMIT, dashes="4 3"))
        parts.append(_text(_x(ticks) + 5, y, f"{name} {_price(ticks)}", LIMIT))
    for row, y in zip(rows, ROWS, strict=True):
        parts += _row(row, y)
    parts.append(_line(LEFT, AXIS, RIGHT, AXIS, "black"))
    for dollars in range(LEAST // TICKS + 30, MOST // TICKS + 1, 50):
        x = _x(dollars * TICKS)
        parts.append(_line(x, AXIS, x, AXIS + 5, "black"))
        parts.append(_text(x, AXIS + 20, f"{dollars:,}", "black", anchor="middle"))
    return "\n".join([*parts, "</g>", "</svg>", ""])


def _row(row: Row, y: int) -> Iterator[str]:
    begin = _x(row.below_ticks or LEAST)
    end = _x(row.above_ticks or MOST)
    yield _text(8, y + 4, row.state, "black")
    width = f'width="{end - begin:.1f}" height="18"'
    yield f'<rect x="{begin}" y="{y - 9}" {width} fill="{SAFE}" opacity="0.25"/>'
    for ticks, side in ((row.below_ticks, -1), (row.above_ticks, 1)):
        if ticks:
            yield _line(_x(ticks), y - 13, _x(ticks), y + 13, SAFE, width=2)
            anchor = "end" if side < 0 else "start"
            yield _text(_x(ticks) + 5 * side, y + 4, _price(ticks), SAFE, anchor=anchor)
        else:
            yield _text(end, y + 24, "no watch on this side", SAFE, anchor="end")
    yield f'<circle cx="{_x(row.mark_ticks)}" cy="{y}" r="5" fill="{MARKED}"/>'
    yield _text(
        _x(row.mark_ticks), y - 13, f"mark {_price(row.mark_ticks)}", MARKED, anchor="middle"
    )


def _line(
    x1: float, y1: float, x2: float, y2: float, color: str, width: int = 1, dashes: str = ""
) -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{color}" '
        f'stroke-width="{width}"{dashed}/>'
    )


def _text(x: float, y: float, text: str, color: str, anchor: str = "start") -> str:
    return (
        f'<text x="{x:g}" y="{y}" fill="{color}" text-anchor="{anchor}" stroke="white" '
        f'stroke-width="3" paint-order="stroke">{escape(text)}</text>'
    )
