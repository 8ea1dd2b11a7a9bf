"""Whatever decides is in the log: two servers that differ in every setting make the same of it."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from rich.console import Console

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import common_pb2
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.client_files import ClientFiles
from riskengine.config import SETTINGS, Config
from riskengine.machine.machine import Machine
from riskengine.metrics.statistics import Statistics
from riskengine.recovery import recover
from riskengine.simulator.certificates import Authority, Certificate
from tests.e2e import venue
from tests.e2e.reference import random_batches
from tests.e2e.secured import Secured, table, token_of
from tests.e2e.server import WAIT_SECONDS, Client, Server, client_of, poll
from tests.e2e.test_resume import ends_with, swing
from tests.service import requests

pytestmark = pytest.mark.e2e

Settings = dict[str, int | str]


def at_one_end(place: int, bound: str, **others: int | str) -> Settings:
    """Return every number at one of its bounds and the first or last choice, but for others."""
    bounds = {key: setting.metadata for key, setting in SETTINGS.items()}
    numbers = {key: allowed[bound] for key, allowed in bounds.items() if bound in allowed}
    choices = {
        key: allowed["choices"][place] for key, allowed in bounds.items() if allowed.get("choices")
    }
    return {**numbers, **choices, **others}


SMALL = at_one_end(
    0,
    "minimum",
    listen="127.0.0.1:0",
    metrics_listen="127.0.0.1:0",
    max_concurrent_streams=2,  # one may still be ending
    max_health_calls=3,
    max_operator_calls=3,
    max_engine_calls=3,
    max_engine_streams=3,
    max_gateway_calls=3,
    max_reader_calls=3,
    max_start_gap_seconds=600,  # a start is not held
    create=True,
)
LARGE = at_one_end(
    -1,
    "maximum",
    listen="localhost:0",
    metrics_listen="localhost:0",
    max_request_bytes=2 << 20,
    journal_segment_bytes=4 << 20,  # a gigabyte is written slowly
)
BATCHES = {client_id: random_batches(seed, client_id, 300) for seed, client_id in enumerate("ab")}
RETENTION = requests.set_retention(3, 200, 12_800, 40)
STATED = requests.set_retention(3, 100, 20_000, 60)
KEPT = STATED.retention


ROLES = ("matching_engine", "gateway", "account_reader", "operator")


def config(settings: Settings, data: Path) -> Config:
    values: dict[str, Any] = {**settings, "data_dir": str(data)}
    return Config(**values)


@pytest.fixture
def guarded(tmp_path: Path, authority: Authority, server_certificate: Certificate) -> Secured:
    """Return the files of a server behind TLS and credentials, which the large one is."""
    folder = tmp_path / "guarded"
    folder.mkdir()
    secured = Secured(folder, authority, server_certificate)
    secured.know(table("all", ROLES))
    return secured


@pytest.fixture
def by_token(tmp_path: Path, authority: Authority, server_certificate: Certificate) -> Secured:
    """Return the files of the small one: the same caller, whom it knows by a token alone."""
    folder = tmp_path / "by_token"
    folder.mkdir()
    secured = Secured(folder, authority, server_certificate)
    secured.know(table("all", ROLES, certificate=False))
    return secured


def small_of(secured: Secured) -> Settings:
    settings = {**secured.settings, **SMALL}
    del settings["tls_client_ca"]
    return settings


def large_of(secured: Secured) -> Settings:
    return {**LARGE, **secured.settings, "log_level": "error", "allow_insecure_listen": "true"}


def test_the_two_differ_in_every_setting(
    tmp_path: Path, guarded: Secured, by_token: Secured
) -> None:
    small, large = (
        asdict(config(settings, tmp_path / name))
        for name, settings in (("small", small_of(by_token)), ("large", large_of(guarded)))
    )
    same = [key for key in small if small[key] == large[key]]
    assert same == ["log_id"], "which is not that of a log that a test makes"


def keyed(batch_sequence: int) -> account_pb.DepositRequest:
    request = requests.deposit(1, 5)
    request.key.CopyFrom(requests.key("office", batch_sequence))
    return request


def submitted(
    client: Client, batches: Sequence[risk_pb.SubmitRequest]
) -> list[risk_pb.SubmitResponse]:
    return list(client.risk.Submit(iter(batches), timeout=WAIT_SECONDS))


def record(client: Client) -> None:
    """Play what gives instructions, and change what is remembered on the way."""
    venue.open_venue(client, (), timeout_millis=3_600_000)
    for part, retention in enumerate((RETENTION, STATED, STATED)):
        account_id = 101 + 2 * part
        venue.mark(client, requests.PRICE_TICKS)
        for trader, amount_atoms in ((account_id, 100_000), (account_id + 1, 1_000_000)):
            deposit = requests.deposit(trader, amount_atoms)
            venue.accepted(client.account.Deposit(deposit).result)
        venue.trade(client, (account_id, account_id + 1, requests.PRICE_TICKS, 100))
        swing(client, 30)
        for batches in BATCHES.values():
            submitted(client, batches[100 * part : 100 * part + 100])
        venue.accepted(client.admin.SetRetention(retention).result)
    for number in range(1, 4):
        venue.accepted(client.account.Deposit(keyed(number)).result)


def is_durable(client: Client) -> bool:
    state = client.state()
    return state.durable_sequence == state.sequence


def answers(client: Client) -> Iterator[Message]:
    """Ask for all that a client can be told of what is in the log."""
    poll(lambda: is_durable(client), "the start is durable")
    state = client.state()
    yield state
    for batches in BATCHES.values():
        yield from submitted(client, batches)
    for number in (1, 3, 5):
        yield client.account.Deposit(keyed(number))
    yield client.risk.RegisterClient(risk_pb.RegisterClientRequest(client_id="new"))
    yield from venue.instructions(
        client, state.oldest_instruction_sequence, state.instruction_sequence
    )
    yield ends_with(client, state.instruction_sequence + 2)[1]
    yield client.account.ListAccounts(account_pb.ListAccountsRequest(page_size=1_000))
    yield client.admin.ListMarkets(admin_pb.ListMarketsRequest())
    yield client.admin.ListInsuranceFunds(admin_pb.ListInsuranceFundsRequest())
    assert client.state() == state, "none of these was new"


def told(folder: Path, settings: Settings, files: ClientFiles | None = None) -> list[Message]:
    """Return what a server on a copy of the journal answers.

    But for the time of its start, and the hash that has it.
    """
    with Server(folder, **settings) as server:
        server.files = files or server.files
        with client_of(server) as client:
            state, *rest = answers(client)
    assert isinstance(state, admin_pb.GetStateResponse)
    state.ClearField("time_nanos")
    state.ClearField("state_hash")
    return [state, *rest]


def recovered(folder: Path, journal: Path, settings: Settings) -> Machine:
    """Return what a start makes of a copy of the journal, before it is in the log itself."""
    shutil.copytree(journal, folder / "data/journal")
    found = recover(config(settings, folder / "data"), Statistics(), Console(stderr=True))
    found.instructions.log.close()
    found.log.close()
    found.machine.check_invariants()
    return found.machine


@contextmanager
def recorded(folder: Path, secured: Secured) -> Iterator[Path]:
    """Record a journal, of which each command has its caller, and yield its folder."""
    with Server(folder, **secured.settings) as server:
        server.files = secured.files("all")
        with client_of(server) as client:
            record(client)
        server.kill()
        yield folder / "data/journal"


@pytest.mark.slow
def test_two_configurations_make_the_same_of_one_journal(
    tmp_path: Path, guarded: Secured, by_token: Secured
) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    for folder in (small, large, tmp_path / "recorded"):
        folder.mkdir()
    with recorded(tmp_path / "recorded", guarded) as journal:
        machines = recovered(small, journal, SMALL), recovered(large, journal, LARGE)
        shown = by_token.files("all", token=token_of("all"))
        first = told(small, small_of(by_token), shown)
        second = told(large, large_of(guarded), guarded.files("all"))
    assert first == second
    state, *rest = first
    assert isinstance(state, admin_pb.GetStateResponse)
    assert state.retention == KEPT
    assert state.oldest_instruction_sequence == 1
    assert KEPT.instruction_count < state.instruction_sequence, "the disk has those before"
    assert told_apart(rest) == {"too old", "repeated", "a new client"}
    assert machines[0].engine.state_hash() == machines[1].engine.state_hash()
    assert machines[0].engine.sequence + 1 == state.sequence
    assert machines[0].state_hash() == machines[1].state_hash()


def told_apart(found: Sequence[Message]) -> set[str]:
    """Return which kinds of answers to batches are among them."""
    names = {19: "too old", 26: "a new client"}
    told = (risk_pb.SubmitResponse, risk_pb.RegisterClientResponse)
    results = [each.result for each in found if isinstance(each, told)]
    reasons = {names[r.reason] for each in results if not each.sequence for r in each.rejections}
    return reasons | {"repeated" for each in results if each.duplicate}


def test_a_batch_beyond_the_limit_of_this_server_gets_its_first_answer(tmp_path: Path) -> None:
    batch = requests.submit_deposits("bank", 1, (1, 10), (2, 10))
    larger = requests.submit_deposits("bank", 2, (1, 1), (2, 1))
    with Server(tmp_path) as server, client_of(server) as client:
        venue.open_venue(client, ())
        (first,) = submitted(client, [batch])
        server.kill()
    with Server(tmp_path, max_batch_rows=1) as server, client_of(server) as client:
        (again,) = submitted(client, [batch])
        (refused,) = submitted(client, [larger])
    with Server(tmp_path) as server, client_of(server) as client:
        (repeated,) = submitted(client, [larger])
    assert again.result.duplicate
    assert again.result.sequence == first.result.sequence
    assert refused.result.rejections[0].reason == common_pb2.REJECT_REASON_BATCH_TOO_LARGE
    assert refused.result.outcome == common_pb2.COMMAND_OUTCOME_REFUSED
    assert repeated.result.duplicate, "what another server refused is in the log"
    repeated.result.duplicate = False
    assert repeated == refused
