"""One line a run in a file that is kept: what was measured, of which revision, where and when."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from loadtests.bench.report import Run

ROOT = Path(__file__).parents[2]
HISTORY = ROOT / "bench-history.jsonl"


def revision(root: Path = ROOT) -> str:
    """Return the revision of a checkout, with "+" if files differ from it; "" outside git."""
    try:
        named = _git(root, "rev-parse", "--short=10", "HEAD")
        changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return ""
    return named + ("+" if changed else "")


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def history_line(run: Run, of_revision: str, at: datetime) -> str:
    """Return a run as a line of JSON."""
    return json.dumps(
        {
            "date": at.astimezone(UTC).isoformat(timespec="seconds"),
            "revision": of_revision,
            "profile": run.profile.name,
            "seed": run.profile.seed,
            "machine": list(run.machine),
            "rows": dict(sorted(run.results.items())),
        }
    )


def append_to_history(run: Run, path: Path = HISTORY) -> None:
    """Add a run that has just ended to the file."""
    with path.open("a") as file:
        file.write(history_line(run, revision(), datetime.now(UTC)) + "\n")
