"""Running a command as a person would."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

RUN_SECONDS = 60


def finished(
    command: Sequence[str],
    folder: Path,
    *,
    given: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> "subprocess.CompletedProcess[str]":
    """Run a command in a folder, `given` on its input; return it if it went well."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done
