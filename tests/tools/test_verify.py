"""What is whole is found whole, and what is not is named: file, offset, sequence."""

import errno
import json
import os
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result

from riskengine.cli import main
from riskengine.persistence.files import Files
from riskengine.persistence.log_writer import refuse_starts
from riskengine.persistence.mark import MARK_NAME
from riskengine.persistence.segment import HEADER_BYTES
from riskengine.persistence.snapshots import SnapshotStore
from riskengine.tools.folder import DataFolder
from riskengine.tools.progress import unseen
from riskengine.tools.reports import Fault, PartReport
from riskengine.tools.verify import Verified, verify
from tests.persistence.support import flip_bit, overwrite
from tests.tools.support import Source, image

SEED = 20261130


class ReadOnly(Files):
    """Refuse whatever would change a file."""

    def open(self, path: Path, flags: int) -> int:
        if flags & (os.O_RDWR | os.O_WRONLY | os.O_CREAT | os.O_TRUNC):
            raise OSError(errno.EROFS, "read-only file system", str(path))
        return super().open(path, flags)

    def pwritev(self, fd: int, buffers: Sequence[bytes], offset: int) -> int:
        raise OSError(errno.EROFS, "read-only file system")

    def rename(self, source: Path, target: Path) -> None:
        raise OSError(errno.EROFS, "read-only file system")

    def unlink(self, path: Path) -> None:
        raise OSError(errno.EROFS, "read-only file system")


def verified(folder: Path, *, deep: bool = False, files: Files | None = None) -> Verified:
    return verify(DataFolder.existing(folder, files or ReadOnly()), unseen, deep=deep)


def part(found: Verified, name: str) -> PartReport:
    (report,) = (report for report in found.parts if report.name == name)
    return report


def only_fault(found: Verified, name: str) -> Fault:
    (fault,) = part(found, name).faults
    assert not found.is_whole
    return fault


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize("trim", [False, True])
@pytest.mark.parametrize("deep", [False, True])
def test_a_closed_folder_is_whole_and_stays_as_it_is(
    source: Source, *, deep: bool, trim: bool
) -> None:
    source.snapshot(trim=trim)
    source.play(3)
    source.close()
    before = image(source.folder)
    found = verified(source.folder, deep=deep)
    assert found.is_whole
    assert image(source.folder) == before
    facts = part(found, "journal").facts
    assert facts["log_id"] == source.log.log_id.hex()
    assert facts["last_sequence"] == source.sequence
    assert (facts["first_sequence"] > 1) is trim
    rows = part(found, "snapshots").facts["snapshots"]
    assert [row["sequence"] for row in rows] == sorted(
        int(path.stem) for path in source.store.paths()
    )
    if deep:
        replays = part(found, "replays").facts["replays"]
        assert len(replays) == len(rows) + (not trim)
        assert {row["state_hash"] for row in replays} == {source.machine.engine.state_hash()}


def test_an_empty_log_is_whole(tmp_path: Path) -> None:
    made = Source(tmp_path / "data").close()
    found = verified(made.folder, deep=True)
    assert found.is_whole
    assert part(found, "journal").facts["last_sequence"] == 0


def test_an_unfinished_tail_is_no_damage(source: Source) -> None:
    source.close()
    last = sorted(source.data.journal.glob("*.log"))[-1]
    end = source.data.survey().spans[-1].end_offset
    overwrite(last, end, b"RErc torn")
    found = verified(source.folder)
    assert found.is_whole
    assert "9 bytes behind the last record were never finished" in part(found, "journal").notes[0]


def test_what_an_open_log_is_writing_is_not_looked_at(source: Source) -> None:
    last = sorted(source.data.journal.glob("*.log"))[-1]
    end = source.data.survey().spans[-1].end_offset
    overwrite(last, end + 1_000, b"RErc a part of a group that is being written")
    found = verified(source.folder, deep=True)
    assert found.is_whole
    (note,) = part(found, "journal").notes
    assert f"verified up to sequence {source.sequence}" in note


def test_each_flipped_bit_of_the_journal_is_named(source: Source) -> None:
    source.close()
    random = Random(SEED)
    spans = source.data.survey().spans
    for span in spans:
        whole = span.path.read_bytes()
        for _ in range(6):
            offset = random.randrange(span.end_offset if span is spans[-1] else len(whole))
            flip_bit(span.path, offset * 8 + random.randrange(8))
            fault = only_fault(verified(source.folder), "journal")
            assert fault.path == span.path
            assert fault.offset is not None
            assert fault.offset <= offset
            assert fault.sequence is not None
            assert span.header.first_sequence <= fault.sequence <= span.last_sequence + 1
            assert f"offset {fault.offset}, sequence {fault.sequence}: " in fault.text()
            span.path.write_bytes(whole)
    assert verified(source.folder).is_whole


def test_each_damaged_segment_is_named(source: Source) -> None:
    source.close()
    first, second, *_ = (span.path for span in source.data.survey().spans)
    for path in (first, second):
        flip_bit(path, (HEADER_BYTES + 60) * 8)
    faults = part(verified(source.folder), "journal").faults
    assert [fault.path for fault in faults] == [first, second]


