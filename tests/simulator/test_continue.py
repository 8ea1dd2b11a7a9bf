"""A demo that keeps its run in a folder: stopped and played on it is the run without a stop."""

import asyncio
import io
import json
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen

import pytest
from click.testing import CliRunner
from rich.console import Console

from riskengine.api.v1 import admin_service_pb2
from riskengine.simulator import server_process
from riskengine.simulator.folder import STATE_NAME, instructed_meanwhile, kept_folder
from riskengine.simulator.main import EXIT_SERVER, EXIT_USAGE, demo
from riskengine.simulator.options import DemoOptions
from riskengine.simulator.play import Played, StoppedError, play
from riskengine.simulator.saved import FolderError, read_saved
from riskengine.simulator.stop import Stop

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.xdist_group("demo_folder")]

SEED, ACCOUNTS, STEP_SECONDS, STEPS = 4, 600, 60, 61
RUN = DemoOptions(seed=SEED, accounts=ACCOUNTS, step_seconds=STEP_SECONDS, seconds=0.0, plain=True)
SHAPE = ["--seed", "4", "--accounts", "600", "--step-seconds", "60"]
COMMAND = [sys.executable, "-m", "riskengine", "demo", "--plain", "--data-dir"]
PATIENCE_SECONDS = 60.0


class When(asyncio.Event):
    """Is set as soon as a condition holds; it is asked once a step."""

    def __init__(self, holds: Callable[[], bool]) -> None:
        super().__init__()
        self._holds = holds

    def is_set(self) -> bool:
        return self._holds()


def stop_when(holds: Callable[[], bool]) -> Stop:
    stop = Stop()
    stop.asked = When(holds)
    return stop


def stop_after(steps: int) -> Stop:
    """Return a stop in the step of that number, counted from where the run is taken up."""
    left = iter(range(steps - 1))
    return stop_when(lambda: next(left, None) is None)


def run(path: Path | None, stop: Stop | None = None, seconds: float = 0.0) -> tuple[Played, str]:
    """Play in a folder, as the command does, or in none."""
    output = io.StringIO()
    options = replace(RUN, data_dir=path, seconds=seconds)
    with kept_folder(path) as folder:
        saved = folder.saved if folder else None
        prices = saved.progress.venue.path if saved else options.path()
        console = Console(file=output, width=110)
        played = asyncio.run(play(options, prices, console, folder, stop))
    return played, output.getvalue()


def stopped(path: Path, stop: Stop, seconds: float = 0.0) -> int:
    """Play in a folder until the stop; return the step."""
    with pytest.raises(StoppedError) as told:
        run(path, stop, seconds)
    assert told.value.steps == STEPS
    return told.value.step


@pytest.fixture(scope="module")
def whole() -> Played:
    """Return a run without a stop."""
    return run(None)[0]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder whose run was stopped in the middle of the fall."""
    path = tmp_path_factory.mktemp("demo") / "kept"
    assert stopped(path, stop_after(22)) == 22
    return path


def same_run(played: Played, whole: Played) -> None:
    """Compare all of a run that its seed decides."""
    assert (played.reconciliation.missing_atoms, played.reconciliation.differences) == (0, [])
    venue, expected = played.venue, whole.venue
    assert venue.fingerprint == expected.fingerprint
    assert venue.ledger.cash_atoms == expected.ledger.cash_atoms
    assert venue.ledger.lots == expected.ledger.lots
    # Prompt answers may cross a deadline of the server's clock.
    told, of_whole = (
        each.tally.instructions - each.tally.cancelled_orders for each in (venue, expected)
    )
    assert told == of_whole > 0
    assert venue.late.orders == expected.late.orders > 0
    assert venue.tally.deleverage_events == expected.tally.deleverage_events > 0
    assert venue.link.telemetry.rows == expected.link.telemetry.rows
    assert venue.link.telemetry.refused_rows == 0
    assert (venue.top_ups, venue.rested_orders) == (expected.top_ups, expected.rested_orders)
    assert played.reconciliation.sampled == whole.reconciliation.sampled


def test_a_run_that_is_stopped_twice_is_the_run_without_a_stop(
    tmp_path: Path, whole: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First when the server has a snapshot: it starts from that and a tail of the journal."""
    monkeypatch.setattr(server_process, "SNAPSHOT_SECONDS", 1)
    path = tmp_path / "a folder"
    first = stopped(path, stop_when(lambda: any(path.glob("data/snapshots/*.snap"))), seconds=20.0)
    assert 1 <= first < 40
    assert stopped(path, stop_after(STEPS - first)) == STEPS  # its trades are still to come
    same_run(run(path)[0], whole)
    done = CliRunner().invoke(demo, ["--plain", "--data-dir", str(path)])
    assert done.exit_code == 0, done.output
    assert f"after step {STEPS} of {STEPS}. It is over: its books are compared" in done.output
    assert f"Story {whole.venue.fingerprint} (the same again for seed 4, 600" in done.output
    assert "OK: money is conserved to the atom" in done.output


