"""A bench with something on it, and a store beside it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.service import requests
from tests.service.bench import Bench, running_bench
from tests.service.snapshots.support import Store


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with running_bench(tmp_path / "bench") as running:
        await running.execute(requests.create_asset())
        await running.execute(requests.deposit(1, 100))
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "snapshots")
