"""Who is revoked, or loses a role, while his streams are open."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_reflection.v1alpha import reflection, reflection_pb2
from structlog.testing import capture_logs

from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.service import submit_stream
from riskengine.service.credentials import Credentials
from tests.service import requests
from tests.service.test_access import (
    EACH,
    FORBIDDEN,
    UNKNOWN,
    Guarded,
    as_caller,
    batches_of,
    credentials,
    mark_batch,
    of_client,
    opened,
    registered,
    serving,
)


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Guarded]:
    async with serving(tmp_path, credentials(**EACH)) as running:
        await opened(running)
        yield running


def all_but(*names: str) -> Credentials:
    return credentials(**{name: roles for name, roles in EACH.items() if name not in names})


async def ended(stream: Any) -> grpc.StatusCode:
    async with asyncio.timeout(5):
        code: grpc.StatusCode = await stream.code()
    return code


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - what it reads are numbers of the server
            await asyncio.sleep(0.001)


async def test_open_streams_of_a_revoked_caller_end_and_others_go_on(guarded: Guarded) -> None:
    asked = risk_pb.StreamInstructionsRequest(from_instruction_sequence=1)
    revoked = guarded.risk.StreamInstructions(asked, metadata=as_caller("matching_engine"))
    engine = await registered(guarded, "matching_engine", "engine")
    sent = batches_of(mark_batch(1, engine))
    submit = guarded.risk.Submit(sent, metadata=as_caller("matching_engine"))
    other = guarded.risk.StreamInstructions(asked, metadata=as_caller("operator"))
    await submit.read()
    await until(lambda: len(guarded.bench.statistics.instructions.sent_sequences) == 2)
    assert guarded.access.replace(all_but("matching_engine")) == 2
    assert await ended(revoked) is UNKNOWN
    assert await ended(submit) is UNKNOWN
    assert not other.done()
    other.cancel()


async def test_a_revoked_caller_that_reads_no_answers_is_not_waited_for_long(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submit_stream, "REVOKED_SECONDS", 0.05)
    sent: list[int] = []
    bank = await registered(guarded, "gateway", "bank")

    async def batches() -> AsyncIterator[risk_pb.SubmitRequest]:
        for number in count(1):  # each answer tells of 99 refusals
            sent.append(number)
            batch = requests.submit_deposits("bank", number, *((1, 0),) * 99, (1, 1))
            yield of_client(batch, bank)

    stream: Any = guarded.risk.Submit(batches(), metadata=as_caller("gateway"))
    before = -1
    while len(sent) != before:  # until nothing more fits between the two
        before = len(sent)
        await asyncio.sleep(0.3)
    with capture_logs() as logs:
        assert guarded.access.replace(all_but("gateway")) == 1
        await until(lambda: bool(logs))
    assert [(line["event"], line["status"]) for line in logs] == [("call.end", "UNAUTHENTICATED")]
    stream.cancel()


async def test_a_caller_that_loses_its_role_loses_its_streams(guarded: Guarded) -> None:
    asked = risk_pb.StreamInstructionsRequest(from_instruction_sequence=1)
    stream = guarded.risk.StreamInstructions(asked, metadata=as_caller("operator"))
    await until(lambda: bool(guarded.bench.statistics.instructions.sent_sequences))
    assert guarded.access.replace(credentials(operator='"metrics"')) == 1
    assert await ended(stream) is FORBIDDEN


async def test_a_stream_goes_on_under_what_its_caller_may_now(guarded: Guarded) -> None:
    """Its next batch is held against the roles of that moment."""
    more = asyncio.Event()
    bank = await registered(guarded, "gateway", "bank")

    async def batches() -> AsyncIterator[risk_pb.SubmitRequest]:
        yield of_client(requests.submit_deposits("bank", 1, (1, 10)), bank)
        await more.wait()
        yield of_client(requests.submit_deposits("bank", 2, (1, 10)), bank)

    stream = guarded.risk.Submit(batches(), metadata=as_caller("gateway"))
    await stream.read()
    assert guarded.access.replace(credentials(gateway='"matching_engine"')) == 0
    more.set()
    assert await ended(stream) is FORBIDDEN


async def test_watches_of_health_and_reflection_end_with_their_caller(guarded: Guarded) -> None:
    health = guarded.channel.unary_stream(
        "/grpc.health.v1.Health/Watch", requests.as_is, requests.as_is
    )(b"", metadata=as_caller("metrics"))
    await health.read()
    reflecting = guarded.channel.stream_stream(
        f"/{reflection.SERVICE_NAME}/ServerReflectionInfo", requests.as_is, requests.as_is
    )(metadata=as_caller("metrics"))
    asked = reflection_pb2.ServerReflectionRequest(list_services="")
    await reflecting.write(asked.SerializeToString())
    await reflecting.read()
    assert guarded.access.replace(all_but("metrics")) == 2
    assert await ended(health) is UNKNOWN
    assert await ended(reflecting) is UNKNOWN
