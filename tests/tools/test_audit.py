"""Who asked for what: commands of operators and all that move money, by name and time."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from riskengine.cli import main
from riskengine.machine.journalled import NAMED
from riskengine.tools.audit import AUDITED
from riskengine.tools.moments import shown_time
from tests.service import requests
from tests.tools.support import Source


@pytest.fixture
def signed(tmp_path: Path) -> Source:
    """Return a folder: a venue that nobody's name stands with, then commands of some callers."""
    source = Source(tmp_path).open_venue()
    source.send_as("wallet", requests.deposit(1, 70), requests.withdraw(1, 30))
    source.send_as("", requests.trades((1, 2, 10_000, 1)))
    source.send_as("operator-1", requests.mark(10_050), requests.set_market())
    return source.close()


def run(source: Source, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["audit", *arguments, "--data-dir", str(source.folder)])


def found(source: Source, *arguments: str) -> list[dict[str, Any]]:
    done = run(source, *arguments, "--format", "json")
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.output.splitlines()]


def test_each_admin_and_money_command_is_listed_with_who_and_when(signed: Source) -> None:
    last = signed.sequence
    told = found(signed, "--from", str(last - 4))
    assert [(one["sequence"], one["caller"], one["kind"]) for one in told] == [
        (last - 4, "wallet", "deposits"),
        (last - 3, "wallet", "withdrawals"),
        (last - 1, "operator-1", "mark_prices"),
        (last, "operator-1", "market"),
    ]
    for one in told:
        assert one["time_nanos"] == signed.times[one["sequence"]]
        assert one["time"] == shown_time(one["time_nanos"])
    assert told[1]["request"] == {"account_id": "1", "asset_id": "1", "amount_atoms": "30"}


def test_what_the_venue_noted_is_told(tmp_path: Path) -> None:
    source = Source(tmp_path).open_venue()
    paid_in = requests.deposit(1, 70)
    paid_in.venue_id, paid_in.venue_time_nanos = 4_711, 1_700_000_000_000_000_000
    trade = requests.trades((1, 2, 10_000, 1))
    trade.trades.venue_id.append(4_712)
    source.send_as("wallet", paid_in)
    source.send_as("", trade)
    (told,) = found(source.close(), "--caller", "wallet")
    assert told["request"] == {
        "account_id": "1",
        "asset_id": "1",
        "amount_atoms": "70",
        "venue_id": "4711",
        "venue_time_nanos": "1700000000000000000",
    }
    shown = ["inspect", "record", str(source.sequence), "--format", "json"]
    done = CliRunner().invoke(main, [*shown, "--data-dir", str(source.folder)])
    assert json.loads(done.output)["request"]["trades"]["venue_id"] == ["4712"]


def test_what_has_no_name_is_listed_too(signed: Source) -> None:
    """As in a journal of before there were names."""
    unnamed = [one for one in found(signed) if one["caller"] is None]
    assert {one["kind"] for one in unnamed} == {
        "asset",
        "fund",
        "market",
        "deposits",
    }
    assert {one["kind"] for one in unnamed} <= AUDITED
    assert found(signed, "--caller", "-") == unnamed


def test_a_record_whose_name_cannot_be_read_is_not_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Source(tmp_path).open_venue()
    monkeypatch.setattr("tests.tools.support.with_caller", lambda *_: (NAMED, b"\x03a\nb"))
    source.send_as("wallet", requests.deposit(1, 30))
    told = found(source.close())[-1]
    assert (told["sequence"], told["caller"], told["kind"]) == (
        source.sequence,
        None,
        f"kind_{NAMED}",
    )


def test_a_line_tells_the_same_to_people(signed: Source) -> None:
    lines = run(signed).output.splitlines()
    values = found(signed)
    assert len(lines) == len(values)
    for line, one in zip(lines, values, strict=True):
        head = f"{one['sequence']} {one['time']} {one['caller'] or '-'} {one['kind']} "
        assert line.startswith(head)


@pytest.mark.parametrize(
    ("arguments", "kinds"),
    [
        (("--caller", "wallet"), ["deposits", "withdrawals"]),
        (("--caller", "operator-1"), ["mark_prices", "market"]),
        (("--caller", "wallet", "--caller", "operator-1"), 4),
        (("--caller", "nobody"), []),
    ],
)
def test_callers_are_chosen(
    signed: Source, arguments: tuple[str, ...], kinds: list[str] | int
) -> None:
    told = [one["kind"] for one in found(signed, *arguments)]
    assert (len(told) if isinstance(kinds, int) else told) == kinds


def test_a_range_of_time_is_chosen(signed: Source) -> None:
    last = signed.sequence
    begin, end = (str(signed.times[sequence]) for sequence in (last - 3, last - 1))
    told = found(signed, "--from", begin, "--to", end)
    assert [one["kind"] for one in told] == ["withdrawals", "mark_prices"]


def test_a_record_is_shown_with_its_caller(signed: Source) -> None:
    arguments = ["inspect", "record", str(signed.sequence), "--format", "json"]
    done = CliRunner().invoke(main, [*arguments, "--data-dir", str(signed.folder)])
    values = json.loads(done.output)
    assert (values["caller"], values["kind"]) == ("operator-1", "market")
    assert values["state_hash"] == signed.engine_hashes[signed.sequence]
    records = ["inspect", "records", "--kind", "withdrawals", "--data-dir", str(signed.folder)]
    (line,) = CliRunner().invoke(main, records).output.splitlines()
    assert " withdrawals caller=wallet account_id: 1 " in line


def test_a_folder_with_names_verifies_and_replays(signed: Source) -> None:
    for command in (["verify", "--deep"], ["replay"]):
        done = CliRunner().invoke(main, [*command, "--data-dir", str(signed.folder)])
        assert done.exit_code == 0, done.output


def test_who_put_the_time_forward_and_who_confirmed_a_start_are_listed(tmp_path: Path) -> None:
    source = Source(tmp_path).open_venue()
    later = source.next_nanos + 10**12
    source.send_as("chief", requests.set_log_time(later))
    source.start_again("chief", 10**9)
    source.start_again("", 10**9)
    source.close()
    last = source.sequence
    assert [(one["sequence"], one["caller"], one["kind"]) for one in found(source)[-2:]] == [
        (last - 2, "chief", "log_time"),
        (last - 1, "chief", "started"),
    ]
