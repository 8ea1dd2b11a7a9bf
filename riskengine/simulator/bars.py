"""Real one-minute bars from a file, played as the first market."""

import csv
import gzip
import io
import math
import statistics
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from riskengine.simulator.markets import MarketSpec
from riskengine.simulator.prices import PricePath, correlated_ticks
from riskengine.units import PPM

COLUMNS = ("timestamp", "open", "high", "low", "close", "volume")
LOWEST_PRICE, HIGHEST_PRICE = 100.0, 900_000.0
"""What the first market's ticks can carry, with room for the venue's own price impact."""
WINDOW_SECONDS = 2 * 86_400
QUIET_PPM = 400
"""A turning point inside a bar is played when it is further than this from the last one played."""
LAST_QUARTER = 3
STEPS_PER_BAR_PPM = 1_150_000
"""Steps of a path at most; `QUIET_PPM` is doubled until it has no more."""


class BarsError(ValueError):
    """The file of bars cannot be used; the text names file, line and column."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One minute of trading."""

    time_seconds: int
    open: float
    high: float
    low: float
    close: float
    volume: float

    def turning_points(self) -> tuple[float, float, float, float]:
        """Return open, then the extremes in the likelier order, then close.

        A bar that closes above its open is taken to have made its low first, any other its high.
        """
        if self.close > self.open:
            return (self.open, self.low, self.high, self.close)
        return (self.open, self.high, self.low, self.close)


def read_bars(path: Path) -> list[Bar]:
    """Return all bars of a CSV file, gzipped or not. Raise `BarsError` at the first fault."""
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    except FileNotFoundError:
        raise BarsError(f"{path}: no such file") from None
    except OSError as error:  # gzip.BadGzipFile is one
        raise BarsError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (EOFError, zlib.error) as error:
        raise BarsError(f"{path}: the gzip data is damaged: {error}") from error
    except UnicodeDecodeError as error:
        raise BarsError(f"{path}: not text in UTF-8 (byte {error.start})") from error
    bars = list(_parse(path, csv.reader(io.StringIO(text, newline=""))))
    if len(bars) < 2:
        raise BarsError(f"{path}: at least two bars are needed, found {len(bars)}")
    return bars


def _parse(path: Path, reader: Iterator[list[str]]) -> Iterator[Bar]:
    header = next(reader, [])
    if tuple(name.strip().lower() for name in header) != COLUMNS:
        raise BarsError(
            f"{path}, line 1: the header must be '{','.join(COLUMNS)}', not '{','.join(header)}'"
        )
    last = None
    for line, row in enumerate(reader, start=2):
        if not row:
            continue
        bar = _parse_bar(f"{path}, line {line}", row)
        if last is not None and bar.time_seconds <= last:
            raise BarsError(
                f"{path}, line {line}, column timestamp: {row[0]} is not after the bar before it"
            )
        last = bar.time_seconds
        yield bar


def _parse_bar(where: str, row: list[str]) -> Bar:
    if len(row) != len(COLUMNS):
        raise BarsError(f"{where}: {len(COLUMNS)} columns are needed, found {len(row)}")
    time_seconds = _parse_time(f"{where}, column timestamp", row[0])
    numbers = [
        _parse_number(f"{where}, column {name}", cell)
        for name, cell in zip(COLUMNS[1:], row[1:], strict=True)
    ]
    bar = Bar(time_seconds, *numbers)
    if bar.volume < 0:
        raise BarsError(f"{where}, column volume: {row[5]} is negative")
    for name, price in zip(COLUMNS[1:5], numbers, strict=False):
        if not LOWEST_PRICE <= price <= HIGHEST_PRICE:
            raise BarsError(
                f"{where}, column {name}: {price:g} is not a price"
                f" from {LOWEST_PRICE:g} to {HIGHEST_PRICE:g}"
            )
    if bar.high < max(bar.open, bar.close):
        raise BarsError(f"{where}, column high: {row[2]} is below open or close")
    if bar.low > min(bar.open, bar.close):
        raise BarsError(f"{where}, column low: {row[3]} is above open or close")
    return bar


def _parse_time(where: str, cell: str) -> int:
    try:
        moment = datetime.fromisoformat(cell.strip())
    except ValueError:
        raise BarsError(
            f"{where}: '{cell}' is not a time like '2022-01-22 10:11:00' (UTC)"
        ) from None
    return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())


