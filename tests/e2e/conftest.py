from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.server import Client, Server, client_of


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Start a server with an empty data folder; whatever is left of it is killed at the end."""
    with Server(tmp_path) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with client_of(server) as connected:
        yield connected
