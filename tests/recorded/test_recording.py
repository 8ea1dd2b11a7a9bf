"""Recording, the file, and what counts as a difference."""

from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorSet

from riskengine.api.v1.common_pb2 import CommandResult, Rejection
from tests.recorded import compare, sources
from tests.recorded.compare import INSTRUCTIONS, DifferenceError, play, show
from tests.recorded.contract import Contract, contract_of
from tests.recorded.journal import (
    Header,
    Journal,
    contract_path,
    read_journal,
    recorded_names,
    write_journal,
)
from tests.recorded.record import recorded

HEADER = Header("walk-3", "7b8b3fe9", "a walk, for this test")


@pytest.fixture(scope="module")
def journal() -> Journal:
    return recorded(HEADER, sources.walk(3, 150))


def test_what_is_recorded_twice_is_the_same(journal: Journal) -> None:
    assert recorded(HEADER, sources.walk(3, 150)) == journal


def test_a_file_holds_a_journal(journal: Journal, tmp_path: Path) -> None:
    path = write_journal(journal, tmp_path)
    first = path.read_bytes()
    assert recorded_names(tmp_path) == ["walk-3"]
    assert read_journal("walk-3", tmp_path) == journal
    assert write_journal(journal, tmp_path).read_bytes() == first


def test_an_answer_that_differs_is_told(journal: Journal) -> None:
    number, entry = next(
        (number, entry)
        for number, entry in enumerate(journal.entries, 1)
        if entry.kind in (3, 7) and entry.answer
    )
    result = CommandResult.FromString(entry.answer)
    result.time_nanos += 1
    entries = list(journal.entries)
    entries[number - 1] = entry._replace(answer=result.SerializeToString())
    with pytest.raises(DifferenceError) as caught:
        play(Journal(HEADER, entries))
    text = str(caught.value)
    assert f"journal walk-3: entry {number} of {len(entries)}" in text
    assert "Request {" in text
    assert f"-time_nanos: {result.time_nanos}" in text
    assert f"+time_nanos: {result.time_nanos - 1}" in text


def test_an_instruction_that_is_missing_or_differs_is_told(journal: Journal) -> None:
    number, entry = next(
        (number, entry)
        for number, entry in enumerate(journal.entries, 1)
        if len(entry.instructions) > 1
    )
    count = len(entry.instructions)
    entries = list(journal.entries)
    entries[number - 1] = entry._replace(instructions=entry.instructions[:-1])
    with pytest.raises(DifferenceError, match=rf"instruction {count} of {count - 1} \(now {count}"):
        play(Journal(HEADER, entries))
    turned = entry.instructions[::-1]
    entries[number - 1] = entry._replace(instructions=turned)
    with pytest.raises(DifferenceError, match=rf"instruction 1 of {count} ") as caught:
        play(Journal(HEADER, entries))
    assert "-  instruction_sequence: " in str(caught.value)


def test_the_text_of_a_refusal_may_change_and_nothing_else_of_it() -> None:
    contract = contract_of(HEADER.revision)
    first, other, wrong = (
        CommandResult(rejections=[Rejection(row=1, limit=limit, message=text)])
        for limit, text in ((5, "at most 5"), (5, "no more than 5"), (6, "at most 5"))
    )
    cleared = [
        contract.clear("CommandResult", one.SerializeToString()) for one in (first, other, wrong)
    ]
    assert cleared[0] == cleared[1] != cleared[2]


def test_a_field_that_is_added_is_cleared(journal: Journal) -> None:
    """A newer contract names something in the evidence and beside the body."""
    files = FileDescriptorSet.FromString(contract_path(HEADER.revision).read_bytes())
    for file in files.file:
        for described in file.message_type:
            if described.name in ("Evidence", "Instruction"):
                described.field.add(
                    name="added_id",
                    number=99,
                    type=FieldDescriptorProto.TYPE_INT64,
                    label=FieldDescriptorProto.LABEL_OPTIONAL,
                )
    newer, older = Contract(files.SerializeToString()), contract_of(HEADER.revision)
    pieces = [piece for entry in journal.entries for piece in entry.instructions]
    piece = next(one for one in pieces if "limit_price_ticks" in newer.text(INSTRUCTIONS, one))
    message = newer.parse(INSTRUCTIONS, piece)
    (instruction,) = message.instructions  # type: ignore[attr-defined]
    instruction.added_id = 7
    instruction.liquidation_order.evidence.added_id = 7
    raw = message.SerializeToString()
    assert raw != piece
    assert newer.clear(INSTRUCTIONS, raw) == raw
    assert older.clear(INSTRUCTIONS, raw) == piece


def test_a_journal_can_be_read(journal: Journal) -> None:
    text = "\n".join(show(journal))
    assert "CreateAssetRequest {" in text
    assert "liquidation_order" in text


def test_the_command_line_says_what_it_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert compare.main(["stateful-1"]) == 0
    assert capsys.readouterr().out.endswith("entries, as recorded\n")
    assert compare.main(["--show", "stateful-1"]) == 0
    assert capsys.readouterr().out.startswith("stateful-1, by 7b8b3fe9: stateful test, seed 1\n")
    with pytest.raises(SystemExit):
        compare.main(["nothing"])
