"""House rules of the core that no other tool checks: its purity, its layers, its habits."""

import re
from collections.abc import Iterator

import pytest

from tests.core_sources import (
    CORE,
    TEXT,
    Function,
    arguments,
    core_files,
    cython_functions,
    module_of,
    name_of,
    without_texts,
)

CORE_ROOMS = (
    *("base", "events", "books", "margin", "index", "losses", "waterfall", "commands", "face"),
    "engine",
)
"""Rooms of the core, lowest first: a module cimports only its own room and lower ones."""

PYTHON_FACE = {"counters", "enums", "types", "windows"}
"""Python modules that the highest compiled ones fill."""

CORE_BANNED = {
    "clock, chance or input and output": re.compile(
        r"\bc?import\s+(time|random|datetime|secrets|os|sys|io|socket|threading)\b"
        r"|\bfrom\s+(libc\.time|time|random|datetime|secrets|os|sys|io|socket|threading)\b"
        r"|\b(print|open|input|rand|srand|clock_gettime)\s*\("
    ),
    "floating point": re.compile(r"\b(float|double|floating|float32_t|float64_t)\b|\blibc\.math\b"),
    "order of a hash": re.compile(r"\bunordered_(multi)?(map|set)\b|\bhash\s*\("),
    "order of enum values": re.compile(
        r" [<>]=? (ACCOUNT_STATE|EVENT_KIND|LIQUIDATION_OUTCOME|LOSS_POLICY|REJECT_REASON|SIDE)_"
    ),
    "overflowcheck": re.compile(r"\boverflowcheck\b"),
    "textual include": re.compile(r"^\s*include\s", re.MULTILINE),
}

DIVISION = re.compile(r"\b((?:mul_)?div_(?:floor|ceil)|round_(?:down|up)_to)\(")
OPERATOR = re.compile(r"(?<=\s)(?:/|//|%)=? ([^\s:),]+)")
CONSTANT = re.compile(
    r"[A-Z][A-Z_]*|[1-9]\d*|<int64_t>1 << [A-Z_]+|greatest\((?:1, .*|.*, 1)\)", re.DOTALL
)
PROOF = re.compile(r"> 0\b")
UNPROVEN = {"base/fixedpoint.pxd", "face/testing.pyx"}
"""The divisions themselves, and what lets tests divide as they like."""

ASSESSMENT = re.compile(r"\bassess\(")
DEFINED = re.compile(r"(\w+)\(")
FINDERS = (
    *("judge_account", "look_at", "arm_changed", "would_act", "foresee"),
    "stays_below_zero",
)
"""Who assesses accounts to find what is to be done about them."""

ASSESSED_IN_A_STEP = {
    "settle": "the pass has closed lots; the fund has paid its debt",
    "pay_by_market": "the fund, before it pays",
    "can_take_over": "the fund, which another take-over has changed",
    "describe_fill": "the account, before the fill",
    "fill_order": "lots were bought or sold",
    "payable_of_debt": "the fund, before",
    "end_debt": "its debt has been paid",
}
"""Who assesses an account in the course of a liquidation, and what has changed it by then."""

BALANCE_CHANGE = re.compile(r"\bbalance_atoms [-+]?= ")
INNER_IMPORT = re.compile(r"^(?:from|c?import) riskengine\.core\.([\w.]+)", re.MULTILINE)
FROM_A_ROOM = re.compile(r"^from riskengine\.core\.\w+ cimport\b", re.MULTILINE)
OUTER_IMPORT = re.compile(r"^(?:from|cimport|import) ([\w.]+)", re.MULTILINE)


def _room(module: str) -> int:
    return CORE_ROOMS.index(module.partition(".")[0])


def _core_cimports() -> dict[str, set[str]]:
    """Return which modules of the core each one cimports."""
    found: dict[str, set[str]] = {}
    for path in core_files():
        names = set(INNER_IMPORT.findall(without_texts(path.read_text())))
        found.setdefault(module_of(path), set()).update(names - PYTHON_FACE - {module_of(path)})
    return found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("cdef int f(int a) noexcept nogil:\n    a += 1\n\n    return a\n\nx = 1\n", [4]),
        (
            "cdef class A:\n  def f(\n      self,\n  ):\n    pass\n  cdef g(self):\n    pass",
            [4, 2],
        ),
        ("cdef int declared(int a) noexcept nogil\n\ncdef struct S:\n    int a\n", []),
        ("cpdef f(a):  # why: because\n    return a", [2]),
    ],
)
def test_cython_functions_are_measured(source: str, expected: list[int]) -> None:
    assert [len(function.lines) for function in cython_functions(source)] == expected


