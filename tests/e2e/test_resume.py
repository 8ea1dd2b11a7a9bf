"""The instruction stream: the same numbers and contents across reconnects and a kill."""

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status

from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from tests.e2e import venue
from tests.e2e.server import WAIT_SECONDS, Client, Server, client_of

pytestmark = pytest.mark.e2e


def swing(client: Client, times: int) -> None:
    """Send account 1 into a margin call and out again: two instructions each."""
    for _ in range(times):
        venue.mark(client, 9_480)
        venue.mark(client, 10_000)


def open_levered(client: Client) -> None:
    venue.open_venue(client, ((1, 100_000), (2, 1_000_000)))
    venue.trade(client, (1, 2, 10_000, 100))


def ends_with(client: Client, first: int) -> tuple[grpc.StatusCode, ErrorInfo]:
    request = risk_pb.StreamInstructionsRequest(from_instruction_sequence=first)
    stream = client.risk.StreamInstructions(request, timeout=WAIT_SECONDS)
    with pytest.raises(grpc.RpcError) as caught:
        list(stream)
    status = rpc_status.from_call(stream)
    assert status is not None
    info = ErrorInfo()
    assert status.details[0].Unpack(info)
    return caught.value.code(), info


def test_a_stream_goes_on_after_a_kill_without_gap_or_change(server: Server) -> None:
    with client_of(server) as client:
        open_levered(client)
        swing(client, 10)
        before = venue.instructions(client, 1, 20)
    server.kill()
    server.start()
    with client_of(server) as client:
        assert venue.instructions(client, 1, 20) == before
        swing(client, 5)
        after = venue.instructions(client, 15, 30)
    numbers = [each.instruction_sequence for each in before[:14] + after]
    assert numbers == list(range(1, 31))
    assert after[:6] == before[14:]


def test_a_waiting_subscriber_is_served_as_it_happens(client: Client) -> None:
    open_levered(client)
    request = risk_pb.StreamInstructionsRequest(from_instruction_sequence=1)
    stream = client.risk.StreamInstructions(request, timeout=WAIT_SECONDS)
    for number in range(1, 6):
        swing(client, 1)
        found = [each.instruction_sequence for each in next(stream).instructions]
        while len(found) < 2:
            found += [each.instruction_sequence for each in next(stream).instructions]
        assert found == [2 * number - 1, 2 * number]
    stream.cancel()


def test_what_memory_keeps_no_more_is_read_on_and_what_is_not_made_is_out_of_range(
    server: Server,
) -> None:
    with client_of(server) as client:
        open_levered(client)
        swing(client, 4)
        assert client.state().oldest_instruction_sequence == 1
        retention = client.state().retention
        retention.instruction_count = 5
        request = admin_pb.SetRetentionRequest(retention=retention)
        venue.accepted(client.admin.SetRetention(request).result)
        assert client.state().retention == retention
    server.kill()
    server.start()
    with client_of(server) as client:
        assert client.state().oldest_instruction_sequence == 1
        assert [each.instruction_sequence for each in venue.instructions(client, 1, 8)] == [
            *range(1, 9)
        ]
        code, info = ends_with(client, 10)
        assert code is grpc.StatusCode.OUT_OF_RANGE
        assert info.reason == "INSTRUCTIONS_NOT_YET_MADE"
        assert info.metadata["last_instruction_sequence"] == "8"
