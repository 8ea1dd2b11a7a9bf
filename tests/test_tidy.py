"""House rules that no other tool checks: sizes, units, what is generated, what is left over."""

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
from tests.core_sources import cython_functions

ROOT = Path(__file__).parents[1]
GENERATED = ROOT / "riskengine/api/v1"
PROTOS = sorted((ROOT / "proto").rglob("*.proto"))
CODE_FOLDERS = ("riskengine", "ext", "tests", "loadtests", "deploy", "docs")
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 70

UNIT_OF_WORD = {
    "price": ("ticks",),
    "size": ("lots",),
    "balance": ("atoms",),
    "balances": ("atoms",),
    "equity": ("atoms",),
    "amount": ("atoms",),
    "notional": ("atoms", "ppm"),
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
UNITLESS_ENDINGS = ("id", "sequence", "count", "incarnation")
UNITS = ("ticks", "lots", "atoms", "units", "ppm", "nanos", "millis", "bytes")
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


def _code_files(*suffixes: str) -> list[Path]:
    found = [ROOT / "setup.py"] if ".py" in suffixes else []
    for folder in CODE_FOLDERS:
        found += [path for path in (ROOT / folder).rglob("*") if path.suffix in suffixes]
    return sorted(path for path in found if GENERATED not in path.parents)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _cython_lengths(source: str) -> Iterator[tuple[str, int]]:
    """Yield first line and number of lines of each function."""
    for function in cython_functions(source):
        yield function.name, len(function.lines)


def _python_functions(source: str) -> Iterator[tuple[str, int]]:
    """Yield name and number of lines of each function."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.name, node.end_lineno - node.lineno + 1


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
            else _cython_lengths(path.read_text())
        )
    }
    assert {name: length for name, length in lengths.items() if length > MAX_FUNCTION_LINES} == {}


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
