"""Folders that a release of other rules has written: starts and tools, and what they refuse."""

from pathlib import Path

import pytest
from rich.console import Console

from riskengine.commands import RULES
from riskengine.config import Config
from riskengine.machine import saving
from riskengine.machine.state_hash import STATE_FORM
from riskengine.metrics.statistics import Statistics
from riskengine.persistence.errors import JournalOfOtherRules
from riskengine.recovery import SnapshotUnusable, recover
from riskengine.tools.backup import back_up
from riskengine.tools.folder import DataFolder
from riskengine.tools.history import OtherRules
from riskengine.tools.inspecting import (
    command_values,
    segment_values,
    shown_records,
    state_of,
)
from riskengine.tools.moments import Moment
from riskengine.tools.progress import unseen
from riskengine.tools.prune import prune
from riskengine.tools.replay import replay_until
from riskengine.tools.restore import restore
from riskengine.tools.verify import verify
from tests.persistence.rules import OTHER, decided_by, rules_of
from tests.persistence.support import flip_bit
from tests.service import requests
from tests.tools.support import Source, image, started

INSTRUCTION_BYTES = 64 << 10


def left_by_others(folder: Path) -> Source:
    """Write a folder of other rules that ends at a snapshot, as a planned stop leaves it."""
    source = Source(folder, instruction_bytes=INSTRUCTION_BYTES).open_venue().play(30)
    source.snapshot()
    source.play(20)
    source.written_snapshot(source.log.log_id)
    source.close()
    decided_by(folder / "journal")
    return source


@pytest.fixture
def old(tmp_path: Path) -> Source:
    return left_by_others(tmp_path / "data")


def gone_on(old: Source, batches: int = 25) -> Source:
    """Go on under these rules, with a snapshot between."""
    source = Source(old.folder, seed=2, instruction_bytes=INSTRUCTION_BYTES)
    assert source.sequence == old.sequence
    source.send(requests.mark(10_000))
    source.open_called().swing(3)
    source.play(batches)
    source.snapshot()
    source.play(batches)
    return source.close()


def newest(folder: Path) -> Path:
    return max((folder / "snapshots").glob("*.snap"))


def start(folder: Path) -> int:
    """Start as a server does; return the sequence of the state."""
    config = Config(data_dir=str(folder), journal_segment_bytes=16 << 20)
    found = recover(config, Statistics(), Console(quiet=True))
    found.instructions.log.close()
    found.log.close()
    return found.machine.engine.sequence


def refused(folder: Path) -> str:
    """Return why a start refuses a folder, which it leaves as it was."""
    before = image(folder)
    with pytest.raises((JournalOfOtherRules, SnapshotUnusable)) as caught:
        start(folder)
    after = image(folder)
    if isinstance(caught.value, SnapshotUnusable):  # the log was opened: its mark says so
        after["journal/durable.mark"] = before["journal/durable.mark"]
    assert after == before
    return str(caught.value)


def test_a_start_goes_on_from_the_snapshot_behind_the_last_command_of_other_rules(
    old: Source,
) -> None:
    last, hashed = old.sequence, old.hashes[old.sequence]
    assert start(old.folder) == last
    assert start(old.folder) == last, "once more: nothing was written"
    source = gone_on(old)
    assert source.hashes[last] == hashed
    (_, first_rules), *_ = rules_of(old.folder / "journal")
    assert first_rules == OTHER
    assert (last + 1, RULES) in rules_of(old.folder / "journal")
    assert start(old.folder) == source.sequence
    machine, _ = started(old.folder)
    assert machine.state_hash() == source.hashes[source.sequence]
    assert machine.ring.last_sequence > old.machine.ring.last_sequence, "numbers go on"


def test_a_record_behind_the_snapshot_is_refused(tmp_path: Path) -> None:
    source = Source(tmp_path / "data").open_venue().play(10)
    source.written_snapshot(source.log.log_id)
    snapshot = source.sequence
    source.send(requests.mark(10_000))
    source.close()
    decided_by(source.folder / "journal")
    told = refused(source.folder)
    assert f"is of rules {OTHER}, and this release decides by rules {RULES}" in told
    assert f"is of sequence {snapshot}" in told
    assert f"Start the release of rules {OTHER} on it, have it take a snapshot" in told
    assert f"sequence {source.sequence} is the last" in told


def test_what_a_snapshot_notes_of_itself_is_a_record_behind_it(tmp_path: Path) -> None:
    source = Source(tmp_path / "data").open_venue().play(10)
    source.snapshot()
    source.close()
    decided_by(source.folder / "journal")
    assert f"is of sequence {source.sequence - 1}. Start" in refused(source.folder)


def test_no_snapshot_is_refused(old: Source) -> None:
    for path in (old.folder / "snapshots").glob("*.snap"):
        path.unlink()
    assert "there is no snapshot in" in refused(old.folder)
    (old.folder / "snapshots").rmdir()
    assert "there is no snapshot in" in refused(old.folder)


def test_a_damaged_snapshot_is_refused_however_whole_an_older_one_is(old: Source) -> None:
    flip_bit(newest(old.folder), 8 * 500)
    assert "the snapshot behind them cannot be used" in refused(old.folder)


def test_a_snapshot_of_another_log_is_refused(old: Source) -> None:
    newest(old.folder).unlink()
    old.written_snapshot(b"otherlog")
    assert "is of another journal" in refused(old.folder)


def test_a_snapshot_whose_state_has_a_form_that_is_not_read_is_refused_by_both_forms(
    old: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "STATE_FORM", STATE_FORM + 1)
    told = refused(old.folder)
    assert f"is of form {STATE_FORM}; this version reads form {STATE_FORM + 1}" in told


