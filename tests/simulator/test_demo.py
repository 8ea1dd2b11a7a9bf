"""The demo as a newcomer runs it: a real server, a crash, the books; and its end by signals."""

import asyncio
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from riskengine.simulator.main import EXIT_SERVER, EXIT_USAGE
from riskengine.simulator.options import DemoOptions
from riskengine.simulator.play import Played, play
from riskengine.simulator.scene import RunFacts
from riskengine.simulator.summary import print_summary
from riskengine.simulator.tally import LONG, SHORT, Stage

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

COMMAND = [sys.executable, "-m", "riskengine", "demo", "--plain"]
PATIENCE_SECONDS = 60.0
SHORT_RUN = DemoOptions(seed=4, accounts=2_000, seconds=0.0, step_seconds=15, plain=True)


async def run(options: DemoOptions) -> tuple[Played, str]:
    output = io.StringIO()
    played = await play(options, options.path(), Console(file=output, width=110))
    return played, output.getvalue()


@pytest.fixture(scope="module")
def queue_run() -> tuple[Played, str]:
    return asyncio.run(run(SHORT_RUN))


def test_no_atom_is_missing_and_the_books_agree(queue_run: tuple[Played, str]) -> None:
    played, text = queue_run
    found = played.reconciliation
    assert (found.missing_atoms, found.differences) == (0, [])
    assert found.accounts == 2_000
    assert found.sampled > 200
    assert "missing                    0 atoms" in text
    assert "OK: money is conserved to the atom" in text


def test_the_tables_of_the_summary_are_whole_in_80_columns(
    queue_run: tuple[Played, str],
) -> None:
    played, output = queue_run[0], io.StringIO()
    console = Console(file=output, width=80)
    facts = RunFacts("", 2_000, "queue", 4, "")
    start = list(SHORT_RUN.path().index_ticks[0])
    print_summary(console, played.venue, facts, played.reconciliation, start, 1.0)
    assert "DOGE-PERP" in output.getvalue()
    assert "…" not in output.getvalue()


def test_the_whole_waterfall_happens(queue_run: tuple[Played, str]) -> None:
    tally, fund = queue_run[0].venue.tally, queue_run[0].venue.fund
    for stage in Stage:
        assert tally.closed(stage, LONG).count > 0, stage
    longs, shorts = (
        sum(tally.closed(stage, side).notional_atoms for stage in Stage) for side in (LONG, SHORT)
    )
    assert longs > 4 * shorts  # 80 to 90 % of what was liquidated that day was long
    assert tally.margin_calls > 0
    # The limits of its markets bound what it loses by what it holds: it is not stopped.
    assert fund.start_atoms * 7 // 10 < fund.low_atoms < fund.start_atoms * 9 // 10
    assert fund.stops == 0
    assert len(tally.deleveraged) > 10
    assert tally.last_deleverage is not None
    assert not tally.liquidating


def test_late_answers_come_in_a_second_term_and_after_the_end(
    queue_run: tuple[Played, str],
) -> None:
    late, tally = queue_run[0].venue.late, queue_run[0].venue.tally
    assert tally.cancelled_orders >= late.orders > late.fills_after_end > 0
    assert 0 < tally.late_fills <= late.fills_after_end


def test_nothing_is_refused_that_the_venue_sends(queue_run: tuple[Played, str]) -> None:
    telemetry = queue_run[0].venue.link.telemetry
    assert (telemetry.refused_rows, telemetry.first_refusal) == (0, "")
    assert telemetry.decisions.count > 0


def test_plain_output_is_bounded_and_tells_the_story(queue_run: tuple[Played, str]) -> None:
    text = queue_run[1]
    assert len(text.splitlines()) < 150
    assert "First auto-deleveraging" in text
    assert "The insurance fund is stopped at" not in text
    assert "First order cancelled at its deadline" in text
    assert "First fill after an order's end" in text
    assert "\x1b" not in text


