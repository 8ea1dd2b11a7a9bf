"""Bars from files: what is played, and what is refused with file, line and column."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from riskengine.simulator.bars import Bar, BarsError, bars_path, read_bars, select_window
from riskengine.simulator.markets import MARKETS

HEADER = "timestamp,open,high,low,close,volume\n"
GOOD = "2022-01-22 10:11:00.000000,34000.0,34100.5,33979.0,34050.0,12.5\n"
NEXT = "2022-01-22 10:12:00,34050,34050,34050,34050,0\n"
TWO_REAL_DAYS = Path(__file__).parents[1] / "data/btc_2022-01-21_22.csv.gz"


def write(folder: Path, text: str) -> Path:
    path = folder / "bars.csv"
    path.write_text(text)
    return path


def test_reads_plain_and_gzipped(tmp_path: Path) -> None:
    plain = write(tmp_path, HEADER + GOOD + NEXT)
    packed = tmp_path / "bars.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    bars = read_bars(plain)
    assert bars == read_bars(packed)
    assert bars[0] == Bar(1_642_846_260, 34_000.0, 34_100.5, 33_979.0, 34_050.0, 12.5)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "line 1: the header must be"),
        ("time,open,high,low,close,volume\n", "line 1: the header must be"),
        (HEADER, "at least two bars are needed, found 0"),
        (HEADER + GOOD, "at least two bars are needed, found 1"),
        (HEADER + GOOD + "a,b\n", "line 3: 6 columns are needed, found 2"),
        (HEADER + GOOD.replace("2022-01-22", "22 Jan"), "line 2, column timestamp: '22 Jan"),
        (HEADER + GOOD.replace("34100.5", "x"), "line 2, column high: 'x' is not a number"),
        (HEADER + GOOD.replace("34100.5", "nan"), "line 2, column high: 'nan' is not a finite"),
        (HEADER + GOOD.replace("34100.5", "inf"), "line 2, column high: 'inf' is not a finite"),
        (HEADER + GOOD.replace("33979.0", "0"), "line 2, column low: 0 is not a price from 100"),
        (HEADER + GOOD.replace("34100.5", "1e6"), "line 2, column high: 1e+06 is not a price"),
        (HEADER + GOOD.replace("34100.5", "34049"), "line 2, column high: 34049 is below"),
        (HEADER + GOOD.replace("33979.0", "34001"), "line 2, column low: 34001 is above"),
        (HEADER + GOOD.replace("12.5", "-1"), "line 2, column volume: -1 is negative"),
        (HEADER + GOOD + GOOD, "line 3, column timestamp: 2022-01-22 10:11:00.000000 is not after"),
        (HEADER + NEXT + GOOD, "line 3, column timestamp: 2022-01-22 10:11:00.000000 is not after"),
    ],
)
def test_refuses_a_fault_by_file_line_and_column(tmp_path: Path, text: str, problem: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(BarsError) as caught:
        read_bars(path)
    assert str(caught.value).startswith(str(path))
    assert problem in str(caught.value)


def test_refuses_files_that_are_none(tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv.gz"
    broken.write_bytes(gzip.compress((HEADER + GOOD).encode())[:-12])
    not_gzip = tmp_path / "plain.csv.gz"
    not_gzip.write_text(HEADER)
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\xff\xfe\x00")
    for path, problem in (
        (tmp_path / "missing.csv", "no such file"),
        (tmp_path, "cannot be read"),
        (broken, "gzip data is damaged"),
        (not_gzip, "cannot be read"),
        (binary, "not text in UTF-8"),
    ):
        with pytest.raises(BarsError, match=problem):
            read_bars(path)


def bar_at(moment: datetime, price: float, low: float | None = None) -> Bar:
    return Bar(int(moment.timestamp()), price, price, low or price, price, 1.0)


def a_week_with_a_fall() -> list[Bar]:
    start = datetime(2022, 1, 17, tzinfo=UTC)
    bars = [bar_at(start + timedelta(minutes=at), 40_000.0) for at in range(7 * 1_440)]
    low = 5 * 1_440 + 611  # 22 January, 10:11
    bars[low] = bar_at(start + timedelta(minutes=low), 40_000.0, low=33_979.0)
    return bars


def test_window_of_a_long_file_is_two_days_that_end_with_the_low() -> None:
    chosen = select_window(a_week_with_a_fall())
    assert len(chosen) == 2 * 1_440
    assert datetime.fromtimestamp(chosen[0].time_seconds, UTC) == datetime(2022, 1, 21, tzinfo=UTC)


def test_window_can_be_given() -> None:
    bars = a_week_with_a_fall()
    first, last = datetime(2022, 1, 18, 6, tzinfo=UTC), datetime(2022, 1, 18, 12, tzinfo=UTC)
    assert len(select_window(bars, first, last)) == 360
    assert len(select_window(bars, first)) == 2 * 1_440
    assert select_window(bars, end=last)[-1].time_seconds == int(last.timestamp()) - 60
    with pytest.raises(BarsError, match="the file has 2022-01-17 00:00 to 2022-01-23 23:59"):
        select_window(bars, datetime(2023, 1, 1, tzinfo=UTC))


def test_a_short_file_is_played_whole() -> None:
    bars = a_week_with_a_fall()[:2_000]
    assert select_window(bars) == bars


@pytest.mark.parametrize(
    ("close", "points"),
    [
        (101.0, (100.0, 90.0, 120.0, 101.0)),  # rose: low first
        (99.0, (100.0, 120.0, 90.0, 99.0)),  # fell: high first
        (100.0, (100.0, 120.0, 90.0, 100.0)),  # neither: high first
    ],
)
def test_order_within_a_bar(close: float, points: tuple[float, ...]) -> None:
    assert Bar(0, 100.0, 120.0, 90.0, close, 1.0).turning_points() == points


def test_path_has_each_close_and_the_large_turning_points() -> None:
    quiet = [Bar(60 * at, 40_000.0, 40_001.0, 39_999.0, 40_000.0, 1.0) for at in range(20)]
    quiet[7] = Bar(420, 40_000.0, 40_000.0, 36_000.0, 40_000.0, 10.0)
    path = bars_path(MARKETS, quiet, "x.csv", seed=1)
    prices = [row[0] for row in path.index_ticks]
    assert prices.count(360_000) == 1
    assert len(path) == 20 + 2  # the first open, 20 closes, one low
    assert path.times_seconds == tuple(sorted(set(path.times_seconds)))
    assert path.times_seconds[prices.index(360_000)] == 420 + 30
    assert path.activity_ppm[0] == 1_000_000
    assert path.activity_ppm[prices.index(360_000)] == 3_000_000
    assert path == bars_path(MARKETS, quiet, "x.csv", seed=1)


def test_two_real_days_are_played_whole() -> None:
    bars = read_bars(TWO_REAL_DAYS)
    assert select_window(bars) == bars
    assert len(bars) == 2 * 1_440
    assert (max(bar.high for bar in bars), min(bar.low for bar in bars)) == (41_100.0, 33_979.0)
    path = bars_path(MARKETS, bars, TWO_REAL_DAYS.name, seed=1)
    assert path.title == f"{TWO_REAL_DAYS.name}, 2022-01-21 00:00 to 2022-01-22 23:59"
    assert len(bars) < len(path) <= 1.15 * len(bars)
    prices = [row[0] for row in path.index_ticks]
    assert min(prices) == 339_790
    closes = dict(zip(path.times_seconds, prices, strict=True))
    assert [closes[bar.time_seconds + 45] for bar in bars] == [
        MARKETS[0].ticks(bar.close) for bar in bars
    ]
