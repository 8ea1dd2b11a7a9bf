"""Tools on a log with starts and times that are set: moments, states, restores."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from riskengine.cli import main
from riskengine.tools.history import History
from riskengine.tools.moments import Moment
from riskengine.tools.progress import unseen
from tests.service import requests
from tests.tools.support import Source, started

GAP_NANOS = 10**12


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """Return a log that ends with a start, a time that is set, and a deposit."""
    source = Source(tmp_path / "data").open_venue()
    source.snapshot()
    source.start_again("", GAP_NANOS)
    source.send_as("chief", requests.set_log_time(source.next_nanos + GAP_NANOS))
    source.send(requests.deposit(1, 1))
    return source.close()


@pytest.mark.rule("TM-6", "TM-7")
def test_a_moment_within_a_gap_is_the_command_before_it(source: Source) -> None:
    history, last = History.of(source.data), source.sequence
    begun, asked, after = (source.times[last - back] for back in (2, 1, 0))
    assert after - asked > GAP_NANOS
    for time_nanos, sequence in (
        (begun - 1, last - 3),
        (begun, last - 2),
        (asked - 1, last - 2),
        (asked, last - 1),
        (after - 1, last - 1),
        (after, last),
    ):
        assert history.sequence_at(Moment(time_nanos=time_nanos)) == sequence
    machine, _ = history.machine_at(last - 1, unseen)
    assert machine.engine.time_nanos > asked
    assert machine.state_hash() == source.hashes[last - 1]


@pytest.mark.parametrize("back", [3, 2, 1, 0])
def test_a_restore_to_it_goes_on(source: Source, tmp_path: Path, back: int) -> None:
    target, wanted = tmp_path / "restored", source.sequence - back
    arguments = ["--from", str(source.folder), "--to", str(target), "--until", str(wanted)]
    done = CliRunner().invoke(main, ["restore", *arguments])
    assert done.exit_code == 0, done.output
    machine, _ = started(target)
    assert machine.engine.state_hash() == source.engine_hashes[wanted]
    done = CliRunner().invoke(main, ["verify", "--deep", "--data-dir", str(target)])
    assert done.exit_code == 0, done.output