@pytest.mark.parametrize("rule", CORE_BANNED)
def test_the_core_is_free_of(rule: str) -> None:
    found = {
        f"{name_of(path)}: {match.group()}"
        for path in core_files()
        for match in CORE_BANNED[rule].finditer(without_texts(path.read_text()))
    }
    assert found == set()


def test_only_fixed_point_arithmetic_divides_as_c_does() -> None:
    users = {path.stem for path in core_files() if "cdivision" in without_texts(path.read_text())}
    assert users <= {"fixedpoint"}


def test_the_core_has_these_rooms() -> None:
    rooms = {path.name for path in CORE.iterdir() if path.is_dir()} | {"engine"}
    assert rooms == set(CORE_ROOMS)
    files = {path.name for path in CORE.iterdir() if path.suffix in {".pyx", ".pxd", ".hpp"}}
    assert files == {"__init__.pxd", "engine.pyx"}


def test_core_modules_cimport_downward_only() -> None:
    upward = {
        f"{module} cimports {name}"
        for module, names in _core_cimports().items()
        for name in names
        if _room(name) > _room(module)
    }
    assert upward == set()


def test_modules_are_cimported_so_that_changes_of_them_are_seen() -> None:
    """Cython does not follow `from room cimport module`: the file would not be compiled again."""
    found = {name_of(path) for path in core_files() if FROM_A_ROOM.search(path.read_text())}
    assert found == set()


def test_no_core_modules_cimport_each_other() -> None:
    cimports = _core_cimports()
    while free := {module for module, names in cimports.items() if not names & cimports.keys()}:
        cimports = {module: names for module, names in cimports.items() if module not in free}
    assert cimports == {}


def test_every_change_of_a_balance_is_noted() -> None:
    """Rankings and watches follow what `add_balance` and `settle` note, and nothing else."""
    writers = {
        path.name for path in core_files() if BALANCE_CHANGE.search(without_texts(path.read_text()))
    }
    assert writers == {"booking.pyx", "desk.pxd", "read_back.pyx"}


def test_an_account_that_has_not_changed_is_assessed_once_in_a_step() -> None:
    """Whoever else takes part in a step is handed the risk that is known."""
    assessed = [
        DEFINED.findall(function.name)[0]
        for path in (
            *sorted((CORE / "waterfall").glob("*.pyx")),
            CORE / "commands/judgement.pyx",
            CORE / "commands/passes.pyx",
        )
        for function in cython_functions(path.read_text())
        for _ in ASSESSMENT.findall(without_texts("\n".join(function.lines)))
    ]
    assert sorted(assessed) == sorted([*FINDERS, *ASSESSED_IN_A_STEP, "settle"])


def test_the_core_reaches_only_c_and_itself() -> None:
    used = {
        name
        for path in core_files()
        for name in OUTER_IMPORT.findall(without_texts(path.read_text()))
    }
    inner = {
        name
        for name in used
        if name.startswith(("libc.", "libcpp.", "cpython.", "riskengine.core"))
    }
    assert used - inner <= {"cython", "hashlib", "libcpp"}


def test_every_function_below_the_face_has_a_docstring() -> None:
    found = {
        f"{name_of(path)}: {function.name}"
        for path in core_files()
        if not name_of(path).startswith(("engine.", "face/"))
        for function in cython_functions(path.read_text())
        if not function.is_documented
    }
    assert found == set()


def _unproven(function: Function) -> Iterator[str]:
    """Yield the divisors that are neither constants nor said to be positive."""
    source = "\n".join(function.lines)
    if PROOF.search("\n".join(TEXT.findall(source))):
        return
    bare = without_texts(source)
    divisors = [arguments(bare, match.end())[-1] for match in DIVISION.finditer(bare)]
    divisors += OPERATOR.findall(bare)
    yield from (divisor for divisor in divisors if not CONSTANT.fullmatch(divisor))


def test_no_division_without_a_check_or_a_proof() -> None:
    """A divisor is a constant, at least 1, or a comment says why it is `> 0`."""
    found = {
        f"{name_of(path)}: {function.name}: {divisor}"
        for path in core_files()
        if name_of(path) not in UNPROVEN
        for function in cython_functions(path.read_text())
        for divisor in _unproven(function)
    }
    assert found == set()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return mul_div_floor(a, f(b), PPM)", []),
        ("return div_ceil(a, greatest(1, b))", []),
        ("return div_ceil(a, greatest(b, 2))", ["greatest(b, 2)"]),
        ("return mul_div_floor(\n        a, b, c.d\n    )", ["c.d"]),
        ("# c.d > 0: it is.\n    return div_floor(a, c.d)", []),
        ("return a // b % 2", ["b"]),
    ],
)
def test_divisions_are_seen(body: str, expected: list[str]) -> None:
    (function,) = cython_functions(f"cdef int f(int a) noexcept nogil:\n    {body}\n")
    assert [*_unproven(function)] == expected