async def test_the_same_seed_is_the_same_story(queue_run: tuple[Played, str]) -> None:
    again, _ = await run(SHORT_RUN)
    assert again.venue.fingerprint == queue_run[0].venue.fingerprint


async def test_real_bars_and_the_other_policy(tmp_path: Path) -> None:
    bars = tmp_path / "bars.csv"
    rows = ["timestamp,open,high,low,close,volume"]
    for minute in range(60):
        price = 40_000 - 150 * minute
        rows.append(f"2022-01-22 10:{minute:02}:00,{price},{price},{price - 200},{price - 150},1")
    bars.write_text("\n".join(rows))
    options = DemoOptions(
        seed=4, accounts=1_000, policy="pro_rata", prices=bars, seconds=0.0, plain=True
    )
    played, text = await run(options)
    assert played.reconciliation.holds
    assert played.venue.ledger.marks[0] == pytest.approx(310_000, rel=0.03)
    assert "bars.csv, 2022-01-22 10:00 to 2022-01-22 10:59" in text
    assert "pro_rata" in text


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    """Start a demo whose temporary files lie in the folder."""
    environment = os.environ | {"TMPDIR": str(folder)}
    return subprocess.Popen(
        [*COMMAND, *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)


def server_pid(folder: Path) -> int:
    """Return the server's process id once it listens."""
    wait_for(lambda: any(folder.glob("*/data/addresses.json")))
    (addresses,) = folder.glob("*/data/addresses.json")
    return int(json.loads(addresses.read_text())["pid"])


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_cleans_up(tmp_path: Path, number: signal.Signals) -> None:
    demo = start(tmp_path, "--accounts", "500", "--seconds", "600")
    pid = server_pid(tmp_path)
    demo.send_signal(number)
    _, errors = demo.communicate(timeout=PATIENCE_SECONDS)
    assert demo.returncode == 128 + number
    assert errors == "Stopped. The server and its data folder are gone.\n"
    assert not is_alive(pid)
    assert list(tmp_path.iterdir()) == []


def test_a_signal_before_the_server_is_up_cleans_up(tmp_path: Path) -> None:
    demo = start(tmp_path, "--accounts", "500")
    wait_for(lambda: any(tmp_path.glob("*")))
    demo.send_signal(signal.SIGINT)
    demo.communicate(timeout=PATIENCE_SECONDS)
    assert demo.returncode == 128 + signal.SIGINT
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_dies_is_told_and_cleaned_up(tmp_path: Path) -> None:
    demo = start(tmp_path, "--accounts", "500", "--seconds", "600")
    os.kill(server_pid(tmp_path), signal.SIGKILL)
    _, errors = demo.communicate(timeout=PATIENCE_SECONDS)
    assert demo.returncode == EXIT_SERVER
    assert "riskengine demo: the server ended with code -9" in errors
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


def test_a_demo_that_is_killed_takes_its_server_along(tmp_path: Path) -> None:
    demo = start(tmp_path, "--accounts", "500", "--seconds", "600")
    pid = server_pid(tmp_path)
    demo.kill()
    demo.communicate(timeout=PATIENCE_SECONDS)
    wait_for(lambda: not is_alive(pid))
    assert demo.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--prices", "nowhere.csv"], r"riskengine demo: nowhere.csv: no such file"),
        (["--from", "2022-01-21"], r"--from and --to choose among the bars of --prices"),
        (
            ["--prices", "x", "--from", "2022-01-22", "--to", "2022-01-22"],
            r"--from must be before --to",
        ),
        (["--prices", "x", "--step-seconds", "5"], r"--step-seconds is of the built-in prices"),
        (["--accounts", "10"], r"10 is not in the range 200<=x<=200000"),
        (["--policy", "coin"], r"'coin' is not one of 'queue', 'pro_rata'"),
    ],
)
def test_wrong_options_are_told(options: list[str], message: str) -> None:
    done = subprocess.run([*COMMAND, *options], capture_output=True, text=True, check=False)
    assert done.returncode == EXIT_USAGE
    assert re.search(message, done.stderr)
