"""Section `stream`: the whole state of a server, read by a client beside a mark a millisecond."""

import asyncio
from array import array
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter_ns
from typing import TypeAlias

import grpc

from loadtests.bench import client, wire
from loadtests.bench.grpc_section import open_venue
from loadtests.bench.loading import opening_columns
from loadtests.bench.population import Population, make_population
from loadtests.bench.processes import Server, running
from loadtests.bench.profiles import USUAL_PPM, Profile, label
from loadtests.bench.timing import cores, median_of, no_collector, pin
from loadtests.bench.walk import Kind, MarkWalk
from riskengine.api.v1 import state_pb2
from riskengine.units import NANOS_PER_MILLI, NANOS_PER_SECOND

Results = dict[str, float]
Read: TypeAlias = "grpc.aio.UnaryStreamMultiCallable[bytes, bytes]"

METHOD = "/riskengine.api.v1.AccountService/StreamState"
QUIET_MARKS = 1_000
"""Marks before each stream, to compare with."""


class MarkPulse:
    """A mark a millisecond through Submit; each is timed from when it was due to its answer."""

    def __init__(
        self, channel: client.Channel, batches: wire.Batches, population: Population, seed: int
    ) -> None:
        self.nanos: array[int] = array("q")
        self._call = client.open_submit(channel)
        self._due: deque[int] = deque()
        self._requests = _mark_requests(batches, population, seed)
        self._is_over = False

    async def run(self) -> None:
        """Send marks until `stop`, and return when all are answered."""
        answers = asyncio.create_task(self._read())
        due = perf_counter_ns()
        while not self._is_over:
            wait = due - perf_counter_ns()
            if wait > 0:
                await asyncio.sleep(wait / NANOS_PER_SECOND)
            self._due.append(due)
            await self._call.write(next(self._requests))
            due += NANOS_PER_MILLI
        await self._call.done_writing()
        await answers

    def stop(self) -> None:
        """Send no more."""
        self._is_over = True

    async def until(self, count: int) -> None:
        """Return when so many more are answered."""
        wanted = len(self.nanos) + count
        while len(self.nanos) < wanted:  # noqa: ASYNC110 - an event for each would cost time
            await asyncio.sleep(0.001)

    async def _read(self) -> None:
        while isinstance(answer := await self._call.read(), bytes):
            self.nanos.append(perf_counter_ns() - self._due.popleft())
            client.require_applied(answer)


def _mark_requests(batches: wire.Batches, population: Population, seed: int) -> Iterator[bytes]:
    walk = MarkWalk(population.marks_ticks, Kind(USUAL_PPM), seed)
    while True:
        for market, mark in walk.round():
            yield batches.pack(wire.mark_columns([market + 1], [mark]))


def run(profile: Profile, work: Path) -> Results:
    """Return how long the state takes to be read, and marks before and beside it."""
    client_core, server_core = cores()
    pin(client_core)
    population = make_population(profile.stream_accounts, profile.markets, profile.seed)
    serve = ["serve", "--create", "--data-dir", str(work / "stream-data")]
    serve += ["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"]
    with running("riskengine", serve, server_core, work / "stream.log") as server:
        return asyncio.run(_measure(profile, population, server))


async def _measure(profile: Profile, population: Population, server: Server) -> Results:
    name = label(profile.stream_accounts)
    seconds: list[float] = []
    size_bytes = 0
    before, beside = array("q"), array("q")
    async with grpc.aio.insecure_channel(server.address) as channel:
        await open_venue(channel, opening_columns(population), profile.window)
        batches = await client.registered(channel, "marks")
        pulse = MarkPulse(channel, batches, population, profile.seed)
        with no_collector():
            marking = asyncio.create_task(pulse.run())
            await pulse.until(QUIET_MARKS)
            for _ in range(profile.repetitions):
                first = len(pulse.nanos)
                await pulse.until(QUIET_MARKS)
                begun = len(pulse.nanos)
                messages, nanos = await _read_state(channel)
                await pulse.until(1)
                before += pulse.nanos[first:begun]
                beside += pulse.nanos[begun:]
                seconds.append(nanos / NANOS_PER_SECOND)
                size_bytes = sum(map(len, messages))
                _require_all(messages, profile.stream_accounts)
            pulse.stop()
            await marking
    return {
        f"state_stream_s_{name}": median_of(seconds),
        f"state_stream_bytes_per_account_{name}": size_bytes / profile.stream_accounts,
        f"mark_ms_max_beside_state_stream_{name}": max(beside) / NANOS_PER_MILLI,
        f"mark_ms_max_before_state_stream_{name}": max(before) / NANOS_PER_MILLI,
    }


async def _read_state(channel: client.Channel) -> tuple[list[bytes], int]:
    """Return all messages of a stream, and how long they took."""
    method: Read = channel.unary_stream(METHOD)
    began = perf_counter_ns()
    call = method(state_pb2.StreamStateRequest().SerializeToString())
    messages = []
    while isinstance(message := await call.read(), bytes):
        messages.append(message)
    nanos = perf_counter_ns() - began
    if await call.code() is not grpc.StatusCode.OK:
        raise client.RefusedError(f"the stream ended: {await call.details()}")
    return messages, nanos


def _require_all(messages: list[bytes], accounts: int) -> None:
    """Raise RefusedError unless every account was told, those of funds besides."""
    read = map(state_pb2.StreamStateResponse.FromString, messages[1:])
    told = sum(len(message.rows.accounts.account_id) for message in read)
    if told < accounts:
        raise client.RefusedError(f"{told} of {accounts} accounts were told")
