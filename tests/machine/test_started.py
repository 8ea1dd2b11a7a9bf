"""Starts and times that are set, in a log that is replayed, whole or from a snapshot."""

from collections.abc import Iterator

import pytest

from riskengine.commands import CommandKind
from riskengine.machine.command import STARTED, Command
from riskengine.machine.journalled import with_caller
from riskengine.machine.machine import Machine
from riskengine.machine.replay import ReplayError, replay
from riskengine.machine.saving import FrozenMachine, read_machine_back
from riskengine.machine.sessions import Client, ClientName, SessionKey, Sessions
from riskengine.machine.started import Started
from riskengine.persistence import LogRecord
from tests.service import requests

SECOND = 1_000_000_000
HOUR = 3_600 * SECOND
WALL = 77 * HOUR
SET_NANOS = 9 * HOUR


def records() -> Iterator[LogRecord]:
    """Yield a log with an open order, a start after an hour, and a time that is set."""
    opening = (
        (CommandKind.ASSET, requests.create_asset()),
        (CommandKind.FUND, requests.create_fund()),
        (CommandKind.MARKET, requests.set_market(timeout_millis=1_000)),
        (CommandKind.DEPOSITS, requests.deposit(1, 100_000)),
        (CommandKind.DEPOSITS, requests.deposit(2)),
        (CommandKind.MARK_PRICES, requests.mark(10_000)),
        (CommandKind.TRADES, requests.trades((1, 2, 10_000, 100))),
        (CommandKind.MARK_PRICES, requests.mark(9_400)),
    )
    for sequence, (kind, message) in enumerate(opening, 1):
        yield LogRecord(sequence, 1, kind, SECOND, message.SerializeToString())
    started = with_caller(CommandKind.STARTED, Started(WALL, SECOND).encode(), "chief")
    yield LogRecord(9, 1, started[0], HOUR, started[1])
    set_time = requests.set_log_time(SET_NANOS).SerializeToString()
    yield LogRecord(10, 1, *_at(HOUR, with_caller(CommandKind.LOG_TIME, set_time, "chief")))
    yield LogRecord(11, 1, CommandKind.DEPOSITS, SET_NANOS, opening[4][1].SerializeToString())
    yield LogRecord(12, 1, CommandKind.TICK, SET_NANOS + SECOND, b"")


def _at(time_nanos: int, framed: tuple[int, bytes]) -> tuple[int, int, bytes]:
    return framed[0], time_nanos, framed[1]


def replayed(until: int) -> Machine:
    machine = Machine()
    replay(machine, [one for one in records() if one.sequence <= until])
    return machine


@pytest.mark.rule("TM-6", "TM-7")
def test_a_log_with_starts_replays_by_what_stands_in_it() -> None:
    """No clock is asked: what the wall clock said is only kept."""
    found = [
        (machine.engine.time_nanos, machine.engine.next_timer_nanos)
        for machine in map(replayed, range(8, 13))
    ]
    deadline = SET_NANOS + SECOND
    assert found == [
        (SECOND, 2 * SECOND),
        (HOUR, HOUR + SECOND),
        (SET_NANOS, deadline),
        (SET_NANOS, deadline),
        (deadline, 0),
    ]
    assert replayed(12).engine.open_liquidation_count == 0
    assert replayed(12).state_hash() == replayed(12).state_hash()


@pytest.mark.rule("TM-6", "TM-7")
@pytest.mark.parametrize("begun", range(8, 12))
def test_a_snapshot_beside_a_start_goes_on_to_the_same(begun: int) -> None:
    frozen = FrozenMachine(replayed(begun), ())
    try:
        sections = {
            number: bytearray(b"".join(pieces)) for number, pieces in frozen.sections().items()
        }
    finally:
        frozen.close()
    machine = read_machine_back(sections)
    replay(machine, [one for one in records() if one.sequence > begun])
    assert machine.state_hash() == replayed(12).state_hash()


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"", "a start of 0 bytes"),
        (Started(WALL, SECOND - 1).encode(), f"it goes on from {SECOND - 1}, not from {SECOND}"),
    ],
)
def test_a_start_of_another_log_does_not_replay(payload: bytes, said: str) -> None:
    machine = replayed(8)
    with pytest.raises(ReplayError, match=said):
        replay(machine, [LogRecord(9, 1, CommandKind.STARTED, HOUR, payload)])
    assert machine.engine.sequence == 8


BANK = ClientName("", "bank")


def bank(sessions: Sessions) -> Client:
    found = sessions.client(BANK)
    assert found is not None
    return found


@pytest.mark.rule("TM-6", "TM-7")
def test_time_that_passed_without_the_engine_makes_no_client_idle() -> None:
    machine = replayed(8)
    machine.apply(Command(CommandKind.CLIENT, (BANK.client_id,)), SECOND, None)
    before = machine.sessions.copy()
    machine.apply(STARTED, HOUR, None)
    assert (bank(machine.sessions).used_nanos, bank(before).used_nanos) == (HOUR, SECOND)
    set_time = Command(CommandKind.LOG_TIME, (SET_NANOS,))
    machine.apply(set_time, HOUR + 5 * SECOND, None)
    assert bank(machine.sessions).used_nanos == SET_NANOS - 5 * SECOND
    key = SessionKey(BANK, bank(machine.sessions).incarnation, 1, bytes(16))
    machine.apply(Command(CommandKind.LOG_TIME, (2 * SET_NANOS,)), SET_NANOS + SECOND, key)
    assert bank(machine.sessions).used_nanos == 2 * SET_NANOS
    machine.check_invariants()
