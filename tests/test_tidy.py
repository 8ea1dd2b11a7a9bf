"""House rules that no other tool checks: sizes, the purity and the layers of the core, units."""

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorSet

from riskengine.api.v1 import common_pb2

ROOT = Path(__file__).parents[1]
CORE = ROOT / "ext/riskengine/core"
GENERATED = ROOT / "riskengine/api/v1"
PROTOS = sorted((ROOT / "proto").rglob("*.proto"))
CODE_FOLDERS = ("riskengine", "ext", "tests", "loadtests", "deploy", "docs")
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 70

CORE_ROOMS = (
    *("base", "events", "books", "margin", "index", "losses", "waterfall", "commands", "face"),
    "engine",
)
"""Rooms of the core, lowest first: a module cimports only its own room and lower ones."""

PYTHON_FACE = {"enums", "types"}
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

BALANCE_CHANGE = re.compile(r"\bbalance_atoms [-+]?= ")
INNER_IMPORT = re.compile(r"\briskengine\.core\.([\w.]+) c?import\b")
OUTER_IMPORT = re.compile(r"^(?:from|cimport|import) ([\w.]+)", re.MULTILINE)

UNIT_OF_WORD = {
    "price": ("ticks",),
    "size": ("lots",),
    "balance": ("atoms",),
    "balances": ("atoms",),
    "equity": ("atoms",),
    "amount": ("atoms",),
    "notional": ("atoms",),
    "cost": ("atoms",),
    "pnl": ("atoms",),
    "quote": ("atoms",),
    "payment": ("atoms",),
    "haircut": ("atoms",),
    "debt": ("atoms",),
    "fees": ("atoms",),
    "fee": ("atoms", "ppm"),
    "margin": ("atoms", "ppm"),
    "maintenance": ("atoms", "ppm"),
    "initial": ("atoms", "ppm"),
    "rate": ("ppm",),
    "ratio": ("ppm",),
    "fraction": ("ppm",),
    "score": ("ppm",),
    "time": ("nanos",),
    "deadline": ("nanos",),
    "timeout": ("millis",),
    "cooldown": ("millis",),
    "interest": ("lots",),
}
UNITLESS_ENDINGS = ("id", "sequence", "count")
UNITS = ("ticks", "lots", "atoms", "ppm", "nanos", "millis", "bytes")
UNIT_EXEMPT = {"Rejection.value", "Rejection.limit"}
"""These carry the unit of the field that the rejection names."""

WIDE_TYPES = {
    FieldDescriptorProto.TYPE_INT64,
    FieldDescriptorProto.TYPE_SINT64,
    FieldDescriptorProto.TYPE_UINT64,
    FieldDescriptorProto.TYPE_FIXED64,
    FieldDescriptorProto.TYPE_SFIXED64,
}
FLOAT_TYPES = {FieldDescriptorProto.TYPE_DOUBLE, FieldDescriptorProto.TYPE_FLOAT}

LEFTOVERS = re.compile(r"\b(" + "|".join(("TODO", "FIXME", "XXX", "HACK")) + r")\b")
TEXT_SUFFIXES = {".py", ".pyi", ".pyx", ".pxd", ".proto", ".md", ".toml", ".yaml", ".yml", ".in"}
CYTHON_TEXT = re.compile(r'"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|#[^\n]*')
CYTHON_FUNCTION = re.compile(r"^( *)(?:async def|def|cpdef|cdef)\b(?!.*\b(?:class|struct|enum)\b)")


def _code_files(*suffixes: str) -> list[Path]:
    found = [ROOT / "setup.py"] if ".py" in suffixes else []
    for folder in CODE_FOLDERS:
        found += [path for path in (ROOT / folder).rglob("*") if path.suffix in suffixes]
    return sorted(path for path in found if GENERATED not in path.parents)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _core_files() -> list[Path]:
    return sorted(path for path in CORE.rglob("*") if path.suffix in {".pyx", ".pxd"})


def _module(path: Path) -> str:
    """Return a module's name within the core."""
    return ".".join(path.relative_to(CORE).with_suffix("").parts)


def _room(module: str) -> int:
    return CORE_ROOMS.index(module.partition(".")[0])


