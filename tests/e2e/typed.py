"""What a page has to be typed, typed: its blocks of a language, and what they say to a server."""

import re
import sys
from pathlib import Path

from tests.e2e.server import Server
from tests.running import finished

ROOT = Path(__file__).parents[2]
ADDRESS = "127.0.0.1:50051"


def blocks(page: str, language: str) -> list[str]:
    """Return the fenced blocks of a language; those without one are what was said."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return [text for named, text in fenced if named == language]


def typed(server: Server, command: list[str], text: str) -> str:
    """Give a command the text, with the server's address put in; return what it said."""
    here = text.replace(ADDRESS, server.grpc_address)
    here = here.replace(".venv/bin/", f"{Path(sys.executable).parent}/")
    done = finished(command, ROOT, given=here)
    assert not done.stderr
    return done.stdout
