"""A Submit call over a real channel: bounded in flight, answers in order, an end with a reason."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest

from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.api.v1.risk_service_pb2_grpc import RiskServiceStub
from riskengine.machine.contract import SERVICES
from riskengine.service.server import GrpcServer
from tests.service import requests
from tests.service.bench import everybody_may, hold_against_log, make_bench_told
from tests.service.test_rpc import LIMITS, error_info

if TYPE_CHECKING:
    from riskengine.api.v1.risk_service_pb2_grpc import RiskServiceAsyncStub

IN_FLIGHT = 3
BEFORE = 2
"""Commands before: an asset is made, and the client is registered, whose incarnation that is."""

RISK_SERVICE = next(service for service in SERVICES if service.name == "RiskService")


class Disk:
    """Makes the log durable only when the test says so, and tells of each append."""

    def __init__(self, folder: Path) -> None:
        self.bench, self._schedule = make_bench_told(folder)
        self.told = self._schedule.all

    async def take(self, count: int) -> None:
        """Wait until so many more commands were appended."""
        for _ in range(count):
            async with asyncio.timeout(5):
                await self._schedule.appended.acquire()


@asynccontextmanager
async def served_channel(
    folder: Path, in_flight: int
) -> AsyncIterator[tuple[Disk, "grpc.aio.Channel"]]:
    """Serve with a log that the test makes durable."""
    disk = Disk(folder)
    bench = disk.bench
    await bench.submit(requests.create_asset())
    await bench.register("bank")
    await disk.take(BEFORE)
    bench.sync()
    services = {RISK_SERVICE: bench.handlers(in_flight=in_flight).of(RISK_SERVICE)}
    server = GrpcServer(services, bench.availability, LIMITS, bench.places(), everybody_may())
    port = server.bind("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield disk, channel
    await server.stop(1)
    hold_against_log(bench)
    bench.close()


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[Disk, "RiskServiceAsyncStub"]]:
    async with served_channel(folder, IN_FLIGHT) as (disk, channel):
        yield disk, RiskServiceStub(channel)


def of_bank(request: risk_pb.SubmitRequest) -> risk_pb.SubmitRequest:
    request.key.incarnation = BEFORE
    return request


def deposits(count: int) -> list[risk_pb.SubmitRequest]:
    return [
        of_bank(requests.submit_deposits("bank", number, (number, 10)))
        for number in range(1, count + 1)
    ]


async def test_a_stream_takes_no_more_than_its_bound_until_they_are_durable(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as (disk, stub):
        stream = stub.Submit(iter(deposits(IN_FLIGHT + 2)))
        await disk.take(IN_FLIGHT)
        await asyncio.sleep(0.1)
        assert disk.bench.engine.sequence == BEFORE + IN_FLIGHT
        disk.bench.sync()
        await disk.take(2)
        disk.bench.sync()
        answers = [answer.batch_sequence async for answer in stream]
        assert answers == list(range(1, IN_FLIGHT + 3))


async def test_a_refused_batch_is_answered_in_its_place(tmp_path: Path) -> None:
    async with served(tmp_path) as (disk, stub):
        good, bad = deposits(1)[0], of_bank(requests.submit_deposits("bank", 9, (1, 10)))
        stream = stub.Submit(iter([good, bad]))
        await disk.take(1)
        disk.bench.sync()
        answers = [answer async for answer in stream]
        assert [answer.batch_sequence for answer in answers] == [1, 9]
        assert [answer.result.sequence for answer in answers] == [BEFORE + 1, 0]


async def test_a_shutdown_answers_what_was_taken_and_takes_no_more(tmp_path: Path) -> None:
    async with served(tmp_path) as (disk, stub):
        stream = stub.Submit()
        for request in deposits(IN_FLIGHT + 1):
            # All are sent before the end: a call that ends while its client sends ends as INTERNAL.
            await stream.write(request)
        await disk.take(IN_FLIGHT)
        disk.bench.availability.shut_down()
        disk.bench.sync()
        answers = []
        for _ in range(IN_FLIGHT):
            answer = await stream.read()
            assert isinstance(answer, risk_pb.SubmitResponse)
            answers.append(answer.batch_sequence)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stream.read()
        assert answers == [1, 2, 3]
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert error_info(caught.value).reason == "SHUTTING_DOWN"
        assert disk.bench.engine.sequence == BEFORE + IN_FLIGHT


async def test_a_client_that_goes_away_leaves_what_was_taken(tmp_path: Path) -> None:
    async with served(tmp_path) as (disk, stub):
        stream = stub.Submit(iter(deposits(2)))
        await disk.take(2)
        stream.cancel()
        async with asyncio.timeout(5):
            await disk.bench.availability.idle()
        disk.bench.sync()
        again = stub.Submit(iter(deposits(2)))
        answers = [answer.result async for answer in again]
        assert [answer.duplicate for answer in answers] == [True, True]
        assert [answer.sequence for answer in answers] == [BEFORE + 1, BEFORE + 2]


async def test_only_batches_between_others_wait_for_company(tmp_path: Path) -> None:
    async with served(tmp_path) as (disk, stub):
        disk.told.clear()
        stream = stub.Submit()
        first, second, third, fourth, fifth = deposits(5)
        await stream.write(first)
        await disk.take(1)
        assert disk.told == ["at once"], "nothing before it is unanswered"
        await stream.write(second)
        await disk.take(1)
        assert disk.told == ["at once", "soon"]
        await stream.write(third)
        await disk.take(1)
        assert disk.told == ["at once", "soon", "at once"], "no more is taken before an answer"
        disk.bench.sync()
        for _ in range(IN_FLIGHT):
            await stream.read()
        await stream.write(fourth)
        await disk.take(1)
        assert disk.told[-1] == "at once", "its client has every answer before it"
        await stream.write(fifth)
        await disk.take(1)
        assert disk.told[-1] == "soon"
        disk.bench.sync()
        for _ in range(2):
            await stream.read()
        await stream.done_writing()


async def test_the_end_of_a_stream_ends_the_wait_for_company(tmp_path: Path) -> None:
    async with served(tmp_path) as (disk, stub):
        stream = stub.Submit()
        for batch in deposits(2):
            await stream.write(batch)
        await disk.take(2)
        assert disk.told[-1] == "soon"
        await stream.done_writing()
        await disk.take(1)
        assert disk.told[-1] == "at once"
        disk.bench.sync()
        assert [answer.batch_sequence async for answer in stream] == [1, 2]
