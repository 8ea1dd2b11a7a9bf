"""Verifying a data folder or a backup: the table of its parts, and what is found of them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from riskengine.persistence import ReadProgress
from riskengine.tools.folder import DataFolder
from riskengine.tools.progress import Steps
from riskengine.tools.reports import PartReport, rows_text, wrapped
from riskengine.tools.verify_backup import verify_manifest
from riskengine.tools.verify_instructions import verify_instructions
from riskengine.tools.verify_journal import verify_journal
from riskengine.tools.verify_replays import verify_replays
from riskengine.tools.verify_snapshots import verify_snapshots


class Part(NamedTuple):
    """One part of a folder; `verify` changes nothing, and returns None where there is no such part.

    The folder may be in use by a server. What is merely unfinished is no fault.
    """

    name: str
    verify: Callable[[DataFolder, ReadProgress | None], PartReport | None]


PARTS = (
    Part("journal", verify_journal),
    Part("snapshots", verify_snapshots),
    Part("instructions", verify_instructions),
    Part("manifest", verify_manifest),
)
"""**The one table of parts.** Whatever else lies in a data folder gets a row, and is verified."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found of each part."""

    folder: Path
    parts: tuple[PartReport, ...]

    @property
    def is_whole(self) -> bool:
        """Return whether nothing is wrong."""
        return not any(part.faults for part in self.parts)

    def as_values(self) -> dict[str, Any]:
        """Return it as values of JSON."""
        return {
            "folder": str(self.folder),
            "whole": self.is_whole,
            "parts": [part.as_values() for part in self.parts],
        }

    def text(self) -> str:
        """Return it for people."""
        blocks = [_part_text(part) for part in self.parts]
        verdict = "whole" if self.is_whole else "DAMAGED"
        return "\n".join([*blocks, f"{self.folder} is {verdict}"])


def verify(folder: DataFolder, steps: Steps, *, deep: bool = False) -> Verified:
    """Verify all parts of a folder; `deep` also replays, if nothing was wrong before."""
    reports = []
    for part in PARTS:
        with steps(f"verifying: {part.name}") as progress:
            report = part.verify(folder, progress)
        if report is not None:
            reports.append(report)
    if deep and not any(report.faults for report in reports):
        reports.append(verify_replays(folder, steps))
    return Verified(folder.path, tuple(reports))


def _part_text(part: PartReport) -> str:
    lines = [part.name, rows_text(part.facts, "  ")] if part.facts else [part.name]
    lines += [wrapped("  note: ", note) for note in part.notes]
    lines += [f"  FAULT: {fault.text()}" for fault in part.faults]
    return "\n".join(lines)
