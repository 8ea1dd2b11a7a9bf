"""Hashes of the state in the log: a replay that makes another state says so."""

from collections.abc import Iterator

import pytest

from riskengine.commands import CommandKind
from riskengine.core.engine import Engine
from riskengine.machine.machine import Machine
from riskengine.machine.replay import ReplayError, replay
from riskengine.machine.state_hash import (
    STATE_FORM,
    HashCheck,
    StateHash,
    StateHasher,
    hash_of,
    hash_of_saved,
)
from riskengine.machine.view import View
from riskengine.persistence import LogRecord
from tests.machine.test_machine import VENUE, keyed, played
from tests.service import requests

FORMS = {
    1: "be4ca6c3b531edfab9b1b1cb95438a31",
    2: "c3b40ac6210981b3a5edfea1b06fc582",
    3: "fb08cc92fdd32bca331f3f127e574015",
    4: "3cd1fc31c5f37c96909b473a20e526d8",
    5: "3c893b9b0c7b7f1512026e8cbb4b55d5",
}
"""The hash of one venue in each form of the state: see `test_a_new_form_has_a_new_number`."""


def machine() -> Machine:
    return played((*VENUE, keyed(requests.deposit(3), 1), requests.mark(9_400)))


def hash_now(engine: Engine) -> StateHash:
    return StateHash(engine.sequence, STATE_FORM, bytes.fromhex(engine.state_hash()))


def test_a_saved_state_and_a_view_have_the_hash_of_the_engine() -> None:
    engine = machine().engine
    assert hash_of_saved(engine.save()).hex() == engine.state_hash()
    with View(engine) as view:
        assert hash_of(view.read()).hex() == engine.state_hash()


@pytest.mark.parametrize("size", [1, 7, 8, 9, 4_096])
def test_it_is_the_same_in_pieces_of_any_size(size: int) -> None:
    engine = machine().engine
    saved, hasher = engine.save(), StateHasher()
    for begin in range(0, len(saved), size):
        hasher.update(saved[begin : begin + size])
    assert hasher.digest().hex() == engine.state_hash()


def test_a_new_form_has_a_new_number() -> None:
    """Who changes what is hashed, or what follows from commands, raises STATE_FORM with it.

    Else a log that notes a hash of the old kind would be refused by the new release.
    """
    assert machine().engine.state_hash() == FORMS[STATE_FORM]


ASSET = LogRecord(1, 1, CommandKind.ASSET, 1_001, requests.create_asset().SerializeToString())
DUE = LogRecord(2, 1, CommandKind.STATE_HASH_DUE, 1_002, b"")


def noted(state_hash: StateHash) -> LogRecord:
    return LogRecord(3, 1, CommandKind.STATE_HASH, 1_003, state_hash.encode())


def due_hash() -> StateHash:
    replayed = Machine()
    replay(replayed, (ASSET, DUE))
    return hash_now(replayed.engine)


def test_a_hash_that_is_the_same_is_passed() -> None:
    replayed = Machine()
    assert replay(replayed, (ASSET, DUE, noted(due_hash()))) == 3
    assert replayed.engine.sequence == 3


def test_a_hash_that_differs_ends_the_replay() -> None:
    other = due_hash()._replace(digest=bytes(16))
    with pytest.raises(ReplayError, match=r"record 3 .* sequence 2 has .* another release"):
        replay(Machine(), (ASSET, DUE, noted(other)))


def test_a_hash_of_another_form_is_not_compared() -> None:
    other = due_hash()._replace(digest=bytes(16), form=STATE_FORM + 1)
    assert replay(Machine(), (ASSET, DUE, noted(other))) == 3


def test_a_hash_of_a_state_that_was_not_made_is_not_compared() -> None:
    """A replay that begins behind it cannot know it."""
    assert HashCheck().difference(StateHash(2, STATE_FORM, bytes(16))) == ""


def test_the_hash_of_the_snapshot_is_compared_with_what_the_log_notes() -> None:
    replayed = Machine()
    replay(replayed, (ASSET, DUE))
    known = hash_now(replayed.engine)
    assert replay(replayed, (noted(known),), known) == 1
    again = Machine()
    replay(again, (ASSET, DUE))
    with pytest.raises(ReplayError, match="another release made it"):
        replay(again, (noted(known._replace(digest=bytes(16))),), known)


@pytest.mark.parametrize("payload", [b"", bytes(27), bytes(29)])
def test_a_note_that_says_nothing_ends_the_replay(payload: bytes) -> None:
    def records() -> Iterator[LogRecord]:
        yield from (ASSET, DUE)
        yield noted(due_hash())._replace(payload=payload)

    with pytest.raises(ReplayError, match=f"a hash of {len(payload)} bytes"):
        replay(Machine(), records())
