"""Section `grpc`: the real server with its journal, and an echo, both on the other core."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import grpc

from loadtests.bench import client, wire
from loadtests.bench.flow import held_trades
from loadtests.bench.journal import SyncProbe
from loadtests.bench.loading import (
    ASSET_EXPONENT,
    ASSET_ID,
    FUND_ATOMS,
    FUND_ID,
    OpeningColumns,
    build_engine,
    opening_columns,
    spans,
)
from loadtests.bench.population import Population, make_population
from loadtests.bench.processes import Server, running
from loadtests.bench.profiles import Profile
from loadtests.bench.round_trips import Decisions, EchoTrips
from loadtests.bench.timing import (
    Nanos,
    as_nanos,
    cores,
    median_of,
    no_collector,
    on_core,
    pin,
    quantile_millis,
)
from loadtests.bench.trade_section import apply_rate, flow_rows
from loadtests.bench.victims import Victims, make_victims, with_victims
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import admin_service_pb2_grpc, common_pb2
from riskengine.units import MICROS_PER_SECOND, NANOS_PER_SECOND

Results = dict[str, float]
DATA_FOLDER, TRADES_NOTE = "data", "trades.json"


@dataclass(frozen=True, slots=True)
class Pair:
    """The real server and the echo, each with a channel."""

    real: Server
    echo: Server
    real_channel: client.Channel
    echo_channel: client.Channel

    def in_turn(self) -> tuple[tuple[str, Server, client.Channel], ...]:
        """Return name, server and channel of both."""
        return (
            ("echo", self.echo, self.echo_channel),
            ("real", self.real, self.real_channel),
        )


def run(profile: Profile, work: Path) -> Results:
    """Return rates and latencies; the journal stays in the work folder for the replay."""
    client_core, server_core = cores()
    pin(client_core)
    population = make_population(profile.largest, profile.markets, profile.seed)
    serve = ["serve", "--create", "--data-dir", str(work / DATA_FOLDER)]
    serve += ["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"]
    with ExitStack() as stack:
        real = stack.enter_context(running("riskengine", serve, server_core, work / "server.log"))
        echo = stack.enter_context(
            running("loadtests.bench.echo_server", (), server_core, work / "echo.log")
        )
        return asyncio.run(_measure(profile, work, population, real, echo))


async def _measure(
    profile: Profile, work: Path, population: Population, real: Server, echo: Server
) -> Results:
    async with (
        grpc.aio.insecure_channel(real.address) as real_channel,
        grpc.aio.insecure_channel(echo.address) as echo_channel,
    ):
        pair = Pair(real, echo, real_channel, echo_channel)
        victims = make_victims(profile.markets + 1, profile.latency_samples)
        opening = with_victims(opening_columns(population), victims)
        await open_venue(real_channel, opening, profile.window)
        results = await _latency(profile, pair, victims, work)
        results |= await _unary(profile, pair, population)
        before = await _state(real_channel)
        results |= await _trades(profile, pair, population)
        note = {"first_sequence": before.sequence + 1, "trades": results.pop("trades")}
        (work / TRADES_NOTE).write_text(json.dumps(note))
        return results


async def open_venue(channel: client.Channel, opening: OpeningColumns, window: int) -> None:
    """Set the server up and send the whole population through Submit."""
    admin = admin_service_pb2_grpc.AdminServiceStub(channel)
    asset = admin_pb.Asset(asset_id=ASSET_ID, symbol="USD", exponent=ASSET_EXPONENT)
    _require((await admin.CreateAsset(admin_pb.CreateAssetRequest(asset=asset))).result)
    fund = admin_pb.CreateInsuranceFundRequest(fund_id=FUND_ID, asset_id=ASSET_ID)
    _require((await admin.CreateInsuranceFund(fund)).result)
    paid = admin_pb.DepositInsuranceFundRequest(fund_id=FUND_ID, amount_atoms=FUND_ATOMS)
    _require((await admin.DepositInsuranceFund(paid)).result)
    for index in range(len(opening.marks_ticks)):
        market = admin_pb.SetMarketRequest(market=wire.market_message(index))
        _require((await admin.SetMarket(market)).result)
    batches = await client.registered(channel, "opening")
    await client.pump(channel, wire.opening_batches(batches, opening), window)


async def _state(channel: client.Channel) -> admin_pb.GetStateResponse:
    admin = admin_service_pb2_grpc.AdminServiceStub(channel)
    return await admin.GetState(admin_pb.GetStateRequest())


def _require(result: common_pb2.CommandResult) -> None:
    if result.rejected_rows:
        raise client.RefusedError(str(result.rejections[0]))


async def _latency(profile: Profile, pair: Pair, victims: Victims, work: Path) -> Results:
    """Time marks that liquidate somebody, in turn with the echo's round trips and with syncs."""
    batches = await client.registered(pair.real_channel, "latency")
    ids, marks = victims.account_ids.tolist(), victims.marks_ticks.tolist()
    requests = [batches.pack(wire.mark_columns([victims.market_id], [mark])) for mark in marks]
    state = await _state(pair.real_channel)
    decisions = Decisions(pair.real_channel, state.instruction_sequence + 1)
    echo, probe = EchoTrips(pair.echo_channel), SyncProbe(work / "sync", requests[0])
    with no_collector():
        for request, account_id in zip(requests, ids, strict=True):
            await echo.once(request)
            await decisions.once(request, account_id)
            probe.once()
    for timed in (echo, decisions, probe):
        timed.close()
    return {
        **_millis("mark_to_instruction", as_nanos(decisions.nanos)),
        **_millis("echo_roundtrip", as_nanos(echo.nanos)),
        **_millis("journal_sync", as_nanos(probe.nanos)),
    }


