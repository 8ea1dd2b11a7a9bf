"""Where a running server listens, for tools beside it: a file in its data folder."""

import json
import os
from pathlib import Path

FILE_NAME = "addresses.json"


def at_port(address: str, port: int) -> str:
    """Return HOST:PORT with the port that was bound."""
    return f"{address.rpartition(':')[0]}:{port}"


def write_addresses(data_dir: Path, *, grpc: str, metrics: str) -> None:
    """Write HOST:PORT of both listeners and the process id, whole or not at all; raises OSError."""
    text = json.dumps({"grpc": grpc, "metrics": metrics, "pid": os.getpid()})
    temporary = data_dir / f"{FILE_NAME}.new"
    temporary.write_text(text + "\n", encoding="utf-8")
    temporary.replace(data_dir / FILE_NAME)


def remove_addresses(data_dir: Path) -> None:
    """Remove the file: nothing listens any more. Raises OSError."""
    (data_dir / FILE_NAME).unlink(missing_ok=True)
