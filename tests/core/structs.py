"""The structs of the core as its sources declare them, laid out as a C compiler does."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tests.core_sources import CORE

STRUCT = re.compile(r"^cdef (?:struct|cppclass) (\w+):.*\n((?:(?:    .*)?\n)+)", re.MULTILINE)
FIELD = re.compile(r"^    (\w+(?:\[.*\])?) (\w+)\s*(?:#.*)?$", re.MULTILINE)
ARRAY = re.compile(r"(\w+)\[([A-Z_]+)\]")
ENUMERATOR = re.compile(r"^    ([A-Z_]+) = (.+?)\s*(?:#.*)?$", re.MULTILINE)
SIZES = {"char": 1, "int8_t": 1, "int32_t": 4, "int64_t": 8, "int128_t": 16}
"""Bytes of a number, which is aligned at as many."""


class Declared(NamedTuple):
    """A field: `length` is 1 unless it is an array."""

    name: str
    type: str
    length: int


class Leaf(NamedTuple):
    """A number within a struct, by its way there and where it is.

    `field` is the way without the places in arrays, which are `places`.
    """

    field: str
    places: tuple[int, ...]
    offset: int
    size: int

    def read(self, memory: memoryview) -> int:
        return int.from_bytes(memory[self.offset : self.offset + self.size], "little", signed=True)

    def write(self, memory: memoryview, value: int) -> None:
        memory[self.offset : self.offset + self.size] = value.to_bytes(
            self.size, "little", signed=True
        )


def constants(*sources: str) -> dict[str, int]:
    """Return the enumerators of these modules that are numbers, or sums of earlier ones."""
    found: dict[str, int] = {}
    for source in sources:
        for name, text in ENUMERATOR.findall((CORE / source).read_text()):
            terms = [found.get(term, term) for term in re.split(r" \+ ", text)]
            if all(isinstance(term, int) or term.isdecimal() for term in terms):
                found[name] = sum(int(term) for term in terms)
    return found


def declared(*sources: str) -> dict[str, list[Declared]]:
    """Return the fields of each struct and class of these modules, in order."""
    bounds = constants("books/limits.pxd")
    structs: dict[str, list[Declared]] = {}
    for source in sources:
        for name, body in STRUCT.findall((CORE / source).read_text()):
            fields = FIELD.findall(body)
            lines = [line for line in body.splitlines() if line.strip()]
            assert len(fields) == len(lines), f"{name}: {lines}"
            structs[name] = [_declared(kind, field, bounds) for kind, field in fields]
    return structs


def _declared(kind: str, field: str, bounds: dict[str, int]) -> Declared:
    array = ARRAY.fullmatch(kind)
    if array is None:
        return Declared(field, kind, 1)
    return Declared(field, array[1], bounds[array[2]])


def plain(structs: dict[str, list[Declared]], name: str) -> list[Declared]:
    """Return the fields that are numbers or structs of such: others own memory elsewhere."""
    return [field for field in structs[name] if _is_plain(structs, field.type)]


def _is_plain(structs: dict[str, list[Declared]], kind: str) -> bool:
    fields = structs.get(kind, [])
    return kind in SIZES or (bool(fields) and all(_is_plain(structs, f.type) for f in fields))


def alignment(structs: dict[str, list[Declared]], kind: str) -> int:
    if kind in SIZES:
        return SIZES[kind]
    return max(alignment(structs, field.type) for field in plain(structs, kind))


def size(structs: dict[str, list[Declared]], kind: str) -> int:
    """Return what `sizeof` says."""
    if kind in SIZES:
        return SIZES[kind]
    end = 0
    for field in plain(structs, kind):
        end = _up_to(end, alignment(structs, field.type))
        end += field.length * size(structs, field.type)
    return _up_to(end, alignment(structs, kind))


def _up_to(offset: int, step: int) -> int:
    return -(-offset // step) * step


def leaves(
    structs: dict[str, list[Declared]],
    kind: str,
    field: str = "",
    places: tuple[int, ...] = (),
    start: int = 0,
) -> Iterator[Leaf]:
    """Yield every number in a struct that begins at an offset."""
    if kind in SIZES:
        yield Leaf(field, places, start, SIZES[kind])
        return
    at = start
    for part in plain(structs, kind):
        at = _up_to(at, alignment(structs, part.type))
        way = f"{field}.{part.name}" if field else part.name
        step = size(structs, part.type)
        for place in range(part.length):
            further = (*places, place) if part.length > 1 else places
            yield from leaves(structs, part.type, way, further, at + place * step)
        at += part.length * step