def _core_cimports() -> dict[str, set[str]]:
    """Return which modules of the core each one cimports."""
    found: dict[str, set[str]] = {}
    for path in _core_files():
        names = set(INNER_IMPORT.findall(_without_texts(path.read_text())))
        found.setdefault(_module(path), set()).update(names - PYTHON_FACE - {_module(path)})
    return found


def _without_texts(source: str) -> str:
    """Blank out comments and strings, but keep the lines."""
    return CYTHON_TEXT.sub(lambda match: "\n" * match.group().count("\n"), source)


def _python_functions(source: str) -> Iterator[tuple[str, int]]:
    """Yield name and number of lines of each function."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.name, node.end_lineno - node.lineno + 1


def _cython_functions(source: str) -> Iterator[tuple[str, int]]:
    """Yield first line and number of lines of each function, by indentation."""
    lines = source.splitlines()
    for start, line in enumerate(lines):
        match = CYTHON_FUNCTION.match(line)
        if match is None or "(" not in line:
            continue
        header_end = start
        while not _without_texts(lines[header_end]).rstrip().endswith(":"):
            header_end += 1
            if header_end == len(lines) or not lines[header_end].strip():
                break
        else:
            yield line.strip(), _block_end(lines, header_end, len(match.group(1))) - start


def _block_end(lines: list[str], header_end: int, indent: int) -> int:
    """Return the index after the last line that is indented deeper than `indent`."""
    end = header_end + 1
    for index in range(header_end + 1, len(lines)):
        line = lines[index]
        if not line.strip():
            continue
        if len(line) - len(line.lstrip()) <= indent:
            break
        end = index + 1
    return end


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {
        _name(path): len(path.read_text().splitlines())
        for path in _code_files(".py", ".pyi", ".pyx", ".pxd")
    }
    assert {name: length for name, length in lengths.items() if length > MAX_FILE_LINES} == {}


def test_no_function_is_longer_than_70_lines() -> None:
    lengths = {
        f"{_name(path)}: {function}": length
        for path in _code_files(".py", ".pyx", ".pxd")
        for function, length in (
            _python_functions(path.read_text())
            if path.suffix == ".py"
            else _cython_functions(path.read_text())
        )
    }
    assert {name: length for name, length in lengths.items() if length > MAX_FUNCTION_LINES} == {}


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
    assert [length for _, length in _cython_functions(source)] == expected


@pytest.mark.parametrize("rule", CORE_BANNED)
def test_the_core_is_free_of(rule: str) -> None:
    found = {
        f"{_name(path)}: {match.group()}"
        for path in _core_files()
        for match in CORE_BANNED[rule].finditer(_without_texts(path.read_text()))
    }
    assert found == set()


def test_only_fixed_point_arithmetic_divides_as_c_does() -> None:
    users = {path.stem for path in _core_files() if "cdivision" in _without_texts(path.read_text())}
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


def test_no_core_modules_cimport_each_other() -> None:
    cimports = _core_cimports()
    while free := {module for module, names in cimports.items() if not names & cimports.keys()}:
        cimports = {module: names for module, names in cimports.items() if module not in free}
    assert cimports == {}


def test_every_change_of_a_balance_is_noted() -> None:
    """Rankings and triggers follow what `add_balance` and `settle` note, and nothing else."""
    writers = {
        path.name
        for path in _core_files()
        if BALANCE_CHANGE.search(_without_texts(path.read_text()))
    }
    assert writers == {"booking.pyx", "desk.pxd"}


def test_the_core_reaches_only_c_and_itself() -> None:
    used = {
        name
        for path in _core_files()
        for name in OUTER_IMPORT.findall(_without_texts(path.read_text()))
    }
    inner = {
        name
        for name in used
        if name.startswith(("libc.", "libcpp.", "cpython.", "riskengine.core"))
    }
    assert used - inner <= {"cython", "hashlib", "libcpp"}


def _messages() -> Iterator[DescriptorProto]:
    files = FileDescriptorSet.FromString((GENERATED / "riskengine.binpb").read_bytes())
    for file in files.file:
        if file.package.startswith("riskengine."):
            yield from file.message_type


def _unit_fault(message: str, field: FieldDescriptorProto) -> str | None:
    """Return what is wrong with the unit in a field's name."""
    words = field.name.split("_")
    unit = words[-1]
    if field.type in FLOAT_TYPES:
        return "floating point"
    if field.type not in WIDE_TYPES or f"{message}.{field.name}" in UNIT_EXEMPT:
        return None
    if unit in UNITLESS_ENDINGS:
        return None
    if unit not in UNITS:
        return "no unit"
    steps = {"step"} & set(words)
    for word in words[:-1]:
        if word in UNIT_OF_WORD and unit not in UNIT_OF_WORD[word] and not steps:
            return f"{word} in {unit}"
    return None


