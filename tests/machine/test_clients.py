"""Clients: whose they are, what registers and forgets them, and what nobody can do to another's."""

import pytest
from google.protobuf.message import Message

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1.common_pb2 import CommandResult
from riskengine.commands import CommandKind
from riskengine.core.enums import RejectReason
from riskengine.core.types import Rejection
from riskengine.machine.machine import Machine
from riskengine.machine.mapping.reasons import rejection_text
from riskengine.machine.sessions import Answer, ClientName
from riskengine.units import NANOS_PER_MILLI
from tests.machine.test_machine import VENUE, apply, key_of, played
from tests.service import clients, requests

START = 1_000
IDLE_MILLIS = 60_000
IDLE_NANOS = IDLE_MILLIS * NANOS_PER_MILLI


def deposit(client_id: str, number: int, incarnation: int, atoms: int = 5) -> Message:
    request = requests.deposit(3, atoms)
    request.key.CopyFrom(requests.key(client_id, number))
    request.key.incarnation = incarnation
    return request


def bounded(machine: Machine, clients_kept: int, of_caller: int) -> Machine:
    retention = requests.set_retention(
        clients_kept,
        10,
        10_000,
        1_000,
        caller_client_count=of_caller,
        client_idle_millis=IDLE_MILLIS,
    )
    assert apply(machine, retention, START).outcome.sequence
    return machine


def venue(clients_kept: int = 3, of_caller: int = 2) -> Machine:
    return bounded(played(VENUE), clients_kept, of_caller)


def register(
    machine: Machine, client_id: str, time_nanos: int = START, caller: str = ""
) -> CommandResult:
    return apply(machine, clients.register(client_id), time_nanos, caller).result


def forget(machine: Machine, caller: str, client_id: str) -> CommandResult:
    request = admin_pb.ForgetClientRequest(caller=caller, client_id=client_id)
    return apply(machine, request, machine.engine.time_nanos).result


def reason(result: CommandResult) -> str:
    return RejectReason(result.rejections[0].reason).name


def names(machine: Machine) -> list[str]:
    return [client.client_id for client in machine.sessions.names()]


def balance(machine: Machine) -> int:
    view = machine.engine.account(3, requests.ASSET)
    return 0 if view is None else view.balance_atoms


def test_registering_books_nothing_and_tells_the_incarnation() -> None:
    machine = venue()
    before = machine.engine.sequence, machine.engine.dump()["accounts"]
    result = register(machine, "bank")
    assert result.incarnation == result.sequence == before[0] + 1
    assert machine.engine.dump()["accounts"] == before[1]
    again = register(machine, "bank")
    assert (again.incarnation, again.sequence) == (result.incarnation, before[0] + 2)
    client = machine.sessions.client(ClientName("", "bank"))
    assert client is not None
    assert (client.incarnation, client.last_sequence) == (result.incarnation, 0)


@pytest.mark.parametrize("wrong", [-1, 0, 1])
def test_a_batch_names_the_incarnation_or_is_not_booked(wrong: int) -> None:
    machine = venue()
    incarnation = register(machine, "bank").incarnation
    given = wrong if wrong < 1 else incarnation + 1
    found = machine.first_answer(key_of_given(deposit("bank", 1, given)))
    assert found == Rejection(-1, RejectReason.CLIENT_FORGOTTEN, "incarnation", given, incarnation)
    text = rejection_text(found)
    assert text.startswith(f"incarnation is {given}, and that of this client is {incarnation}")
    assert apply(machine, deposit("bank", 1, incarnation)).outcome.sequence


def key_of_given(request: Message, caller: str = ""):  # type: ignore[no-untyped-def]
    return key_of(Machine(), request, caller)


def test_a_client_that_is_not_registered_is_told_so() -> None:
    found = venue().first_answer(key_of_given(deposit("nobody", 1, 9)))
    assert isinstance(found, Rejection)
    assert rejection_text(found) == (
        "incarnation is 9, and no client of this name is registered (RegisterClient)"
    )


def test_a_deposit_that_is_sent_again_after_forgetting_is_not_booked_twice() -> None:
    """Neither by who never heard of it, nor once another process has registered again."""
    machine = venue()
    incarnation = register(machine, "bank").incarnation
    assert apply(machine, deposit("bank", 1, incarnation)).outcome.sequence
    assert forget(machine, "", "bank").sequence
    for _ in range(2):
        found = machine.first_answer(key_of_given(deposit("bank", 1, incarnation)))
        assert isinstance(found, Rejection)
        assert found.reason == RejectReason.CLIENT_FORGOTTEN
        renewed = register(machine, "bank").incarnation
        assert renewed > incarnation
    assert balance(machine) == 5
    assert apply(machine, deposit("bank", 1, renewed)).outcome.sequence, "it begins at 1"


def test_two_callers_with_one_id_are_two_clients() -> None:
    machine = venue()
    engine = register(machine, "main", caller="engine-1").incarnation
    wallet = register(machine, "main", caller="wallet").incarnation
    assert engine != wallet
    apply(machine, deposit("main", 1, engine, 7), caller="engine-1")
    apply(machine, deposit("main", 1, wallet, 8), caller="wallet")
    assert balance(machine) == 15
    for caller, incarnation in (("engine-1", engine), ("wallet", wallet)):
        found = machine.first_answer(key_of_given(deposit("main", 1, incarnation, 7), caller))
        assert isinstance(found, Answer) == (caller == "engine-1")


