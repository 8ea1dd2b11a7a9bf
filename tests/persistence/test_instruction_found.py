"""A check of stored instructions reads all, changes nothing, and names file and offset."""

from pathlib import Path

import pytest

from riskengine.persistence.errors import InstructionsRefused
from riskengine.persistence.instruction_found import check_segments
from tests.persistence.instructions import LOG_ID, journal, started, write

COMMANDS = journal((3, 1, 9, 2, 8, 9))
LAST = COMMANDS[-1].last


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    log = started(tmp_path, [])
    for command in COMMANDS:
        write(log, [command])
    log.close()
    return tmp_path


def test_whole_segments_are_whole(folder: Path) -> None:
    checked = list(check_segments(folder, LOG_ID))
    assert len(checked) > 2
    assert [each.flaw for each in checked] == [""] * len(checked)
    assert checked[-1].next_instruction == LAST + 1
    assert [each.offset for each in checked] == [each.path.stat().st_size for each in checked]


def test_no_flipped_bit_and_no_cut_goes_unseen(folder: Path) -> None:
    last = sorted(folder.iterdir())[-1]
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        ends = {each.offset for each in check_segments(folder, LOG_ID) if each.path == path}
        for at in range(0, len(whole), 11):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])
            flawed = [each for each in check_segments(folder, LOG_ID) if each.flaw]
            assert flawed[0].path == path
            assert flawed[0].offset <= at
        for length in range(0, len(whole), 11):
            path.write_bytes(whole[:length])
            checked = list(check_segments(folder, LOG_ID))
            cut = next(each for each in checked if each.path == path)
            is_told = any(each.flaw for each in checked)
            assert is_told or (path == last and cut.offset == length), "a whole frame is missing"
        path.write_bytes(whole)
        assert {each.offset for each in check_segments(folder, LOG_ID) if each.path == path} == ends


def test_a_missing_segment_is_named(folder: Path) -> None:
    first, second, *_ = sorted(folder.iterdir())
    second.unlink()
    flawed = [each for each in check_segments(folder, LOG_ID) if each.flaw]
    assert [each.flaw for each in flawed] == [
        f"the segment of instruction {int(second.stem)} is missing"
    ]
    first.unlink()
    assert not [each for each in check_segments(folder, LOG_ID) if each.flaw]


def test_another_log_is_refused(folder: Path) -> None:
    with pytest.raises(InstructionsRefused, match="of another journal"):
        list(check_segments(folder, b"another."))