def test_every_number_of_the_contract_names_its_unit() -> None:
    messages = list(_messages())
    assert messages
    faults = {
        f"{message.name}.{field.name}": fault
        for message in messages
        for field in message.field
        if (fault := _unit_fault(message.name, field))
    }
    assert faults == {}


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("price_ticks", None),
        ("price", "no unit"),
        ("price_atoms", "price in atoms"),
        ("balance_ppm", "balance in ppm"),
        ("maintenance_rate_ppm", None),
        ("deadline_millis", "deadline in millis"),
        ("account_id", None),
    ],
)
def test_unit_rule(name: str, fault: str | None) -> None:
    field = FieldDescriptorProto(name=name, type=FieldDescriptorProto.TYPE_INT64)
    assert _unit_fault("Message", field) == fault


def test_generated_code_is_what_the_contract_generates(tmp_path: Path) -> None:
    bin_folder = Path(sys.executable).parent
    target = tmp_path / "riskengine/api/v1"
    target.mkdir(parents=True)
    outputs = ("python", "pyi", "grpc_python", "mypy_grpc")
    subprocess.run(
        [
            *(sys.executable, "-m", "grpc_tools.protoc", "-I", "proto"),
            f"--plugin=protoc-gen-mypy_grpc={bin_folder / 'protoc-gen-mypy_grpc'}",
            *(f"--{output}_out={tmp_path}" for output in outputs),
            *("--include_imports", f"--descriptor_set_out={target / 'riskengine.binpb'}"),
            *(str(path.relative_to(ROOT)) for path in PROTOS),
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    fresh = {path.name: path.read_bytes() for path in target.iterdir()}
    kept = {path.name: path.read_bytes() for path in GENERATED.iterdir() if path.is_file()}
    kept.pop("__init__.py")
    assert fresh == kept


@pytest.mark.parametrize(
    "name",
    [
        "AccountState",
        "LiquidationOutcome",
        "LossPolicy",
        "PositionUpdateMode",
        "RejectReason",
        "Side",
    ],
)
def test_core_enum_equals_that_of_the_contract(name: str) -> None:
    enums = importlib.import_module("riskengine.core.enums")
    core: type[IntEnum] = getattr(enums, name)
    prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper() + "_"
    files = FileDescriptorSet.FromString((GENERATED / "riskengine.binpb").read_bytes())
    contract = next(enum for file in files.file for enum in file.enum_type if enum.name == name)
    assert {prefix + member.name: member.value for member in core} == {
        value.name: value.number for value in contract.value
    }


def test_every_reject_reason_is_covered_by_a_test() -> None:
    oracle = ROOT / "tests/simulation/oracle"
    paths = [path for path in _code_files(".py") if ROOT / "tests" in path.parents]
    text = "\n".join(path.read_text() for path in paths if oracle not in path.parents)
    names = {name.removeprefix("REJECT_REASON_") for name, _ in common_pb2.RejectReason.items()}
    covered = {name for name in names if re.search(rf"\b(REJECT_REASON_)?{name}\b", text)}
    assert names - covered == set()


def test_nothing_is_left_over() -> None:
    texts = [path for path in _code_files(*TEXT_SUFFIXES) if path != Path(__file__)]
    texts += [path for path in ROOT.iterdir() if path.is_file() and path.suffix in TEXT_SUFFIXES]
    texts += [ROOT / "Makefile", ROOT / "Dockerfile", ROOT / ".ci/run", *PROTOS]
    found = {_name(path) for path in texts if LEFTOVERS.search(path.read_text())}
    assert found == set()
