"""The list of consumers, and up to which instruction each has confirmed: one small file.

    magic 8s, CRC-32C of the rest u32; version u32, log id 8s, consumers u32
    a consumer: bytes of its id u32, confirmed instruction u64, id

Little endian, in the order of the ids. It is written whole under another name, synced and renamed.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from struct import Struct
from struct import error as StructError  # noqa: N812 - it is a class

from google_crc32c import extend

from riskengine.persistence.errors import ConsumersDamaged, InstructionsRefused
from riskengine.persistence.files import Files, put_file, read_all

VERSION = 1
CONSUMERS_NAME = "consumers"
TEMPORARY_NAME = "consumers.tmp"
ASIDE_NAME = "consumers.aside"

_PREFIX = Struct("<8sI")
_HEAD = Struct("<I8sI")
_CONSUMER = Struct("<IQ")
_MAGIC = b"REconsum"


def confirmed_through(confirmed: Mapping[str, int], last_instruction: int) -> dict[str, int]:
    """Return what is confirmed of instructions up to that one: no list says more."""
    return {consumer_id: min(number, last_instruction) for consumer_id, number in confirmed.items()}


class ConsumersFile:
    """Read and write the list in the folder of the instructions; for one thread at a time."""

    def __init__(self, folder: Path, log_id: bytes, files: Files | None = None) -> None:
        self.path = folder / CONSUMERS_NAME
        self._log_id = log_id
        self._files = files or Files()

    def read(self) -> dict[str, int] | None:
        """Return the confirmed instruction by consumer, None when there is no list.

        Raises ConsumersDamaged, InstructionsRefused for a list of another log or version, OSError.
        """
        try:
            fd = self._files.open(self.path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            data = read_all(self._files, fd, self._files.size(fd), 0)
        finally:
            self._files.close(fd)
        if len(data) < _PREFIX.size + _HEAD.size:
            raise ConsumersDamaged(self.path, f"it has {len(data)} bytes")
        magic, crc = _PREFIX.unpack_from(data)
        if magic != _MAGIC:
            raise ConsumersDamaged(self.path, "it is no list of consumers")
        if crc != extend(0, data[_PREFIX.size :]):
            raise ConsumersDamaged(self.path, "its checksum differs")
        return self._decode(data[_PREFIX.size :])

    def write(self, confirmed: Mapping[str, int]) -> None:
        """Put a list in the place of the one before, durably; raises OSError."""
        rest = _HEAD.pack(VERSION, self._log_id, len(confirmed))
        for consumer_id, instruction in sorted(confirmed.items()):
            name = consumer_id.encode("ascii")
            rest += _CONSUMER.pack(len(name), instruction) + name
        prefix = _PREFIX.pack(_MAGIC, extend(0, rest))
        put_file(self._files, self.path, TEMPORARY_NAME, [prefix, rest])

    def set_aside(self) -> Path:
        """Give a damaged list another name and return that; raises OSError."""
        aside = self.path.with_name(ASIDE_NAME)
        self._files.rename(self.path, aside)
        return aside

    def _decode(self, rest: bytes) -> dict[str, int]:
        version, log_id, count = _HEAD.unpack_from(rest)
        if version != VERSION:
            raise InstructionsRefused(
                f"{self.path} is of version {version}; this one reads {VERSION}"
            )
        if log_id != self._log_id:
            raise InstructionsRefused(f"{self.path} is of another journal than the one beside it")
        confirmed: dict[str, int] = {}
        offset = _HEAD.size
        try:
            for _ in range(count):
                length, instruction = _CONSUMER.unpack_from(rest, offset)
                offset += _CONSUMER.size + length
                confirmed[rest[offset - length : offset].decode("ascii")] = instruction
        except (StructError, UnicodeDecodeError) as error:
            raise ConsumersDamaged(self.path, str(error)) from error
        if offset != len(rest) or len(confirmed) != count:
            raise ConsumersDamaged(self.path, f"it holds no list of {count} consumers")
        return confirmed
