"""A replay comes to the state that was, says so by its hash, and sees when it does not."""

import json
import re

import pytest
from click.testing import CliRunner, Result

from riskengine.cli import main
from riskengine.machine.command import STATE_HASH, STATE_HASH_DUE
from riskengine.machine.replay import ReplayError
from riskengine.machine.state_hash import STATE_FORM, StateHash
from riskengine.tools.folder import ToolError
from riskengine.tools.moments import Moment, parse_moment, shown_time
from riskengine.tools.progress import unseen
from riskengine.tools.replay import Replayed, replay_until
from riskengine.tools.verify import verify
from tests.persistence.support import flip_bit
from tests.tools.support import Source


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def replayed(source: Source, moment: Moment | None = None) -> Replayed:
    return replay_until(source.data, moment, unseen)


@pytest.mark.parametrize("trim", [False, True])
def test_each_sequence_has_the_state_that_it_had(source: Source, *, trim: bool) -> None:
    if trim:
        source.snapshot(trim=True)
        source.play(5)
    first = source.data.survey().first_sequence
    oldest = int(source.data.snapshot_paths()[0].stem) if trim else 0
    assert (first > 1) is trim
    for sequence in range(oldest, source.sequence + 1, 7):
        found = replayed(source, Moment(sequence))
        assert found.machine.state_hash() == source.hashes[sequence]
        assert found.base.sequence == oldest
        assert found.records == sequence - oldest
        assert found.is_right


def test_a_time_stops_at_the_last_command_before_it(source: Source) -> None:
    time_nanos = source.times[50]
    found = replayed(source, Moment(time_nanos=time_nanos + 1))
    assert found.machine.engine.sequence == 50
    assert found.machine.engine.time_nanos == time_nanos


def test_it_compares_with_each_snapshot_that_it_passes(source: Source) -> None:
    sequences = [int(path.stem) for path in source.data.snapshot_paths()]
    found = replayed(source)
    assert [one.checkpoint.sequence for one in found.compared] == sequences
    found = replayed(source, Moment(sequences[1] - 1))
    assert [one.checkpoint.sequence for one in found.compared] == sequences[:1]
    assert found.compared[0].replayed_hash == source.hashes[sequences[0]]


def test_a_snapshot_of_another_state_is_told(source: Source) -> None:
    other = Source(source.folder.parent / "other", seed=2).open_venue()
    other.play(source.sequence - other.sequence)
    path, _ = other.written_snapshot(source.log.log_id)
    other.close()
    path.rename(source.store.folder / path.name)
    found = replayed(source)
    assert [one.is_same for one in found.compared] == [True, True, False]
    done = run("replay", "--data-dir", str(source.folder))
    assert done.exit_code == 1
    assert f"sequence={source.sequence}  with={path.name}  same=no" in done.output


def test_it_compares_the_hashes_that_the_journal_notes(source: Source) -> None:
    assert replayed(source).noted_hashes == 2
    source.snapshot(trim=True)
    assert replayed(source).noted_hashes == 2  # of the oldest snapshot kept, and of the newest
    source._note(STATE_HASH, StateHash(source.sequence, STATE_FORM, bytes(16)).encode())
    source._note(STATE_HASH_DUE)
    wrong = StateHash(source.sequence, STATE_FORM, bytes(16))
    source._note(STATE_HASH, wrong.encode())
    with pytest.raises(ReplayError, match=f"the state after sequence {wrong.sequence} has the"):
        replayed(source)
    (fault,) = verify(source.data, unseen, deep=True).parts[-1].faults
    assert fault.sequence == source.sequence
    assert run("replay", "--data-dir", str(source.folder)).exit_code == 1


def test_what_the_folder_does_not_reach_is_refused(source: Source) -> None:
    last = source.sequence
    with pytest.raises(ToolError, match=f"sequence {last + 1} is not within .*: 0 to {last}"):
        replayed(source, Moment(last + 1))
    source.snapshot(trim=True)
    oldest = int(source.data.snapshot_paths()[0].stem)
    with pytest.raises(ToolError, match=f"{oldest} to {source.sequence}"):
        replayed(source, Moment(oldest - 1))


def test_a_bad_oldest_snapshot_is_passed_over_with_a_note(source: Source) -> None:
    source.snapshot(trim=True)
    source.play(3)
    oldest, newest = source.data.snapshot_paths()
    flip_bit(oldest, 8 * 300)
    found = replayed(source)
    assert found.base.path == newest
    assert found.machine.state_hash() == source.hashes[source.sequence]
    assert oldest.name in found.notes[0]


def test_the_command_shows_the_state(source: Source) -> None:
    moment = shown_time(source.times[60])
    done = run("replay", "--data-dir", str(source.folder), "--until", moment, "--format", "json")
    assert done.exit_code == 0
    values = json.loads(done.output)
    assert values["sequence"] == 60
    assert values["time"] == moment
    assert values["state_hash"] == source.engine_hashes[60]
    assert [one["missing_atoms"] for one in values["conservation"]] == [0]
    assert parse_moment(values["time"]).time_nanos == values["time_nanos"] == source.times[60]
    text = run("replay", "--data-dir", str(source.folder), "--until", "60").output
    assert f"state hash {source.engine_hashes[60]}\n" in re.sub(" +", " ", text)


def test_a_wrong_moment_is_wrong_usage(source: Source) -> None:
    done = run("replay", "--data-dir", str(source.folder), "--until", "noon")
    assert done.exit_code == 2
    assert "is neither a sequence" in done.output
