"""Folders as a release of other rules leaves them: their segments say another number."""

from dataclasses import replace
from pathlib import Path

from riskengine.commands import RULES
from riskengine.persistence.segment import HEADER_BYTES, decode_segment_header
from tests.persistence.support import overwrite, segment_paths

OTHER = RULES - 1


def decided_by(journal: Path, rules: int = OTHER, *, before: int | None = None) -> None:
    """Have the segments of a closed log be of other rules: all, or those that begin earlier."""
    for path in segment_paths(journal):
        header = decode_segment_header(path.read_bytes()[:HEADER_BYTES])
        if before is None or header.first_sequence < before:
            overwrite(path, 0, replace(header, rules=rules).encode())


def rules_of(journal: Path) -> list[tuple[int, int]]:
    """Return the first sequence and the rules of each segment."""
    headers = [decode_segment_header(path.read_bytes()[:64]) for path in segment_paths(journal)]
    return [(header.first_sequence, header.rules) for header in headers]
