"""A caller's name in a record: there and back, and of no effect on what the command does."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.commands import CommandKind
from riskengine.machine.journalled import (
    FOR_KEY,
    MAX_FRAME_BYTES,
    NAMED,
    CallerNameError,
    is_audited,
    journalled,
    with_caller,
)
from riskengine.machine.machine import Machine
from riskengine.machine.replay import ReplayError, replay
from riskengine.persistence import LogRecord
from riskengine.service.credentials import MAX_NAME_LENGTH
from tests.service import requests
from tests.tools.support import Source

NAMES = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0189._-", max_size=MAX_NAME_LENGTH)


def record(kind: int, payload: bytes) -> LogRecord:
    return LogRecord(7, 1, kind, 1_000, payload)


@given(st.sampled_from(list(CommandKind)), st.binary(max_size=300), NAMES)
def test_a_name_comes_back_with_the_request_as_it_was(
    kind: CommandKind, raw: bytes, caller: str
) -> None:
    for is_noted in (True, False):
        number, payload = with_caller(kind, raw, caller, is_noted=is_noted)
        found = journalled(record(number, payload))
        assert found == (record(kind, raw), caller, is_noted and bool(caller))
    assert len(payload) - len(raw) <= MAX_FRAME_BYTES


def test_without_a_name_a_record_is_as_it_always_was() -> None:
    assert with_caller(7, b"raw", "") == (7, b"raw")


@pytest.mark.parametrize(
    "payload", [b"", b"\x00", b"\x00rest", b"\x05abcd", b"\x02\xff\xfe", b"\x03a\nb"]
)
def test_a_record_that_should_have_a_name_and_has_none_is_refused(payload: bytes) -> None:
    damaged = record(CommandKind.DEPOSITS | NAMED, payload)
    with pytest.raises(CallerNameError):
        journalled(damaged)
    with pytest.raises(ReplayError) as caught:
        replay(Machine(), [damaged])
    assert "it should begin with its caller's name" in str(caught.value)


@pytest.mark.parametrize("kind", [CommandKind.CLIENT, CommandKind.REFUSED])
def test_a_name_may_be_there_for_the_key_alone(kind: CommandKind) -> None:
    number, payload = with_caller(kind, b"raw", "engine-1", is_noted=False)
    assert number == kind | NAMED | FOR_KEY
    assert journalled(record(number, payload)).is_noted is False
    assert with_caller(kind, b"raw", "", is_noted=False) == (kind, b"raw")


def test_admin_and_money_have_names_and_nothing_else() -> None:
    audited = {kind for kind in CommandKind if is_audited(kind.rpc)}
    others = {"RiskService", ""}
    assert {kind.rpc.partition(".")[0] for kind in set(CommandKind) - audited} == others
    assert {CommandKind.WITHDRAWALS, CommandKind.WRITE_OFF, CommandKind.MARKET} <= audited


def test_names_change_nothing_of_the_books(tmp_path: Path) -> None:
    """But whose clients are known, and which batch is one that is sent again."""
    made = []
    for caller in ("", "operator-1"):
        source = Source(tmp_path / f"as-{caller}", seed=1).open_venue()
        source.send_as(caller, requests.submit_deposits("bank", 1, (1, 10)))
        source.play(40)
        source.send_as(caller, requests.set_market(), requests.deposit(1, 5))
        source.close()
        again = Source(tmp_path / f"as-{caller}")
        assert again.machine.state_hash() == source.machine.state_hash()
        made.append(again.machine.engine.state_hash())
        again.close()
    assert made[0] == made[1]
