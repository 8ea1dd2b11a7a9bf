"""The power goes at every step of a run: what was acknowledged stays, the rest is whole or gone."""

from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from riskengine.persistence import SegmentLog, SequenceTrimmed
from tests.persistence.disk import Disk, Keep, PowerCut, cut_at
from tests.persistence.support import append, contents, opened, record, records

GROUPS = (1, 4, 2, 6, 3, 9, 1, 25, 2, 3) * 3
SEEDS = range(3)
KEEPS = [("none", 0), ("all", 0), *(("some", seed) for seed in SEEDS)]


class Run:
    """A short life of a log: groups, a restart, a trim, more groups, an idle sync, the end."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        self.acknowledged = 0
        self.appended = 0
        self.trimmed_before = 1
        self._folder = folder
        self._disk = disk
        self._log: SegmentLog | None = None

    def play(self) -> None:
        try:
            self._session(GROUPS)
            self._session(GROUPS[:20], trim=True)
        finally:
            if self._log is not None:
                with suppress(PowerCut):
                    self._log.close()

    def _session(self, groups: tuple[int, ...], *, trim: bool = False) -> None:
        self._log = log = opened(self._folder, files=self._disk)
        assert log.report.last_sequence == self.acknowledged
        if trim:
            self.trimmed_before = self.acknowledged - 20
            log.trim(self.trimmed_before)
        for size in groups:
            for _ in range(size):
                self.appended += 1
                append(log, record(self.appended))
            self.acknowledged = log.sync()
        log.sync()
        log.close()
        self._log = None


def check_survivor(folder: Path, disk: Disk, run: Run) -> None:
    """Check the log after one start, and that a second one right upon it changes nothing."""
    log = opened(folder, files=disk)
    first, last = log.first_sequence, log.head.sequence
    assert run.acknowledged <= last <= run.appended
    assert first <= run.trimmed_before
    assert contents(log) == records(first, last)
    log.close()
    log = opened(folder, files=disk)
    assert (log.first_sequence, log.head.sequence) == (first, last)
    assert log.report.cut_path is None
    log.close()


def steps_of_a_run(folder: Path) -> int:
    disk = Disk()
    Run(folder, disk).play()
    return len(disk.steps)


def test_power_cut_before_every_step(tmp_path: Path) -> None:
    steps = steps_of_a_run(tmp_path)
    assert steps > 250
    for step in range(steps):
        disk = Disk(cut_at(step))
        run = Run(tmp_path, disk)
        with pytest.raises(PowerCut):
            run.play()
        for what, seed in KEEPS:
            after = disk.after_power_cut(Keep(what, seed * 10_000 + step))
            check_survivor(tmp_path, after, run)


def test_power_cut_at_every_step_of_the_recovery_from_one(tmp_path: Path) -> None:
    """Cut the power in a group's sync, then again at each step of the start that follows."""
    run, disk = None, Disk()
    for step in range(steps_of_a_run(tmp_path)):
        disk = Disk(cut_at(step))
        run = Run(tmp_path, disk)
        with pytest.raises(PowerCut):
            run.play()
        if run.acknowledged >= 20 and run.appended - run.acknowledged > 5:
            break
    assert run is not None
    for seed in range(8):
        torn = disk.after_power_cut(Keep("some", seed))
        for step in range(200):
            again = torn.after_power_cut(Keep("none"))
            again.fault = cut_at(step)
            try:
                opened(tmp_path, files=again).close()
            except PowerCut:
                after = again.after_power_cut(Keep("some", seed * 1000 + step))
                check_survivor(tmp_path, after, run)
            else:
                break


def test_an_acknowledged_record_survives_a_second_power_cut(tmp_path: Path) -> None:
    """A record of a killed process, only in the page cache, is durable once a start shows it."""
    random = Random(7)
    for step in range(0, steps_of_a_run(tmp_path), 2):
        disk = Disk(cut_at(step))
        run = Run(tmp_path, disk)
        with pytest.raises(PowerCut):
            run.play()
        killed = disk.after_kill()
        log = opened(tmp_path, files=killed)
        shown = log.head.sequence
        append(log, record(shown + 1))
        assert log.sync() == shown + 1
        after = killed.after_power_cut(Keep("none", random.randrange(1000)))
        log.close()
        log = opened(tmp_path, files=after)
        assert log.head.sequence == shown + 1 > run.acknowledged
        with pytest.raises(SequenceTrimmed):
            log.read(0)
        log.close()