def _parse_number(where: str, cell: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        raise BarsError(f"{where}: '{cell}' is not a number") from None
    if not math.isfinite(number):
        raise BarsError(f"{where}: '{cell}' is not a finite number")
    return number


def select_window(
    bars: Sequence[Bar], start: datetime | None = None, end: datetime | None = None
) -> list[Bar]:
    """Return the bars from `start` up to, not with, `end`.

    Without either: all of a file of up to two days; of a longer one the two UTC days that end with
    the day on which the largest fall within 48 hours had its low.
    """
    if start is None and end is None:
        if bars[-1].time_seconds - bars[0].time_seconds <= WINDOW_SECONDS:
            return list(bars)
        end = _day_after(_low_of_largest_fall(bars))
    if start is None:
        assert end is not None
        start = end - timedelta(seconds=WINDOW_SECONDS)
    if end is None:
        end = start + timedelta(seconds=WINDOW_SECONDS)
    first, last = start.timestamp(), end.timestamp()
    chosen = [bar for bar in bars if first <= bar.time_seconds < last]
    if len(chosen) < 2:
        held = f"{_clock(bars[0].time_seconds)} to {_clock(bars[-1].time_seconds)}"
        raise BarsError(
            f"no two bars from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}: the file has {held}"
        )
    return chosen


def _low_of_largest_fall(bars: Sequence[Bar]) -> int:
    """Return the time of the low of the largest fall from a high at most 48 hours before."""
    worst, low_time, begin = 0.0, bars[-1].time_seconds, 0
    falling: list[int] = []  # indices of bars whose highs fall: a queue for the window's maximum
    for index, bar in enumerate(bars):
        while len(falling) > begin and bars[falling[-1]].high <= bar.high:
            falling.pop()
        falling.append(index)
        while bars[falling[begin]].time_seconds < bar.time_seconds - WINDOW_SECONDS:
            begin += 1
        fall = 1.0 - bar.low / bars[falling[begin]].high
        if fall > worst:
            worst, low_time = fall, bar.time_seconds
    return low_time


def _day_after(time_seconds: int) -> datetime:
    day = datetime.fromtimestamp(time_seconds, UTC).replace(hour=0, minute=0, second=0)
    return day + timedelta(days=1)


def _clock(time_seconds: int) -> str:
    return f"{datetime.fromtimestamp(time_seconds, UTC):%Y-%m-%d %H:%M}"


def bars_path(
    markets: Sequence[MarketSpec], bars: Sequence[Bar], name: str, seed: int
) -> PricePath:
    """Return the path of the bars: each bar's close, and the largest of its other turning points.

    The other markets follow with their betas and noise from the seed.
    """
    points = _turning_points(bars)
    prices = [price for _, price, _ in points]
    first = markets[0]
    columns = [[first.ticks(price) for price in prices]]
    columns += correlated_ticks(markets[1:], prices, len(bars) / len(prices), seed)
    return PricePath(
        title=f"{name}, {_clock(bars[0].time_seconds)} to {_clock(bars[-1].time_seconds)}",
        times_seconds=tuple(time_seconds for time_seconds, _, _ in points),
        index_ticks=tuple(zip(*columns, strict=True)),
        activity_ppm=tuple(activity for _, _, activity in points),
    )


Point = tuple[int, float, int]
"""Time, price, background trading in ppm of the average."""


def _turning_points(bars: Sequence[Bar]) -> list[Point]:
    """Return the points that are played, in order of time."""
    usual = statistics.median(bar.volume for bar in bars) or 1.0
    quiet_ppm = QUIET_PPM
    while True:
        points: list[Point] = []
        for bar in bars:
            activity = int(PPM * min(3.0, max(0.25, bar.volume / usual)))
            for quarter, price in enumerate(bar.turning_points()):
                moved = not points or abs(price / points[-1][1] - 1.0) * PPM > quiet_ppm
                if moved or quarter == LAST_QUARTER:
                    points.append((bar.time_seconds + 15 * quarter, price, activity))
        if len(points) * PPM <= len(bars) * STEPS_PER_BAR_PPM:
            return points
        quiet_ppm *= 2
