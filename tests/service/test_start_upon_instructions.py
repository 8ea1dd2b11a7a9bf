"""A start upon a folder whose instructions were torn, taken away, or are of another journal."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console
from structlog.testing import capture_logs
from structlog.typing import EventDict

from riskengine.config import Config
from riskengine.metrics.statistics import Statistics
from riskengine.persistence.consumers_file import ConsumersFile
from riskengine.persistence.errors import InstructionsRefused
from riskengine.persistence.instruction_reader import Place
from riskengine.persistence.snapshots import SnapshotStore
from riskengine.recovery import Recovered, recover
from riskengine.service.snapshots import Due, SnapshotTaker
from tests.service import requests
from tests.service.bench import Bench, make_bench
from tests.service.test_sequencer import open_venue

LAST, KEPT = 40, 6


async def swing(bench: Bench, times: int) -> None:
    """Send account 1 into a margin call and out again: two instructions each."""
    for _ in range(times):
        for mark_price_ticks in (9_480, 10_000):
            assert (await bench.execute(requests.mark(mark_price_ticks))).sequence


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    """Return a data folder: some commands, a snapshot that keeps a few, and some more commands."""
    folder = tmp_path / "data"
    bench = make_bench(folder / "journal", instruction_folder=folder / "instructions")
    bench.writer.start()
    await open_venue(bench)
    await bench.execute(requests.set_retention(10, 10, 1_000, KEPT))
    await swing(bench, LAST // 4)
    store = SnapshotStore(folder / "snapshots")
    store.open()
    taker = SnapshotTaker(
        bench.machine,
        bench.sequencer,
        bench.log,
        bench.instructions,
        store,
        bench.views,
        bench.statistics.snapshots,
        Due(0, 0),
    )
    assert await taker.take()
    await swing(bench, LAST // 4)
    assert bench.ring.last_sequence == LAST
    await bench.views.stop()
    await bench.writer.stop()
    bench.close()
    ConsumersFile(folder / "instructions", bench.log.log_id).write({})
    return folder


@contextmanager
def started(folder: Path) -> Iterator[tuple[Recovered, list[EventDict]]]:
    with capture_logs() as logs:
        found = recover(
            Config(data_dir=str(folder), create=True), Statistics(), Console(stderr=True)
        )
    told = [each for each in logs if each["log_level"] in ("warning", "error")]
    try:
        yield found, told
    finally:
        found.instructions.log.close()
        found.log.close()


def stored(found: Recovered, first: int) -> list[bytes]:
    place, pieces = Place(first), list[bytes]()
    while place.instruction <= LAST:
        more, place = found.instructions.log.read(place, LAST)
        pieces += more
    return pieces


def segment(folder: Path) -> Path:
    (path,) = (folder / "instructions").glob("*.ins")
    return path


def test_a_start_finds_all_as_it_was(data: Path) -> None:
    before = segment(data).read_bytes()
    with started(data) as (found, told):
        assert told == []
        assert len(stored(found, 1)) == LAST
        assert stored(found, LAST - KEPT + 1) == found.machine.ring.read(LAST - KEPT + 1, KEPT)
    assert segment(data).read_bytes() == before


@pytest.mark.parametrize("left", [0.6, 0.9, 0.99])
def test_a_torn_tail_is_made_again_and_said(data: Path, left: float) -> None:
    path, whole = segment(data), segment(data).read_bytes()
    with started(data) as (found, _):
        before = stored(found, 1)
    cut = int(left * len(whole))
    path.write_bytes(whole[:cut] + bytes(len(whole) - cut))
    with started(data) as (found, (told,)):
        assert (told["event"], told["path"]) == ("instructions.made_again", str(path))
        assert cut - 300 < told["offset"] <= cut
        assert stored(found, 1) == before


def test_a_folder_that_was_taken_away_begins_anew_with_what_the_snapshot_keeps(data: Path) -> None:
    file = None
    with started(data) as (found, _):
        before = stored(found, 1)
        file = found.instructions.consumers_file
    shutil.rmtree(data / "instructions")
    (data / "instructions").mkdir()
    file.write({"audit": 3, "venue": LAST})
    oldest = LAST // 2 - KEPT + 1
    with started(data) as (found, (anew, gap)):
        assert (anew["event"], anew["instruction_sequence"]) == ("instructions.begun_anew", oldest)
        assert (gap["event"], gap["consumer_id"]) == ("consumers.gap", "audit")
        assert gap["oldest_instruction_sequence"] == oldest
        assert found.instructions.log.oldest_instruction == oldest
        assert stored(found, oldest) == before[oldest - 1 :]


def test_the_journal_alone_makes_all_of_them_again(data: Path) -> None:
    with started(data) as (found, _):
        before = stored(found, 1)
    shutil.rmtree(data / "instructions")
    shutil.rmtree(data / "snapshots")
    with started(data) as (found, told):
        assert [each["event"] for each in told] == ["consumers.lost"]
        assert stored(found, 1) == before


def test_instructions_of_another_journal_are_refused(data: Path) -> None:
    shutil.rmtree(data / "journal")
    shutil.rmtree(data / "snapshots")
    with pytest.raises(InstructionsRefused, match="of another journal than the one beside it"):
        recover(Config(data_dir=str(data), create=True), Statistics(), Console(stderr=True))


def test_a_damaged_list_of_consumers_is_set_aside_and_one_ahead_comes_back(data: Path) -> None:
    with started(data) as (found, _):
        file: ConsumersFile = found.instructions.consumers_file
    file.write({"venue": LAST + 5})
    with started(data) as (found, (told,)):
        assert (told["event"], told["consumer_id"]) == ("consumers.gap", "venue")
        assert found.instructions.confirmed == {"venue": LAST}
    file.path.write_bytes(file.path.read_bytes()[:-1])
    with started(data) as (found, (aside, lost)):
        assert (aside["event"], lost["event"]) == ("consumers.set_aside", "consumers.lost")
        assert Path(aside["path"]).exists()
        assert found.instructions.confirmed == {}
        assert found.instructions.consumers_lost
    with started(data) as (_, told):
        assert told == []


def test_a_list_of_consumers_that_was_taken_away_is_told_once(data: Path) -> None:
    path = data / "instructions/consumers"
    path.unlink()
    with started(data) as (found, (told,)):
        assert (told["event"], told["log_level"]) == ("consumers.lost", "error")
        assert told["path"] == str(path)
        assert found.instructions.consumers_lost
    with started(data) as (found, told):
        assert told == []
        assert not found.instructions.consumers_lost


def test_a_new_folder_has_lost_nobody(tmp_path: Path) -> None:
    with started(tmp_path / "new") as (found, told):
        assert told == []
        assert not found.instructions.consumers_lost
        assert found.instructions.consumers_file.read() == {}