def test_nobody_can_use_up_the_number_of_another_callers_client() -> None:
    """Not by its id, nor with its incarnation, which others can guess: it is a sequence."""
    machine = venue()
    incarnation = register(machine, "main", caller="engine-1").incarnation
    for caller in ("wallet", ""):
        found = machine.first_answer(key_of_given(deposit("main", 1, incarnation), caller))
        assert isinstance(found, Rejection)
        assert (found.reason, found.limit) == (RejectReason.CLIENT_FORGOTTEN, 0)
    assert apply(machine, deposit("main", 1, incarnation), caller="engine-1").outcome.sequence


def test_nobody_can_take_all_room_for_clients() -> None:
    machine = venue(clients_kept=3, of_caller=2)
    for number in range(5):
        result = register(machine, f"grab-{number}", caller="wallet")
        assert bool(result.incarnation) == (number < 2)
    assert reason(result) == "CAPACITY"
    assert (result.rejections[0].field, result.rejections[0].limit) == ("client_id", 2)
    assert register(machine, "main", caller="engine-1").incarnation
    full = register(machine, "more", caller="desk")
    assert (reason(full), full.rejections[0].limit) == ("CAPACITY", 3)
    assert names(machine) == ["grab-0", "grab-1", "main"]


def test_idle_clients_make_room_the_longest_idle_first() -> None:
    """Of ids in turn, however many (they ran out for ever before), none stays behind."""
    machine = venue(clients_kept=3, of_caller=3)
    for number in range(40):
        assert register(machine, f"c{number}", START + number * IDLE_NANOS // 2).incarnation
    assert names(machine) == ["c37", "c38", "c39"]


@pytest.mark.parametrize(("late_nanos", "is_taken"), [(-1, False), (0, True)])
def test_a_client_is_idle_from_a_moment_on(late_nanos: int, is_taken: bool) -> None:
    machine = venue(clients_kept=2, of_caller=2)
    register(machine, "a")
    incarnation = register(machine, "b").incarnation
    used = START + 500
    apply(machine, deposit("b", 1, incarnation), used)
    result = register(machine, "c", START + IDLE_NANOS + late_nanos)
    assert bool(result.incarnation) == is_taken
    assert names(machine) == (["b", "c"] if is_taken else ["a", "b"])


def test_a_refused_command_is_use_too_and_a_repeated_one_is_not() -> None:
    machine = venue()
    incarnation = register(machine, "a").incarnation
    register(machine, "b")
    assert names(machine) == ["a", "b"]
    apply(machine, deposit("a", 1, incarnation, 0))
    assert names(machine) == ["b", "a"]


def test_beyond_his_own_bound_a_caller_takes_the_place_of_his_own_alone() -> None:
    machine = venue(clients_kept=3, of_caller=1)
    register(machine, "main", caller="engine-1")
    register(machine, "old", caller="wallet")
    late = START + IDLE_NANOS
    assert register(machine, "new", late, caller="wallet").incarnation
    assert names(machine) == ["main", "new"]


def test_who_is_not_idle_stays_under_a_smaller_bound() -> None:
    machine = venue(clients_kept=3, of_caller=3)
    for client_id in "abc":
        register(machine, client_id)
    bounded(machine, 1, 1)
    assert names(machine) == ["a", "b", "c"]
    assert reason(register(machine, "d")) == "CAPACITY"
    assert register(machine, "a").incarnation, "who is known stays known"
    assert register(machine, "d", START + IDLE_NANOS).incarnation
    assert names(machine) == ["d"]


@pytest.mark.parametrize("client_id", ["", "x" * 65, "tab\t"])
def test_a_client_is_registered_under_a_sound_id(client_id: str) -> None:
    machine = venue()
    before = machine.state_hash()
    result = register(machine, client_id)
    assert (reason(result), result.rejections[0].field) == ("INVALID_TEXT", "client_id")
    assert (result.sequence, result.incarnation) == (0, 0)
    assert machine.state_hash() == before


def test_whoever_is_not_known_cannot_be_forgotten() -> None:
    machine = venue()
    register(machine, "main", caller="engine-1")
    before = machine.state_hash()
    result = forget(machine, "", "main")
    assert (reason(result), result.sequence) == ("CLIENT_FORGOTTEN", 0)
    assert machine.state_hash() == before
    assert forget(machine, "engine-1", "main").sequence
    assert len(machine.sessions) == 0


def test_clients_are_registered_while_a_venue_is_loaded() -> None:
    machine = Machine()
    for request in VENUE[:3]:
        apply(machine, request)
    assert apply(machine, requests.begin_loading()).outcome.sequence
    assert register(machine, "bank").incarnation


def test_requests_of_clients_have_no_key() -> None:
    for message in (clients.register("a"), admin_pb.ForgetClientRequest()):
        assert "key" not in message.DESCRIPTOR.fields_by_name
    assert "key" in account_pb.DepositRequest.DESCRIPTOR.fields_by_name
    assert (CommandKind.CLIENT, CommandKind.CLIENT_FORGETTING) == (26, 27)