def test_a_signal_ends_the_step_and_keeps_the_run(tmp_path: Path) -> None:
    path = tmp_path / "a folder"
    demo = Popen(
        [*COMMAND, str(path), *SHAPE, "--seconds", "30"], stdout=PIPE, stderr=PIPE, text=True
    )
    assert demo.stdout is not None
    while "First margin call" not in demo.stdout.readline():
        assert demo.poll() is None, demo.communicate()
    pid = int(json.loads((path / "data/addresses.json").read_text())["pid"])
    for _ in range(3):
        demo.send_signal(signal.SIGTERM)
    _, errors = demo.communicate(timeout=PATIENCE_SECONDS)
    assert demo.returncode == 128 + signal.SIGTERM
    step = read_saved(path / STATE_NAME).progress.next_step
    assert errors == (
        f"Stopped after step {step} of {STEPS}. Go on with the same command, or: "
        f"riskengine demo --data-dir '{path}'\n"
    )
    assert not Path(f"/proc/{pid}").exists()
    assert not (path / "data/addresses.json").exists()


def test_a_signal_before_the_venue_is_open_leaves_the_folder_empty(tmp_path: Path) -> None:
    path = tmp_path / "fresh"
    demo = Popen([*COMMAND, str(path)], stdout=DEVNULL, stderr=PIPE, text=True)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (path / "server.log").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    demo.send_signal(signal.SIGINT)
    _, errors = demo.communicate(timeout=PATIENCE_SECONDS)
    assert demo.returncode == 128 + signal.SIGINT
    assert errors == f"Stopped before the venue was open. {path} is empty again.\n"
    assert list(path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--seed", "5"], "--seed is 5, but the run in {} has 4"),
        (["--accounts", "601"], "--accounts is 601, but the run in {} has 600"),
        (["--policy", "pro_rata"], "--policy is pro_rata, but the run in {} has queue"),
        (["--step-seconds", "3"], "--step-seconds is 3, but the run in {} has 60"),
        (
            ["--prices", "tests/data/btc_2022-01-21_22.csv.gz"],
            (
                "the prices given are 'btc_2022-01-21_22.csv.gz, 2022-01-21 00:00 to 2022-01-22"
                " 23:59' in 3,263 steps that end at 350,400 ticks, but the run in {} has '10"
                " October 2025, built-in path' in 61 steps that end at 1,130,796 ticks"
            ),
        ),
        (["--prices", "nowhere.csv"], "nowhere.csv: no such file"),
    ],
)
def test_options_that_contradict_the_folder_are_refused(
    kept: Path, options: list[str], message: str
) -> None:
    before = (kept / STATE_NAME).read_bytes()
    done = CliRunner().invoke(demo, ["--data-dir", str(kept), *options])
    assert done.exit_code == EXIT_USAGE
    assert done.stderr == f"riskengine demo: {message.format(kept)}\n"
    assert (kept / STATE_NAME).read_bytes() == before


def test_a_server_is_compared_with_the_run(kept: Path) -> None:
    """Its timers may have given commands and instructions; it must not know less, or otherwise."""
    saved = read_saved(kept / STATE_NAME)
    last, told = saved.link.telemetry.sequence, saved.link.next_instruction_sequence - 1

    def meanwhile(sequence: int, state_hash: str, instructions: int = told) -> int:
        state = admin_service_pb2.GetStateResponse(
            sequence=sequence, state_hash=state_hash, instruction_sequence=instructions
        )
        return instructed_meanwhile(saved, state)

    assert meanwhile(last, saved.state_hash) == 0
    assert meanwhile(last + 1, "another") == 0
    assert meanwhile(last + 1, "another", told + 3) == 3
    with pytest.raises(
        FolderError, match=f"hash after command {last:,} is other, but was {'.' * 32} "
    ):
        meanwhile(last, "other")
    with pytest.raises(
        FolderError, match=f"end with command 0, .* has sent command {last:,}: they"
    ):
        meanwhile(0, saved.state_hash)


def test_a_folder_in_use_is_refused(kept: Path) -> None:
    with (
        kept_folder(kept),
        pytest.raises(FolderError, match="another demo is playing in it"),
        kept_folder(kept),
    ):
        pass


def test_a_folder_that_holds_something_else_is_refused_and_left(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(FolderError, match="it holds 'data', which is no demo's"):
        run(tmp_path)
    (tmp_path / "server.log").touch()
    (tmp_path / "notes").touch()
    with pytest.raises(FolderError, match="it holds 'notes', which is no demo's"):
        run(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"data", "notes", "server.log"}
    with pytest.raises(FolderError, match="notes: it is no folder"):
        run(tmp_path / "notes")


def test_a_run_that_was_killed_is_refused(kept: Path, tmp_path: Path) -> None:
    path = tmp_path / "kept"
    shutil.copytree(kept, path)
    with kept_folder(path) as folder:
        assert folder is not None
        folder.begin()
    with pytest.raises(FolderError, match="was not stopped but killed"):
        run(path)


def test_a_run_that_was_not_begun_leaves_the_folder_empty(tmp_path: Path) -> None:
    path = tmp_path / "fresh"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = CliRunner().invoke(
            demo, ["--plain", "--data-dir", str(path), "--metrics-port", port]
        )
    assert done.exit_code == EXIT_SERVER
    assert "riskengine demo: the server did not start" in done.stderr
    assert list(path.iterdir()) == []
