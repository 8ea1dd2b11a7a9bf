"""The manifest of a backup: what it holds, as of when, and the checksum of each file.

It is written anew after each file that a backup adds, and so always tells of what is there.
"""

import json
import os
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from riskengine import __version__
from riskengine.persistence.files import Files, put_file, read_all

MANIFEST_NAME = "backup.json"
TEMPORARY_NAME = f"{MANIFEST_NAME}.tmp"
FORM = 2
FORMS = (1, FORM)
"""What is read; one of form 1 knows nothing of instructions."""

CHUNK_BYTES = 1 << 20


class ManifestError(Exception):
    """Say why a manifest cannot be used."""


@dataclass(frozen=True, slots=True)
class CopiedFile:
    """A file that is whole and stays as it is; `first_sequence` and `last_sequence` are inclusive.

    A snapshot is of one sequence, which is both.
    """

    name: str
    size_bytes: int
    sha256: str
    first_sequence: int
    last_sequence: int


@dataclass(frozen=True, slots=True)
class CopiedInstructions:
    """A full segment of instructions; the numbers of its first and its last one are inclusive."""

    name: str
    size_bytes: int
    sha256: str
    first_instruction: int
    last_instruction: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds of which log.

    `last_hash` is the chain's hash behind `last_sequence`: who continues the backup must come to
    the same. `open_segment` is the name of the last segment while it is not full; it has no
    checksum here, for the next backup puts a fuller one into its place. So it is with
    `open_instructions`. The instructions that are there end with `last_instruction`, 0 without any.
    """

    log_id: str
    first_sequence: int = 1
    last_sequence: int = 0
    last_hash: str = ""
    first_time_nanos: int = 0
    last_time_nanos: int = 0
    open_segment: str = ""
    segments: tuple[CopiedFile, ...] = ()
    snapshots: tuple[CopiedFile, ...] = ()
    instructions: tuple[CopiedInstructions, ...] = ()
    open_instructions: str = ""
    last_instruction: int = 0
    has_consumers: bool = False
    written_time_nanos: int = 0
    version: str = __version__

    @property
    def first_instruction(self) -> int:
        """Return the oldest instruction that is there, 0 without any."""
        if self.instructions:
            return self.instructions[0].first_instruction
        return first_instruction_of(self.open_instructions) if self.open_instructions else 0

    @property
    def is_empty(self) -> bool:
        """Return whether no segment is there yet."""
        return not self.segments and not self.open_segment

    @property
    def can_start(self) -> bool:
        """Return whether a server can start from what is there."""
        reach = self.first_sequence - 1
        return not self.is_empty and (
            reach == 0
            or any(
                reach <= snapshot.last_sequence <= self.last_sequence for snapshot in self.snapshots
            )
        )

    def has_segment(self, name: str) -> bool:
        """Return whether a segment is there and full."""
        return any(segment.name == name for segment in self.segments)

    def has_snapshot(self, name: str) -> bool:
        """Return whether a snapshot is there."""
        return any(snapshot.name == name for snapshot in self.snapshots)

    def with_snapshot(self, snapshot: CopiedFile) -> "Manifest":
        """Return it with one more snapshot, in order of sequence."""
        kept = sorted((*self.snapshots, snapshot), key=lambda one: one.last_sequence)
        return replace(self, snapshots=tuple(kept))

    def encode(self) -> bytes:
        """Return it as JSON, with a checksum over the rest."""
        values = {"form": FORM, **asdict(self)}
        return _text({**values, "manifest_sha256": _digest(values)}).encode() + b"\n"


def decode_manifest(data: bytes) -> Manifest:
    """Return the manifest that was encoded; raises `ManifestError`."""
    try:
        values: dict[str, Any] = json.loads(data)
        digest = values.pop("manifest_sha256")
    except (ValueError, AttributeError, KeyError, TypeError):
        raise ManifestError("it is no manifest of a backup") from None
    if digest != _digest(values):
        raise ManifestError("it does not match its checksum")
    form = values.pop("form")
    if form not in FORMS:
        raise ManifestError(f"it is of form {form}; this version reads forms 1 to {FORM}")
    for name in ("segments", "snapshots"):
        values[name] = tuple(CopiedFile(**row) for row in values[name])
    copied = values.get("instructions", ())
    values["instructions"] = tuple(CopiedInstructions(**row) for row in copied)
    return Manifest(**values)


def read_manifest(files: Files, folder: Path) -> Manifest | None:
    """Return the manifest in a folder, None without any; raises `ManifestError` and OSError."""
    try:
        fd = files.open(folder / MANIFEST_NAME, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        return decode_manifest(read_all(files, fd, files.size(fd), 0))
    finally:
        files.close(fd)


def write_manifest(files: Files, folder: Path, manifest: Manifest) -> None:
    """Put a manifest in place, whole or not at all; raises OSError."""
    put_file(files, folder / MANIFEST_NAME, TEMPORARY_NAME, [manifest.encode()])


def first_instruction_of(name: str) -> int:
    """Return the number of the first instruction of a segment, as its name says."""
    return int(name.partition(".")[0])


def file_digest(files: Files, fd: int) -> str:
    """Return the SHA-256 of an open file, as `sha256sum` prints it; raises OSError."""
    digest, offset = sha256(), 0
    while data := files.pread(fd, CHUNK_BYTES, offset):
        digest.update(data)
        offset += len(data)
    return digest.hexdigest()


def _digest(values: dict[str, Any]) -> str:
    return sha256(_text(values).encode()).hexdigest()


def _text(values: dict[str, Any]) -> str:
    return json.dumps(values, indent=1)
