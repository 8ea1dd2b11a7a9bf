"""Logs that a release of other rules has written: where they go on, and what is left alone."""

from contextlib import suppress
from pathlib import Path

import pytest

from riskengine.commands import RULES
from riskengine.persistence import JournalDamaged, SegmentLog, open_segment_log, segment
from riskengine.persistence.errors import JournalOfOtherRules
from riskengine.persistence.files import Files
from riskengine.persistence.mark import create_mark
from riskengine.persistence.rules import RulesSpan, replayable_from, rules_spans
from riskengine.persistence.segment import SegmentHeader, decode_segment_header, segment_name
from riskengine.persistence.survey import survey
from tests.persistence.disk import Disk, Keep, PowerCut, cut_at
from tests.persistence.rules import OTHER, decided_by, rules_of
from tests.persistence.support import (
    SMALL,
    Unsynced,
    contents,
    fill,
    flip_bit,
    opened,
    records,
    segment_paths,
)

Asked = list[tuple[str, int, int]]


def headers(*rows: tuple[int, int]) -> list[SegmentHeader]:
    return [SegmentHeader(b"logident", 4096, first, 1, b"prevhash", rules) for first, rules in rows]


@pytest.mark.parametrize(
    ("rows", "last", "replayable", "spans"),
    [
        ([(1, RULES)], 0, 1, []),
        ([(1, RULES)], 9, 1, [(RULES, 1, 9)]),
        ([(1, OTHER)], 0, 1, []),
        ([(1, OTHER)], 9, 10, [(OTHER, 1, 9)]),
        ([(5, OTHER), (8, OTHER)], 9, 10, [(OTHER, 5, 9)]),
        ([(5, OTHER), (8, RULES)], 7, 8, [(OTHER, 5, 7)]),
        ([(5, OTHER), (8, OTHER)], 7, 8, [(OTHER, 5, 7)]),
        ([(5, OTHER), (8, RULES)], 9, 8, [(OTHER, 5, 7), (RULES, 8, 9)]),
        ([(5, RULES), (8, OTHER)], 7, 5, [(RULES, 5, 7)]),
        ([(5, RULES), (8, OTHER), (9, RULES)], 9, 9, [(RULES, 5, 7), (OTHER, 8, 8), (RULES, 9, 9)]),
    ],
)
def test_what_is_replayed_begins_behind_the_last_record_of_other_rules(
    rows: list[tuple[int, int]], last: int, replayable: int, spans: list[tuple[int, int, int]]
) -> None:
    assert replayable_from(headers(*rows), last) == replayable
    assert rules_spans(headers(*rows), last) == [RulesSpan(*span) for span in spans]


def left_by_others(folder: Path, groups: list[int]) -> int:
    """Write a log of other rules; return its last sequence."""
    log = opened(folder)
    last = fill(log, groups)
    log.close()
    decided_by(folder)
    return last


def admitted(folder: Path, asked: Asked | None = None, files: Files | None = None) -> SegmentLog:
    told = [] if asked is None else asked

    def admit(path: Path, header: SegmentHeader, last_sequence: int) -> None:
        told.append((path.name, header.rules, last_sequence))

    return open_segment_log(folder, SMALL, files=files or Unsynced(), admit=admit)


def test_a_log_that_is_admitted_goes_on_in_a_new_segment(tmp_path: Path) -> None:
    last = left_by_others(tmp_path, [3, 2])
    before = segment_paths(tmp_path)[0].read_bytes()
    asked: Asked = []
    log = admitted(tmp_path, asked)
    assert asked == [(segment_name(1), OTHER, last)]
    assert (log.replayable_from, log.head.sequence) == (last + 1, last)
    assert fill(log, [1, 2]) == last + 3
    assert rules_of(tmp_path) == [(1, OTHER), (last + 1, RULES)]
    assert segment_paths(tmp_path)[0].read_bytes() == before
    assert contents(log) == records(1, last + 3)
    log.close()
    log = opened(tmp_path)  # nobody is asked: its last records are of these rules
    assert (log.replayable_from, contents(log)) == (last + 1, records(1, last + 3))
    assert fill(log, [1]) == last + 4
    assert len(segment_paths(tmp_path)) == 2
    found = survey(Files(), tmp_path)
    assert found.rules == [(OTHER, 1, last), (RULES, last + 1, last + 4)]
    assert log.trim(last + 2) == last + 1
    assert rules_of(tmp_path) == [(last + 1, RULES)]
    log.close()


