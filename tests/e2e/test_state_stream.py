"""The state stream of a real server: a consumer that begins again from it misses nothing."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import cast

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status

from riskengine.api.v1.admin_service_pb2 import GetServerStatusRequest
from riskengine.api.v1.common_pb2 import (
    ACCOUNT_STATE_LIQUIDATING,
    ACCOUNT_STATE_MARGIN_CALL,
    ACCOUNT_STATE_NORMAL,
)
from riskengine.api.v1.instructions_pb2 import Instruction, LiquidationOrder
from riskengine.api.v1.risk_service_pb2 import ListLiquidationsRequest
from riskengine.api.v1.state_pb2 import StateHead, StreamStateRequest, StreamStateResponse
from tests.e2e import venue
from tests.e2e.reference import Reference, random_batches
from tests.e2e.server import WAIT_SECONDS, Client, Server, client_of, poll
from tests.e2e.test_kill import Sender, open_market
from tests.machine.told import Name, Told, ToldOrder, of_dump, split
from tests.service import requests

pytestmark = pytest.mark.e2e

BATCHES = 1_500
READINGS = 6
PARTIES = 100_000
SMALL_WINDOW = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65_535)]
"""Options of a channel that takes no more than that before it is read."""

STATES = {
    "margin_call": ACCOUNT_STATE_MARGIN_CALL,
    "margin_call_cleared": ACCOUNT_STATE_NORMAL,
    "cancel_orders": ACCOUNT_STATE_LIQUIDATING,
    "liquidation_ended": None,
}
"""What an instruction makes of its account; None: what it says itself."""

Reading = tuple[StateHead, Told]


def stream(client: Client, **asked: list[int]) -> Iterator[StreamStateResponse]:
    return client.account.StreamState(StreamStateRequest(**asked), timeout=WAIT_SECONDS)


class Mirror:
    """What a venue keeps: states of accounts and open orders, as instructions change them."""

    def __init__(self, told: Told) -> None:
        self.states = {name: account.state for name, account in told.accounts.items()}
        self.orders = dict(told.orders)

    def follow(self, instructions: Iterable[Instruction]) -> None:
        for instruction in instructions:
            kind = instruction.WhichOneof("body")
            assert kind is not None
            body = getattr(instruction, kind)
            name = (body.account_id, instruction.asset_id, instruction.isolated_market_id)
            if kind in STATES:
                self.states[name] = STATES[kind] or body.state
            elif kind == "liquidation_order":
                self._open(name, body)
            elif kind == "liquidation_fill":
                order = self.orders[body.liquidation_id]
                filled = order.filled_lots + body.size_lots
                self.orders[body.liquidation_id] = order._replace(filled_lots=filled)
            elif kind == "liquidation_order_reduced":
                reduced = self.orders[body.liquidation_id]._replace(size_lots=body.size_lots)
                self.orders[body.liquidation_id] = reduced
            elif kind == "cancel_liquidation_order":
                order = self.orders[body.liquidation_id]._replace(cancelling=True)
                self.orders[body.liquidation_id] = order._replace(
                    deadline_nanos=body.deadline_nanos
                )
            elif kind == "liquidation_order_ended":
                del self.orders[body.liquidation_id]

    def _open(self, name: Name, order: LiquidationOrder) -> None:
        self.orders[order.liquidation_id] = ToldOrder(
            name,
            order.market_id,
            order.side,
            order.size_lots,
            0,
            order.limit_price_ticks,
            order.sliced,
            order.attempt,
            cancelling=False,
            deadline_nanos=order.deadline_nanos,
        )


def read_beside(client: Client, server: Server, sender: Sender) -> list[Reading]:
    """Read the state again and again while batches are sent; the last time after all of them."""
    readings = [split(stream(client))]
    with client_of(server) as other:
        sending = Thread(target=sender.send, args=(other, server, 0))
        sending.start()
        for part in range(1, READINGS):
            due = part * BATCHES // READINGS
            poll(lambda due=due: len(sender.answers) >= due, f"{due} answers")
            readings.append(split(stream(client)))
        sending.join()
    return [*readings, split(stream(client))]


def test_a_state_and_the_instructions_after_it_are_the_next_state(server: Server) -> None:
    reference, sender = Reference(), Sender(random_batches(7, "engine", BATCHES))
    with client_of(server) as client:
        open_market(client, reference)
        readings = read_beside(client, server, sender)
        last = readings[-1][0].next_instruction_sequence - 1
        assert last > 20
        instructions = venue.instructions(client, 1, last)
    sequences = [head.sequence for head, _ in readings]
    assert sequences == sorted(sequences)
    assert len(set(sequences)) > READINGS // 2
    _is_what_a_replay_comes_to(readings, reference, sender)
    for (head, told), (next_head, next_told) in pairwise(readings):
        mirror = Mirror(told)
        first, end = head.next_instruction_sequence, next_head.next_instruction_sequence
        mirror.follow(instructions[first - 1 : end - 1])
        assert mirror.orders == next_told.orders
        for name, account in next_told.accounts.items():
            assert mirror.states.get(name, ACCOUNT_STATE_NORMAL) == account.state


def _is_what_a_replay_comes_to(
    readings: list[Reading], reference: Reference, sender: Sender
) -> None:
    batches = iter(zip(sender._batches, sender.answers, strict=True))
    for head, told in readings:
        while reference.engine.sequence < head.sequence:
            reference.apply(*next(batches))
        assert reference.engine.sequence == head.sequence
        assert reference.engine.time_nanos == head.time_nanos
        assert reference.engine.instruction_sequence == head.next_instruction_sequence - 1
        assert told == of_dump(reference.engine)


def children(server: Server) -> list[str]:
    """Return the clones of a server that live."""
    found: list[str] = []
    for task in Path(f"/proc/{server.process.pid}/task").iterdir():
        found += (task / "children").read_text().split()
    return found


def open_streams(client: Client) -> int:
    return client.admin.GetServerStatus(GetServerStatusRequest()).state_streams


def pay_in(client: Client) -> None:
    """Open so many accounts that their state does not fit the buffers of a connection."""
    venue.open_venue(client, ())
    parties = range(1, PARTIES + 1)
    batches = [
        requests.submit_deposits(
            "bank", number, *((2**55 + party, 2**59) for party in parties[at : at + 10_000])
        )
        for number, at in enumerate(range(0, PARTIES, 10_000), start=1)
    ]
    for answer in client.risk.Submit(iter(batches), timeout=WAIT_SECONDS):
        assert answer.result.applied_rows == 10_000


def reason(error: grpc.RpcError) -> tuple[grpc.StatusCode, str]:
    info, status = ErrorInfo(), rpc_status.from_call(cast(grpc.Call, error))
    assert status is not None
    assert status.details[0].Unpack(info)
    return cast(grpc.Call, error).code(), info.reason


def test_clients_that_do_not_read_hold_up_nothing_but_their_streams(tmp_path: Path) -> None:
    with (
        Server(tmp_path, max_state_streams=1, state_stream_seconds=1) as server,
        client_of(server) as client,
        grpc.insecure_channel(server.grpc_address, SMALL_WINDOW) as channel,
    ):
        pay_in(client)
        lazy = Client(channel)
        slow = stream(lazy)
        assert next(slow).WhichOneof("part") == "head"
        assert open_streams(client) == 1
        with pytest.raises(grpc.RpcError) as refused:
            list(stream(client))
        assert reason(refused.value) == (
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            "TOO_MANY_STATE_STREAMS",
        )
        poll(lambda: not children(server), "the end of the clone")
        venue.accepted(client.account.Deposit(requests.deposit(1, 5)).result)
        poll(lambda: not open_streams(client), "the end of the stream")
        with pytest.raises(grpc.RpcError) as late:
            list(slow)
        assert reason(late.value) == (
            grpc.StatusCode.DEADLINE_EXCEEDED,
            "STATE_READ_TOO_SLOWLY",
        )
        given_up = stream(lazy)
        next(given_up)
        given_up.cancel()  # type: ignore[attr-defined]
        poll(lambda: not open_streams(client), "the end of a stream that was cancelled")
        _, told = split(stream(client))
        assert len(told.accounts) == PARTIES + 2
        unread = stream(lazy)
        next(unread)
        assert server.terminate() == 0


def test_what_is_asked_for_must_be_there_and_lists_agree_with_it(server: Server) -> None:
    with client_of(server) as client:
        venue.open_venue(client, ((1, 130_000), (2, 10**9), (3, 5)))
        venue.trade(client, (1, 2, 10_000, 100))
        venue.mark(client, 9_100)
        head, told = split(stream(client, market_id=[requests.MARKET], account_id=[1, 3]))
        assert [name[0] for name in told.accounts] == [1]
        for asked in ({"market_id": [2]}, {"account_id": [1, 9]}):
            with pytest.raises(grpc.RpcError) as caught:
                list(stream(client, **asked))
            assert reason(caught.value) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
        listed = client.risk.ListLiquidations(ListLiquidationsRequest())
        assert [order.liquidation_id for order in listed.liquidations] == list(told.orders) == [1]
        assert listed.sequence == head.sequence
        assert listed.next_instruction_sequence == head.next_instruction_sequence
        assert listed.liquidations[0].deadline_nanos == told.orders[1].deadline_nanos > 0
