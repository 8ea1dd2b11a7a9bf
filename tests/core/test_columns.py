"""What a column may be: any buffer of native int64 in one dimension, and nothing else."""

import re
from array import array
from typing import Any

import numpy as np
import pytest

from riskengine.core.engine import Engine
from riskengine.core.enums import PositionUpdateMode
from tests.core.driver import COLUMNS, MARKET, call, state_of

EVERY_COLUMN = [(command, name) for command, names in COLUMNS.items() for name in names]


def packed(*values: int) -> bytes:
    return array("q", values).tobytes()


def after(byte_count: int, *values: int) -> memoryview:
    """Return values that begin so many bytes after an aligned address."""
    return memoryview(bytes(byte_count) + packed(*values))[byte_count:].cast("q")


GOOD: dict[str, Any] = {
    "int64 array": np.array([1, 2]),
    "array of q": array("q", [1, 2]),
    "array of l": array("l", [1, 2]),
    "packed bytes": memoryview(packed(1, 2)).cast("q"),
    "bytes off their alignment": after(1, 1, 2),
    "array off its alignment": np.frombuffer(b"." + packed(1, 2), dtype=np.int64, offset=1),
    "read-only array": np.broadcast_to(np.array([1, 2]), 2),
    "part of an array": np.array([0, 1, 2, 3])[1:3],
    "column of a table stored by columns": np.array([[1, 0], [2, 0]], order="F")[:, 0],
}

BAD: dict[str, tuple[Any, type[Exception], str]] = {
    "None": (None, TypeError, "must be an array of int64, not NoneType"),
    "number": (1, TypeError, "must be an array of int64, not int"),
    "list": ([1, 2], TypeError, "must be an array of int64, not list"),
    "bytes": (packed(1, 2), ValueError, "must hold int64, not elements of type 'B'"),
    "float64": (np.ones(2), ValueError, "must hold int64, not elements of type 'd'"),
    "int32": (np.ones(2, dtype=np.int32), ValueError, "must hold int64, not elements of type 'i'"),
    "uint64": (
        np.ones(2, dtype=np.uint64),
        ValueError,
        "must hold int64, not elements of type 'L'",
    ),
    "other byte order": (np.ones(2, dtype=">i8"), ValueError, "int64, not elements of type '>q'"),
    "records": (
        np.ones(2, dtype=[("x", "i8")]),
        ValueError,
        "int64, not elements of type 'T{l:x:}'",
    ),
    "number in an array": (np.array(1), ValueError, "must have one dimension, not 0"),
    "table": (np.array([[1, 2]]), ValueError, "must have one dimension, not 2"),
    "every second": (np.arange(4)[::2], ValueError, "must be contiguous, not have a stride of 16"),
    "backwards": (np.arange(2)[::-1], ValueError, "must be contiguous, not have a stride of -8"),
    "one repeated": (
        np.broadcast_to(np.array(1), 2),
        ValueError,
        "must be contiguous, not have a stride of 0",
    ),
}


def opened(command: str = "") -> Engine:
    """Return an engine with two markets, in the mode in which the command is taken."""
    engine = Engine()
    engine.create_asset(1, 1, "USD", 0)
    engine.create_fund(1, 1, 1)
    engine.set_market(1, MARKET)
    engine.set_market(1, MARKET._replace(market_id=2))
    if command.startswith("load_"):
        engine.begin_loading(1, 0)
    return engine


def arguments_of(command: str, columns: dict[str, Any]) -> list[Any]:
    """Return the arguments after the time: columns of two rows, but for those given."""
    mode = [PositionUpdateMode.DELTA] if command == "position_updates" else []
    return mode + [columns.get(name, array("q", [1, 2])) for name in COLUMNS[command]]


@pytest.mark.parametrize("values", GOOD.values(), ids=GOOD)
def test_any_buffer_of_int64_is_a_column(values: Any) -> None:
    engine = opened()
    outcome = engine.mark_prices(2, values, values)
    assert (outcome.applied_rows, outcome.rejections) == (2, [])
    assert [market.mark_price_ticks for market in engine.markets()] == [1, 2]


@pytest.mark.parametrize("stride", [-8, 0, 16])
def test_the_stride_of_a_single_row_does_not_matter(stride: int) -> None:
    one = np.lib.stride_tricks.as_strided(np.array([1, 0]), shape=(1,), strides=(stride,))
    assert opened().mark_prices(2, one, one).applied_rows == 1


@pytest.mark.parametrize(("command", "name"), EVERY_COLUMN)
def test_every_column_is_checked_by_its_name(command: str, name: str) -> None:
    engine = opened()
    before = state_of(engine)
    arguments = arguments_of(command, {name: np.array([1.0, 2.0])})
    with pytest.raises(ValueError, match=f"^{name} must hold int64, not elements of type 'd'$"):
        call(engine, command, 2, *arguments)
    assert state_of(engine) == before


@pytest.mark.parametrize(("values", "error", "text"), BAD.values(), ids=BAD)
def test_what_is_no_column_is_told_so(values: Any, error: type[Exception], text: str) -> None:
    engine = opened()
    before = state_of(engine)
    with pytest.raises(error, match=f"^mark_price_ticks .*{re.escape(text)}$"):
        engine.mark_prices(2, np.array([1, 2]), values)
    assert state_of(engine) == before


@pytest.mark.parametrize("command", COLUMNS)
@pytest.mark.parametrize("case", ["applied or refused by row", "refused whole", "not a column"])
def test_columns_are_given_back(command: str, case: str) -> None:
    """An array whose memory is lent out cannot grow."""
    lent = {name: array("q", [1, 2]) for name in COLUMNS[command]}
    last = COLUMNS[command][-1]
    given: dict[str, Any] = dict(lent)
    if case == "not a column":
        given[last] = 1
    elif case == "refused whole":
        for values in lent.values():
            del values[:]
    arguments = arguments_of(command, given)
    engine = opened(command)
    if case == "not a column":
        with pytest.raises(TypeError, match=last):
            call(engine, command, 2, *arguments)
    else:
        outcome = call(engine, command, 2, *arguments)
        assert outcome.rejected_rows + outcome.applied_rows == (1 if case == "refused whole" else 2)
    for values in lent.values():
        values.append(1)