def test_an_admitted_log_that_was_not_written_to_is_asked_for_again(tmp_path: Path) -> None:
    last = left_by_others(tmp_path, [4])
    for _ in range(2):
        asked: Asked = []
        admitted(tmp_path, asked).close()
        assert asked == [(segment_name(1), OTHER, last)]
    with pytest.raises(JournalOfOtherRules, match="Start the release of rules"):
        opened(tmp_path)


def test_a_new_log_of_other_rules_has_nothing_that_they_decided(tmp_path: Path) -> None:
    opened(tmp_path).close()
    decided_by(tmp_path)
    log = opened(tmp_path)
    assert log.replayable_from == 1
    fill(log, [2])
    assert rules_of(tmp_path) == [(1, RULES)], "the empty segment was replaced"
    assert contents(log) == records(1, 2)
    log.close()
    log = opened(tmp_path)
    assert contents(log) == records(1, 2)
    log.close()


def test_an_empty_segment_at_the_end_does_not_hide_what_others_decided(tmp_path: Path) -> None:
    """It was begun when the process was killed, and its first record never written."""
    log = opened(tmp_path)
    last = fill(log, [1] * 30)
    log.close()
    paths = segment_paths(tmp_path)
    cut = int(paths[-1].stem)
    assert len(paths) > 1
    assert cut < last
    empty = paths[-1].read_bytes()[:64].ljust(4096, b"\0")
    paths[-1].write_bytes(empty)
    create_mark(Files(), tmp_path, decode_segment_header(empty).log_id, sequence=cut - 1)
    decided_by(tmp_path, before=cut)
    asked: Asked = []
    log = admitted(tmp_path, asked)
    assert asked == [(paths[-2].name, OTHER, cut - 1)]
    assert log.replayable_from == cut
    fill(log, [1])
    assert contents(log) == records(1, cut)
    log.close()


def gone_on(folder: Path, disk: Disk, last: int) -> int:
    """Go on with four records, until the power is cut; return what was acknowledged."""
    acknowledged = last
    with suppress(PowerCut):
        log = admitted(folder, files=disk)
        try:
            for size in (1, 3):
                acknowledged = fill(log, [size])
        finally:
            log.close()
    return acknowledged


@pytest.mark.parametrize("groups", [[], [3, 2]], ids=["new", "with records"])
@pytest.mark.parametrize("keep", ["none", "all", "some"])
def test_power_cut_before_every_step_of_an_upgrade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, groups: list[int], keep: str
) -> None:
    """The log has what was acknowledged, and is of other rules up to where it was."""
    monkeypatch.setattr(segment, "RULES", OTHER)
    left = Disk()
    log = opened(tmp_path, files=left)
    last = fill(log, groups)
    log.close()
    monkeypatch.undo()
    whole = left.after_power_cut(Keep("all"))
    assert gone_on(tmp_path, whole, last) == last + 4
    for step in range(len(whole.steps)):
        disk = left.after_power_cut(Keep("all"))
        disk.fault = cut_at(step)
        acknowledged = gone_on(tmp_path, disk, last)
        after = disk.after_power_cut(Keep(keep, step))
        log = admitted(tmp_path, files=after)
        found = log.head.sequence
        assert acknowledged <= found <= last + 4
        assert log.replayable_from == last + 1
        assert contents(log) == records(1, found)
        assert fill(log, [1]) == found + 1
        assert log.replayable_from == last + 1
        log.close()
    assert step > 15, "so many steps were tried"


def test_damage_of_what_others_decided_is_told_as_such(tmp_path: Path) -> None:
    left_by_others(tmp_path, [3, 2])
    flip_bit(segment_paths(tmp_path)[0], 8 * 200)
    with pytest.raises(JournalDamaged, match="is damaged at offset"):
        admitted(tmp_path)
