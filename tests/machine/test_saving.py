"""A machine that was frozen and read back is the machine, and answers and instructs as it does."""

from random import Random

import pytest

from riskengine.machine.machine import Machine, Seen
from riskengine.machine.pieces import Pieces, PiecesError, joined
from riskengine.machine.replay import replay
from riskengine.machine.saving import (
    INSTRUCTIONS,
    SESSIONS,
    STATE,
    STATE_HASH,
    FrozenMachine,
    SavedFormError,
    SavedMachineError,
    read_machine_back,
    saved_hash,
)
from riskengine.machine.sessions import ClientName
from riskengine.machine.state_hash import STATE_FORM
from riskengine.recovery import ReadBackCheck
from tests.machine.test_machine import VENUE, apply, keyed, played
from tests.machine.test_random_logs import Recorder, any_request
from tests.service import requests

BANK = ClientName("", "bank")
Sections = dict[int, bytearray]


def saved(frozen: FrozenMachine) -> Sections:
    return {number: bytearray(b"".join(parts)) for number, parts in frozen.sections().items()}


def frozen(machine: Machine, *unpublished: Seen) -> Sections:
    return saved(FrozenMachine(machine, unpublished))


@pytest.mark.parametrize("seed", range(3))
def test_a_machine_that_is_read_back_goes_on_like_the_one_that_was_frozen(seed: int) -> None:
    rng, recorder = Random(seed), Recorder()
    for request in VENUE:
        recorder.take(request, 1_000)
    for step in range(200):
        recorder.take(any_request(rng, recorder), 1_000 + 200_000 * step)
        if step % 20 == 0:
            recorder.machine = read_machine_back(frozen(recorder.machine))
        recorder.machine.check_invariants()
    again = Machine()
    replay(again, recorder.records)
    assert again.state_hash() == recorder.machine.state_hash()


def test_a_frozen_machine_stays_as_it_was() -> None:
    machine = played((*VENUE, keyed(requests.deposit(3), 1)))
    before = machine.state_hash()
    kept = FrozenMachine(machine, ())
    for number in range(2, 6):
        apply(machine, keyed(requests.deposit(3), number))
    apply(machine, requests.mark(9_400))
    assert read_machine_back(saved(kept)).state_hash() == before != machine.state_hash()


def test_what_others_are_still_to_see_is_kept_as_if_they_had() -> None:
    machine = played(VENUE)
    (before, after) = (machine.ring.copy(), apply(machine, requests.mark(9_400)))
    ahead = Machine(machine.engine, machine.sessions, before)
    found = read_machine_back(frozen(ahead, after.seen))
    assert found.ring.last_sequence == machine.ring.last_sequence == 2
    assert found.state_hash() == machine.state_hash()


def test_texts_of_answers_are_kept() -> None:
    machine = played(VENUE)
    refused = keyed(requests.trades((1, 2, 10_000, 1), (1, 1, 10_000, 1)), 1)
    apply(machine, refused)
    (first,) = [answer for _, answer in machine.sessions._sessions[BANK].answers]
    assert first.texts
    found = read_machine_back(frozen(machine))
    assert [answer for _, answer in found.sessions._sessions[BANK].answers] == [first]


@pytest.mark.parametrize("number", [STATE, SESSIONS, INSTRUCTIONS, STATE_HASH])
def test_a_section_that_is_cut_off_is_refused(number: int) -> None:
    machine = played((*VENUE, keyed(requests.deposit(3), 1), requests.mark(9_400)))
    sections = frozen(machine)
    del sections[number][-1:]
    with pytest.raises(SavedMachineError):
        read_machine_back(sections)


@pytest.mark.parametrize("sections", [{}, {STATE: b"", 9: b""}])
def test_sections_of_something_else_are_refused(sections: Sections) -> None:
    with pytest.raises(SavedMachineError, match="it has the sections"):
        read_machine_back(sections)


def test_a_state_of_another_form_is_refused_naming_both() -> None:
    sections = frozen(played(VENUE))
    noted = saved_hash(sections)._replace(form=STATE_FORM + 1)
    sections[STATE_HASH] = bytearray(noted.encode())
    with pytest.raises(SavedFormError, match=f"form {STATE_FORM + 1}; .* form {STATE_FORM}$"):
        read_machine_back(sections)


def test_a_state_that_has_another_hash_is_refused() -> None:
    sections = frozen(played(VENUE))
    noted = saved_hash(sections)._replace(digest=bytes(16))
    sections[STATE_HASH] = bytearray(noted.encode())
    with pytest.raises(SavedMachineError, match="does not have the hash that is noted beside it"):
        read_machine_back(sections)


def test_a_state_that_is_read_back_is_hashed_once_more_behind_it() -> None:
    machine = played(VENUE)
    noted = saved_hash(frozen(machine))
    ReadBackCheck(machine, noted).done.result(10)
    with pytest.raises(SavedMachineError, match="was read back with the hash"):
        ReadBackCheck(machine, noted._replace(digest=bytes(16))).done.result(10)


def test_pieces_are_taken_as_they_were_joined() -> None:
    whole = b"".join(joined([b"a", b"", b"bc"]))
    pieces = Pieces(whole)
    assert [pieces.take() for _ in range(3)] == [b"a", b"", b"bc"]
    assert pieces.is_empty
    for length in range(1, 5):
        with pytest.raises(PiecesError, match="cut off"):
            Pieces(whole[:length]).take()
    with pytest.raises(PiecesError, match="no number"):
        Pieces(whole).take_number()
