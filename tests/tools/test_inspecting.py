"""Records, commands, states and snapshots are shown as they were."""

import json
import re
from typing import Any

import pytest
from click.testing import CliRunner, Result
from google.protobuf.json_format import ParseDict

from riskengine.cli import main
from riskengine.commands import SUBMIT_NUMBER, CommandKind
from riskengine.machine.journalled import with_caller
from riskengine.machine.started import Started
from riskengine.persistence import LogRecord
from riskengine.tools.inspecting import ShownRecord, kind_names
from riskengine.tools.moments import shown_time
from tests.persistence.support import flip_bit
from tests.service import requests
from tests.tools.support import Source


def run(source: Source, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["inspect", *arguments, "--data-dir", str(source.folder)])


def lines(source: Source, *arguments: str) -> list[dict[str, Any]]:
    done = run(source, *arguments, "--format", "json")
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.output.splitlines()]


def values(source: Source, *arguments: str) -> dict[str, Any]:
    done = run(source, *arguments, "--format", "json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.output)
    return found


def test_every_record_is_the_request_that_was_sent(source: Source) -> None:
    found = lines(source, "records")
    assert [one["sequence"] for one in found] == list(range(1, source.sequence + 1))
    asked = [one for one in found if "request" in one]
    assert [one["sequence"] for one in asked] == list(source.sent)
    for one in asked:
        sent = source.sent[one["sequence"]]
        assert ParseDict(one["request"], type(sent)()) == sent
        assert one["time_nanos"] == source.times[one["sequence"]]
        assert one["payload_bytes"] == sent.ByteSize()


def test_hashes_that_the_journal_notes_are_shown(source: Source) -> None:
    noted = lines(source, "records", "--kind", "state_hash")
    due = lines(source, "records", "--kind", "state_hash_due")
    assert [one["noted_sequence"] for one in noted] == [one["sequence"] for one in due]
    for one in noted:
        assert one["state_hash"] == source.engine_hashes[one["noted_sequence"]]
    text = run(source, "records", "--kind", "state_hash").output
    assert f"noted_sequence={noted[0]['noted_sequence']} state_form=" in text


def test_records_are_chosen_by_place_and_kind(source: Source) -> None:
    chosen = lines(source, "records", "--from", "20", "--to", "29")
    assert [one["sequence"] for one in chosen] == list(range(20, 30))
    times = (shown_time(source.times[20]), str(source.times[29]))
    assert lines(source, "records", "--from", times[0], "--to", times[1]) == chosen
    since = lines(source, "records", "--from", times[0])
    assert since[0]["sequence"] == 20
    marks = lines(source, "records", "--kind", "mark_prices")
    of_kind = [one for one in lines(source, "records") if one["kind"] == "mark_prices"]
    assert marks == of_kind
    assert 10 < len(marks) < source.sequence
    two = lines(source, "records", "--kind", "mark_prices", "--kind", "asset")
    assert len(two) == len(marks) + 1
    assert run(source, "records", "--kind", "nothing").exit_code == 2


def test_a_range_without_records_is_told(source: Source) -> None:
    beyond = str(source.sequence + 1)
    for chosen in (("--from", "5", "--to", "3"), ("--from", beyond)):
        done = run(source, "records", *chosen)
        assert done.exit_code == 1
        assert f"there are no records from {chosen[1]} to " in done.output


def test_a_record_is_one_line_of_text(source: Source) -> None:
    first, *others = run(source, "records").output.splitlines()
    assert len(others) == source.sequence - 1
    time = shown_time(source.times[1])
    assert first == f'1 {time} asset asset {{ asset_id: 1 symbol: "USD" exponent: -6 }}'


def test_records_that_were_trimmed_are_refused(source: Source) -> None:
    source.snapshot(trim=True)
    first = source.data.survey().first_sequence
    done = run(source, "records", "--from", str(first - 1))
    assert done.exit_code == 1
    assert f"sequence {first - 1} is gone; the journal begins with {first}" in done.output


def test_what_lies_before_damage_is_shown_and_then_the_damage(source: Source) -> None:
    source.close()
    span = source.data.survey().spans[-1]
    flip_bit(span.path, 8 * (span.end_offset - 20))
    last = source.sequence
    done = run(source, "records")
    assert done.exit_code == 1
    assert "is damaged at offset" in done.output
    assert f", sequence {last}: " in done.output
    assert len(done.output.splitlines()) == last  # the last line is the damage
    whole = lines(source, "records", "--to", str(last - 1))
    assert whole[-1]["sequence"] == last - 1
    assert values(source, "state", "--at", str(last - 1))["sequence"] == last - 1
    assert run(source, "state").exit_code == 1


def test_a_command_is_shown_with_its_answer_and_its_instructions(source: Source) -> None:
    source.send(requests.deposit(8, 100_000), requests.trades((8, 2, 10_000, 100)))
    source.send(requests.mark(9_400))
    sequence = source.sequence
    found = values(source, "record", str(sequence))
    assert found["kind"] == "mark_prices"
    assert found["result"]["sequence"] == str(sequence)
    assert found["state_hash"] == source.engine_hashes[sequence]
    last = source.machine.engine.instruction_sequence
    assert int(found["instructions"][-1]["instruction_sequence"]) == last
    assert {int(one["sequence"]) for one in found["instructions"]} == {sequence}
    text = run(source, "record", str(sequence)).output
    assert "cancel orders" in text
    assert "mark_price_ticks" in text


def test_rejected_rows_are_shown_with_their_texts(source: Source) -> None:
    batch = requests.submit_trades("other", 1, (1, 2, 10_000, 1), (1, 99_999, 10_000, 1))
    source.send(batch)
    found = values(source, "record", str(source.sequence))
    (rejection,) = found["result"]["rejections"]
    assert rejection["reason"] == "REJECT_REASON_UNKNOWN_ACCOUNT"
    assert "99999" in rejection["message"]


def test_a_command_that_is_not_there_is_refused(source: Source) -> None:
    done = run(source, "record", str(source.sequence + 1))
    assert done.exit_code == 1
    assert f"which holds 1 to {source.sequence}" in done.output


@pytest.mark.parametrize("at", [30, 70, None])
def test_the_state_is_that_behind_a_sequence(source: Source, at: int | None) -> None:
    chosen = [] if at is None else ["--at", str(at)]
    found = values(source, "state", *chosen)
    sequence = at or source.sequence
    assert found["sequence"] == sequence
    assert found["state_hash"] == source.engine_hashes[sequence]
    assert found["clients"] == 1
    assert [fund["fund_id"] for fund in found["funds"]] == [requests.FUND]


def test_one_account_and_one_market_are_shown(source: Source) -> None:
    found = values(source, "state", "--account", "1", "--market", "1")
    engine = source.machine.engine
    view = engine.account(1, requests.ASSET)
    assert view is not None
    (account,) = found["account"]
    assert account["equity_atoms"] == view.equity_atoms
    assert [one["size_lots"] for one in account["positions"]] == [
        position.size_lots for position in view.positions
    ]
    assert found["market"]["mark_price_ticks"] == engine.markets()[0].mark_price_ticks
    assert "funds" not in found
    text = run(source, "state", "--account", "1").output
    assert f"equity atoms {view.equity_atoms}\n" in re.sub(" +", " ", text)


@pytest.mark.parametrize(
    ("what", "said"),
    [("--account", "there is no account 77"), ("--market", "there is no market 77")],
)
def test_what_does_not_exist_is_told(source: Source, what: str, said: str) -> None:
    done = run(source, "state", what, "77")
    assert done.exit_code == 1
    assert said in done.output


def test_snapshots_are_shown_with_their_sections(source: Source) -> None:
    found = values(source, "snapshots")["snapshots"]
    paths = source.data.snapshot_paths()
    assert [one["name"] for one in found] == [path.name for path in paths]
    for one, path in zip(found, paths, strict=True):
        assert one["bytes"] == path.stat().st_size
        assert set(one["sections"]) == {"state", "sessions", "instructions", "state_hash"}
        assert one["state_hash"] == source.engine_hashes[one["sequence"]]
        assert sum(one["sections"].values()) < one["bytes"]
        assert one["time_nanos"] == source.times[one["sequence"]]
    paths[0].write_bytes(paths[0].read_bytes()[:-1])
    done = run(source, "snapshots")
    assert done.exit_code == 1
    assert "is damaged at offset" in done.output


@pytest.mark.parametrize(
    ("kind", "payload", "name"),
    [(999, b"new", "kind_999"), (SUBMIT_NUMBER, b"\xff", "submit"), (1, b"", "tick")],
)
def test_what_this_version_cannot_read_is_shown_as_it_is(
    kind: int, payload: bytes, name: str
) -> None:
    shown = ShownRecord(LogRecord(7, 1, kind, 1_000_000_000, payload))
    assert shown.as_values()["payload_hex"] == payload.hex()
    assert shown.line() == f"7 1970-01-01T00:00:01.000000000Z {name} {payload.hex()}".rstrip()


def test_a_start_says_its_gap_and_what_the_wall_clock_said() -> None:
    payload = Started(wall_nanos=9_000_000_000, last_nanos=1_000_000_000).encode()
    number, framed = with_caller(CommandKind.STARTED, payload, "chief")
    shown = ShownRecord(LogRecord(7, 1, number, 3_500_000_000, framed))
    values = shown.as_values()
    assert (values["kind"], values["caller"], values["gap_nanos"]) == (
        *("started", "chief"),
        2_500_000_000,
    )
    assert shown.line() == (
        "7 1970-01-01T00:00:03.500000000Z started caller=chief "
        "wall_time=1970-01-01T00:00:09.000000000Z last_time=1970-01-01T00:00:01.000000000Z "
        "gap_nanos=2500000000"
    )
    assert "started" in kind_names()
    short = ShownRecord(LogRecord(7, 1, CommandKind.STARTED, 1, b"abc"))
    assert short.as_values()["payload_hex"] == b"abc".hex()
