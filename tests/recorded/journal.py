"""A recorded journal: what was asked, in order, and what was answered and instructed.

A file is the xz form of a header, one line of JSON, and of entries: kind, time (as the difference
from the entry before), payload, answer, number of instructions, instructions. Numbers are varints,
signed ones zigzag; bytes are led by their length.
"""

import json
import lzma
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parents[1] / "data/journals"
SUFFIX = ".journal.xz"
CONTRACT_SUFFIX = ".binpb"


class Entry(NamedTuple):
    """One request and what came of it.

    `kind` is that of a journal's record, or of a question (see `player`). `answer` is the
    serialised CommandResult or response, each of `instructions` a piece of StreamInstructions;
    all as `contract.Contract.clear` leaves them. One kind asks for nothing and starts a new venue.
    """

    kind: int
    time_nanos: int
    payload: bytes
    answer: bytes
    instructions: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Header:
    """Where a journal comes from; `revision` also names the contract that it is compared in."""

    name: str
    revision: str
    about: str


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal in memory."""

    header: Header
    entries: Sequence[Entry]


def recorded_names(folder: Path = FOLDER) -> list[str]:
    """Return the names of all journals in a folder."""
    return sorted(path.name.removesuffix(SUFFIX) for path in folder.glob(f"*{SUFFIX}"))


def journal_path(name: str, folder: Path = FOLDER) -> Path:
    return folder / f"{name}{SUFFIX}"


def contract_path(revision: str, folder: Path = FOLDER) -> Path:
    return folder / f"{revision}{CONTRACT_SUFFIX}"


def write_journal(journal: Journal, folder: Path = FOLDER) -> Path:
    """Write a journal; the same one to the same bytes."""
    path = journal_path(journal.header.name, folder)
    head = json.dumps(asdict(journal.header)).encode() + b"\n"
    body = b"".join(_entry_parts(journal.entries))
    preset = 9 | lzma.PRESET_EXTREME
    path.write_bytes(lzma.compress(head + body, check=lzma.CHECK_CRC64, preset=preset))
    return path


def read_journal(name: str, folder: Path = FOLDER) -> Journal:
    """Read a journal; raises LZMAError when the file is not what was written."""
    source = BytesIO(lzma.decompress(journal_path(name, folder).read_bytes()))
    header = Header(**json.loads(source.readline()))
    return Journal(header, list(_entries(source)))


def _entry_parts(entries: Iterable[Entry]) -> Iterator[bytes]:
    before_nanos = 0
    for entry in entries:
        yield _varint(entry.kind)
        yield _varint(_zigzag(entry.time_nanos - before_nanos))
        before_nanos = entry.time_nanos
        for text in (entry.payload, entry.answer):
            yield _varint(len(text))
            yield text
        yield _varint(len(entry.instructions))
        for piece in entry.instructions:
            yield _varint(len(piece))
            yield piece


def _entries(source: BytesIO) -> Iterator[Entry]:
    end = len(source.getbuffer())
    time_nanos = 0
    while source.tell() < end:
        kind = _read_varint(source)
        time_nanos += _unzigzag(_read_varint(source))
        payload, answer = _read_bytes(source), _read_bytes(source)
        count = _read_varint(source)
        pieces = tuple(_read_bytes(source) for _ in range(count))
        yield Entry(kind, time_nanos, payload, answer, pieces)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _zigzag(value: int) -> int:
    return 2 * value if value >= 0 else -2 * value - 1


def _unzigzag(value: int) -> int:
    return value >> 1 if value % 2 == 0 else -(value + 1 >> 1)


def _read_varint(source: BytesIO) -> int:
    value = shift = 0
    while True:
        (byte,) = source.read(1)
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value


def _read_bytes(source: BytesIO) -> bytes:
    size = _read_varint(source)
    text = source.read(size)
    assert len(text) == size
    return text