def test_a_missing_segment_is_named(source: Source) -> None:
    source.close()
    first, second, *_ = (span.path for span in source.data.survey().spans)
    second.unlink()
    fault = only_fault(verified(source.folder), "journal")
    assert fault.path == second
    assert "the segment is missing" in fault.reason
    first.unlink()
    assert "the first segment is missing" in only_fault(verified(source.folder), "journal").reason


def test_a_mark_that_is_not_whole_is_damage(source: Source) -> None:
    source.close()
    refuse_starts(Files(), source.data.journal)
    fault = only_fault(verified(source.folder), "journal")
    assert fault.path == source.data.journal / MARK_NAME


def test_a_trim_while_it_is_verified_is_no_damage(source: Source) -> None:
    """The segments are listed, then the oldest of them are trimmed."""

    class Trimming(ReadOnly):
        def list_names(self, folder: Path) -> list[str]:
            names = super().list_names(folder)
            if folder == source.data.journal:
                source.snapshot()
                source.log.trim(source.sequence)
            return names

    assert len(source.data.survey().spans) >= 3
    found = verified(source.folder, files=Trimming())
    assert part(found, "journal").faults == []


def test_a_flipped_bit_of_a_snapshot_is_named(source: Source) -> None:
    source.close()
    path = source.data.snapshot_paths()[0]
    flip_bit(path, 8 * 200)
    fault = only_fault(verified(source.folder), "snapshots")
    assert fault.path == path
    assert fault.offset is not None
    assert fault.sequence == int(path.stem)


def test_a_snapshot_of_another_state_is_found_by_replaying_alone(source: Source) -> None:
    """Its bytes are right, its log and sequence too: only its state is that of another venue."""
    other = Source(source.folder.parent / "other", seed=2).open_venue()
    other.play(source.sequence - other.sequence)
    assert other.sequence == source.sequence
    path, _ = other.written_snapshot(source.log.log_id)
    other.close()
    path.rename(source.store.folder / path.name)
    source.play(4)
    source.close()
    assert verified(source.folder).is_whole
    fault = only_fault(verified(source.folder, deep=True), "replays")
    assert fault.sequence == int(path.stem)
    assert "the state hash is" in fault.reason


def test_snapshots_that_do_not_fit_the_journal_are_named(source: Source) -> None:
    other = Source(source.folder.parent / "other").open_venue()
    foreign = other.snapshot()
    other.close()
    foreign = foreign.rename(source.store.folder / foreign.name)
    found = part(verified(source.folder), "snapshots")
    assert [fault.reason for fault in found.faults] == [
        "it is of another journal than the one beside it"
    ]
    foreign.unlink()
    source.snapshot()
    source.log.trim(source.sequence)
    old = [fault.path for fault in part(verified(source.folder), "snapshots").faults]
    assert old == source.data.snapshot_paths()[:-1]
    source.close()
    for path in source.store.paths():
        path.unlink()
    fault = only_fault(verified(source.folder), "snapshots")
    assert "no snapshot is whole" in fault.reason


def test_a_journal_that_lost_commands_after_a_snapshot_is_told(source: Source) -> None:
    behind = source.sequence
    kept = image(source.folder)
    source.play(2)
    source.snapshot()
    source.close()
    for name, data in kept.items():
        (source.folder / name).write_bytes(data)
    fault = only_fault(verified(source.folder), "snapshots")
    assert fault.reason.startswith(f"the journal ends with sequence {behind}")


def test_the_command_says_it_in_words_in_json_and_by_its_exit_code(source: Source) -> None:
    source.close()
    folder = str(source.folder)
    whole = run("verify", "--data-dir", folder, "--deep")
    assert whole.exit_code == 0
    assert whole.output.endswith(f"{folder} is whole\n")
    values = json.loads(run("verify", "--data-dir", folder, "--format", "json").output)
    assert values["whole"] is True
    assert [one["part"] for one in values["parts"]] == ["journal", "snapshots"]
    path = source.data.survey().spans[1].path
    flip_bit(path, 8 * 100)
    damaged = run("verify", "--data-dir", folder)
    assert damaged.exit_code == 1
    assert f"FAULT: {path}, offset 64, sequence {int(path.stem)}: " in damaged.output
    values = json.loads(run("verify", "--data-dir", folder, "--format", "json").output)
    (fault,) = values["parts"][0]["faults"]
    assert (fault["path"], fault["offset"]) == (str(path), 64)


def test_what_is_no_data_folder_is_wrong_usage(tmp_path: Path) -> None:
    done = run("verify", "--data-dir", str(tmp_path))
    assert done.exit_code == 2
    assert "is no data folder" in done.output
    assert list(tmp_path.iterdir()) == []


def test_a_store_without_a_folder_has_no_snapshots(source: Source) -> None:
    source.close()
    for path in source.store.paths():
        path.unlink()
    source.store.folder.rmdir()
    found = verified(source.folder)
    assert found.is_whole
    assert part(found, "snapshots").facts["count"] == 0
    assert SnapshotStore(source.store.folder).folder.exists() is False