def _millis(name: str, nanos: Nanos) -> Results:
    return {
        f"{name}_ms_p50": quantile_millis(nanos, 0.5),
        f"{name}_ms_p99": quantile_millis(nanos, 0.99),
    }


async def _unary(profile: Profile, pair: Pair, population: Population) -> Results:
    """Ask the real server and the echo about the same orders, in turn."""
    turns, calls = profile.unary_turns, profile.unary_calls
    requests = wire.order_requests(population, turns * calls, profile.seed)
    rates: dict[str, list[float]] = {"echo": [], "real": []}
    before = {name: server.cpu_seconds() for name, server, _ in pair.in_turn()}
    for turn in spans(len(requests), calls):
        for name, _, channel in pair.in_turn():
            with no_collector():
                nanos = await client.storm(channel, requests[turn], profile.unary_tasks)
            rates[name].append(calls * NANOS_PER_SECOND / nanos)
    cpu_micros = {
        name: (server.cpu_seconds() - before[name]) * MICROS_PER_SECOND / len(requests)
        for name, server, _ in pair.in_turn()
    }
    return {
        "check_order_per_s": median_of(rates["real"]),
        "echo_unary_per_s": median_of(rates["echo"]),
        "check_order_server_cpu_us": cpu_micros["real"],
        "echo_unary_server_cpu_us": cpu_micros["echo"],
    }


async def _trades(profile: Profile, pair: Pair, population: Population) -> Results:
    """Send the same trades to the real server, to the echo and into a core here, in turn.

    All three run on the same processor core: two of a machine can differ in what others leave them.
    """
    engine = build_engine(population)
    turn_rows = profile.grpc_batches * profile.batch_rows
    rows = flow_rows(profile.grpc_turns * turn_rows, profile.largest)
    trades = held_trades(population, rows, profile.seed)
    rates: dict[str, list[float]] = {"echo": [], "real": [], "core": []}
    for number, turn in enumerate(spans(len(trades.size_lots), turn_rows)):
        part = trades.part(turn)
        batches = await client.registered(pair.real_channel, f"trades-{number}")
        requests = wire.trade_batches(batches, part, profile.batch_rows)
        for name, _, channel in pair.in_turn():
            rates[name].append(await _rate(channel, requests, len(part.size_lots), profile.window))
        with on_core(pair.real.core):
            rates["core"].append(apply_rate(engine, part, profile.batch_rows))
    return {
        "trades": float(len(trades.size_lots)),
        "trades_per_s_grpc_durable": median_of(rates["real"]),
        "trades_per_s_grpc_echo": median_of(rates["echo"]),
        "trades_per_s_core_beside_grpc": median_of(rates["core"]),
    }


async def _rate(
    channel: client.Channel, requests: Sequence[bytes], rows: int, window: int
) -> float:
    with no_collector():
        nanos = await client.pump(channel, requests, window)
    return rows * NANOS_PER_SECOND / nanos