def test_later_starts_need_a_snapshot_behind_the_last_command_of_other_rules(old: Source) -> None:
    """The older one is whole, and what follows it may not be replayed."""
    Source(old.folder, seed=2, instruction_bytes=INSTRUCTION_BYTES).play(5).close()
    assert start(old.folder) == old.sequence + 5
    flip_bit(newest(old.folder), 8 * 500)
    told = refused(old.folder)
    assert f"of other rules than {RULES} up to sequence {old.sequence}" in told
    assert newest(old.folder).name in told


def test_a_release_that_goes_back_needs_a_snapshot_in_its_turn(old: Source) -> None:
    source = Source(old.folder, seed=2, instruction_bytes=INSTRUCTION_BYTES).play(5)
    source.close()
    last = old.sequence
    decided_by(old.folder / "journal", OTHER)
    decided_by(old.folder / "journal", RULES, before=last + 1)
    assert "the newest snapshot in" in refused(old.folder)
    source.written_snapshot(source.log.log_id)
    assert start(old.folder) == source.sequence


def test_a_trim_drops_segments_of_other_rules(old: Source) -> None:
    source = Source(old.folder, seed=2, instruction_bytes=INSTRUCTION_BYTES)
    for _ in range(2):
        source.play(10)
        source.snapshot(trim=True)
    source.close()
    assert {rules for _, rules in rules_of(old.folder / "journal")} == {RULES}
    assert start(old.folder) == source.sequence


def test_tools_say_which_rules_decided_and_replay_only_their_own(old: Source) -> None:
    source, last = gone_on(old), old.sequence
    found = verify(source.data, unseen, deep=True)
    assert found.is_whole, found.text()
    journal, *_, replays = found.parts
    assert journal.facts["rules"] == f"{OTHER} up to {last}, {RULES} from {last + 1} on"
    assert replays.facts["replays"][0]["from"] == f"snapshot {last}"
    replayed = replay_until(source.data, None, unseen)
    assert (replayed.base.sequence, replayed.is_right) == (last, True)
    assert state_of(source.data, Moment(last), None, None, unseen)["sequence"] == last
    assert command_values(source.data, last + 1, unseen)["sequence"] == last + 1
    shown = [one.record.sequence for one in shown_records(source.data, None, None, frozenset())]
    assert shown == list(range(1, source.sequence + 1)), "records are read whatever their rules"
    for ask in (
        lambda: command_values(source.data, last - 3, unseen),
        lambda: state_of(source.data, Moment(last - 3), None, None, unseen),
        lambda: replay_until(source.data, Moment(last - 3), unseen),
        lambda: replay_until(source.data, Moment(time_nanos=old.times[last - 3]), unseen),
    ):
        with pytest.raises(OtherRules, match=f"rules {OTHER}, and this release replays") as caught:
            ask()
        assert f"the first state for this one is that of snapshot {last}" in str(caught.value)


def test_tools_of_a_folder_that_ends_with_other_rules_say_so(tmp_path: Path) -> None:
    source = Source(tmp_path / "data").open_venue().play(10).close()
    decided_by(source.folder / "journal")
    found = verify(source.data, unseen, deep=True)
    assert found.is_whole, found.text()
    assert found.parts[0].facts["rules"] == str(OTHER)
    assert f"decided by rules {OTHER}, and this release" in found.parts[0].notes[0]
    assert "not replayed" in found.parts[-1].notes[0]
    rows = segment_values(source.data)
    assert {row["rules"] for row in rows} == {OTHER}
    assert (rows[0]["from"], rows[-1]["to"]) == (1, source.sequence)
    with pytest.raises(OtherRules, match="there is no snapshot of sequence"):
        replay_until(source.data, None, unseen)
    assert not (tmp_path / "new").exists()
    with pytest.raises(OtherRules, match=f"was decided by rules {OTHER}"):
        restore(source.data, DataFolder(tmp_path / "new"), None, unseen)
    assert not (tmp_path / "new").exists()


def test_a_backup_holds_all_rules_and_a_restore_goes_to_no_state_of_others(
    old: Source, tmp_path: Path
) -> None:
    target = DataFolder(tmp_path / "backup")
    done = back_up(old.data, target, unseen)
    assert done.as_values()["rules"] == str(OTHER)
    assert start(target.path) == old.sequence
    source, last = gone_on(old), old.sequence
    done = back_up(source.data, target, unseen)
    assert done.as_values()["rules"] == f"{OTHER} up to {last}, {RULES} from {last + 1} on"
    assert verify(target, unseen, deep=True).is_whole
    assert rules_of(target.journal) == rules_of(source.folder / "journal")
    for cut in (last, last + 7, source.sequence):
        restored = DataFolder(tmp_path / f"restored-{cut}")
        made = restore(target, restored, Moment(cut), unseen)
        assert made.as_values()["from_rules"] == done.as_values()["rules"]
        assert made.replayed.machine.state_hash() == (old if cut == last else source).hashes[cut]
        assert {rules for _, rules in rules_of(restored.journal)} == {RULES}
        assert started(restored.path)[0].engine.sequence == cut
    for moment in (Moment(last - 1), Moment(time_nanos=old.times[last - 1])):
        with pytest.raises(OtherRules, match=f"sequence {last - 1} was decided by rules {OTHER}"):
            restore(target, DataFolder(tmp_path / "none"), moment, unseen)
    assert not (tmp_path / "none").exists()
    pruned = prune(target, Moment(last), unseen)
    assert pruned.from_snapshot == last
    assert {rules for _, rules in rules_of(target.journal)} == {RULES}
    assert verify(target, unseen, deep=True).is_whole
