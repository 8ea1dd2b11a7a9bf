"""The list of consumers: whole or not at all, and never another one's."""

import errno
from pathlib import Path

import pytest

from riskengine.persistence.consumers_file import ASIDE_NAME, CONSUMERS_NAME, ConsumersFile
from riskengine.persistence.errors import ConsumersDamaged, InstructionsRefused
from tests.persistence.disk import Disk, Keep, PowerCut, cut_at, no_fault

LOG_ID = b"8 bytes."
FIRST, SECOND = {"venue": 7, "audit": 0}, {"venue": 9, "audit": 2**62, "~" * 64: 1}


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = ConsumersFile(tmp_path, LOG_ID)
    assert file.read() is None
    for confirmed in (FIRST, SECOND, {}):
        file.write(confirmed)
        assert ConsumersFile(tmp_path, LOG_ID).read() == confirmed
    assert [path.name for path in tmp_path.iterdir()] == [CONSUMERS_NAME]


def test_no_flipped_bit_and_no_cut_goes_unseen(tmp_path: Path) -> None:
    file = ConsumersFile(tmp_path, LOG_ID)
    file.write(FIRST)
    whole = file.path.read_bytes()
    for at in range(len(whole)):
        for damaged in (
            whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :],
            whole[:at],
        ):
            file.path.write_bytes(damaged)
            with pytest.raises(ConsumersDamaged, match=CONSUMERS_NAME):
                file.read()
    file.path.write_bytes(whole + b"\0")
    with pytest.raises(ConsumersDamaged):
        file.read()
    assert file.set_aside() == tmp_path / ASIDE_NAME
    assert file.read() is None


def test_the_list_of_another_log_and_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ConsumersFile(tmp_path, LOG_ID).write(FIRST)
    with pytest.raises(InstructionsRefused, match="of another journal"):
        ConsumersFile(tmp_path, b"another.").read()
    monkeypatch.setattr("riskengine.persistence.consumers_file.VERSION", 2)
    with pytest.raises(InstructionsRefused, match="of version 1; this one reads 2"):
        ConsumersFile(tmp_path, LOG_ID).read()


def written(disk: Disk) -> ConsumersFile:
    file = ConsumersFile(Path("folder"), LOG_ID, disk)
    file.write(FIRST)
    return file


@pytest.mark.parametrize("keep", ["none", "all", "some"])
def test_a_power_cut_at_any_step_leaves_one_of_both(keep: str) -> None:
    disk = Disk()
    file = written(disk)
    first = len(disk.steps)
    file.write(SECOND)
    for step in range(first, len(disk.steps)):
        disk = Disk()
        file = written(disk)
        disk.fault = cut_at(step)
        with pytest.raises(PowerCut):
            file.write(SECOND)
        for seed in range(4 if keep == "some" else 1):
            after = disk.after_power_cut(Keep(keep, seed))
            assert ConsumersFile(Path("folder"), LOG_ID, after).read() in (FIRST, SECOND)


def test_a_failing_disk_is_told_and_leaves_the_list_before() -> None:
    disk = Disk()
    file = written(disk)

    def fault(_step: int, call: str) -> None:
        if call == "pwritev":
            raise OSError(errno.ENOSPC, "no space left")

    disk.fault = fault
    with pytest.raises(OSError, match="no space left"):
        file.write(SECOND)
    disk.fault = no_fault
    assert file.read() == FIRST
    assert disk.open_files == 0
