"""Instructions on disk are verified with the folder: each frame, and who has confirmed."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from riskengine.instruction_start import INSTRUCTION_FOLDER
from riskengine.machine.machine import Machine
from riskengine.machine.replay import replay
from riskengine.persistence.consumers_file import ConsumersFile
from riskengine.persistence.instruction_recovery import InstructionRecovery
from riskengine.persistence.instruction_segment import HEADER_BYTES
from riskengine.tools.progress import unseen
from riskengine.tools.reports import PartReport
from riskengine.tools.verify import Verified, verify
from riskengine.tools.verify_instructions import verify_instructions
from tests.persistence.support import flip_bit
from tests.tools.support import Source, image


@pytest.fixture
def stored(source: Source) -> list[Path]:
    """Return the segments of all that was instructed, of one frame or two each."""
    folder = source.folder / INSTRUCTION_FOLDER
    making = InstructionRecovery(folder, source.log.log_id, oldest=1, last=0, segment_bytes=200)
    log = making.finish()

    def keep(sequence: int, time_nanos: int, pieces: Sequence[bytes]) -> None:
        log.append(sequence, time_nanos, pieces)
        log.write(sequence)

    replay(Machine(), source.log.read(1), instructed=keep)
    log.close()
    ConsumersFile(folder, source.log.log_id).write({"venue": 1})
    paths = sorted(folder.glob("*.ins"))
    assert len(paths) >= 3
    return paths


def found(source: Source) -> tuple[Verified, PartReport]:
    verified = verify(source.data, unseen)
    (part,) = (part for part in verified.parts if part.name == "instructions")
    return verified, part


def test_what_was_stored_is_whole(source: Source, stored: list[Path]) -> None:
    before = image(source.folder)
    verified, part = found(source)
    assert verified.is_whole, verified.text()
    assert image(source.folder) == before
    assert part.facts["segments"] == len(stored)
    assert part.facts["first_instruction"] == 1
    assert part.facts["last_instruction"] == source.machine.engine.instruction_sequence
    assert (part.facts["consumers"], part.notes) == (1, [])


def test_a_folder_without_any_has_no_such_part(source: Source) -> None:
    assert "instructions" not in {part.name for part in verify(source.data, unseen).parts}


def test_a_flipped_bit_is_named(source: Source, stored: list[Path]) -> None:
    for path in stored[:-1]:
        flip_bit(path, 8 * (path.stat().st_size - 10))
        verified, part = found(source)
        assert not verified.is_whole
        assert part.faults[0].path == path
        assert part.faults[0].offset is not None
        flip_bit(path, 8 * (path.stat().st_size - 10))
    assert found(source)[0].is_whole


def test_an_unfinished_end_is_a_note(source: Source, stored: list[Path]) -> None:
    for snapshot in source.data.snapshot_paths():
        snapshot.unlink()
    last = stored[-1]
    last.write_bytes(last.read_bytes()[:-3])
    verified, part = found(source)
    assert verified.is_whole
    assert f"the end of {last.name}" in part.notes[0]


def test_a_missing_segment_and_a_bad_list_are_faults(source: Source, stored: list[Path]) -> None:
    stored[1].unlink()
    _, part = found(source)
    assert [fault.path for fault in part.faults] == [stored[2]]
    consumers = stored[0].with_name("consumers")
    flip_bit(consumers, 8 * 20)
    _, part = found(source)
    assert [fault.path for fault in part.faults] == [consumers, stored[2]]


def test_instructions_of_another_log_are_told(source: Source, stored: list[Path]) -> None:
    other = Source(source.folder.parent / "other").open_venue().close()
    (other.folder / INSTRUCTION_FOLDER).mkdir()
    copied = other.folder / INSTRUCTION_FOLDER / stored[0].name
    copied.write_bytes(stored[0].read_bytes())
    _, part = found(other)
    assert len(part.faults) == 1


def test_what_a_snapshot_proves_to_have_been_there_is_no_unfinished_end(
    source: Source, stored: list[Path]
) -> None:
    source.snapshot()
    last = stored[-1]
    whole = last.read_bytes()
    for image_of_last in (whole[:-3], whole[:HEADER_BYTES]):
        last.write_bytes(image_of_last)
        verified, part = found(source)
        assert not verified.is_whole
        assert (part.notes, len(part.faults)) == ([], 1)
    last.unlink()
    _, part = found(source)
    assert "up to" in part.faults[0].reason


def test_it_is_said_how_far_it_is(source: Source, stored: list[Path]) -> None:
    told: list[tuple[int, int]] = []
    verify_instructions(source.data, lambda done, total: told.append((done, total)))
    size = sum(path.stat().st_size for path in stored)
    assert told == sorted(told)
    assert (len(told), told[-1]) == (len(stored), (size, size))
