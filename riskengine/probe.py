"""Ask a running server for its health, as a container's health check does, and how it is."""

from datetime import UTC, datetime
from typing import NamedTuple

import grpc
from grpc_health.v1 import health, health_pb2

from riskengine.api.v1.admin_service_pb2 import (
    GetServerStatusRequest,
    GetServerStatusResponse,
    InstructionStatus,
    SnapshotStatus,
)
from riskengine.api.v1.admin_service_pb2_grpc import AdminServiceStub
from riskengine.channels import open_channel
from riskengine.client_files import ClientFiles
from riskengine.machine.contract import SERVICES
from riskengine.units import NANOS_PER_SECOND


class HealthAnswer(NamedTuple):
    """Whether the server serves, and what it said."""

    is_serving: bool
    text: str


async def is_serving(
    address: str, service: str, timeout_seconds: float, files: ClientFiles
) -> HealthAnswer:
    """Call the health RPC once; a server that does not answer does not serve.

    Raises `ChannelError`.
    """
    async with open_channel(address, files) as channel:
        check = channel.unary_unary(
            f"/{health.SERVICE_NAME}/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        request = health_pb2.HealthCheckRequest(service=service)
        try:
            response = await check(request, timeout=timeout_seconds)
        except grpc.aio.AioRpcError as error:
            return HealthAnswer(False, f"{error.code().name}: {_why(error, service)}")
    serving = response.status == health_pb2.HealthCheckResponse.SERVING
    return HealthAnswer(serving, health_pb2.HealthCheckResponse.ServingStatus.Name(response.status))


def _why(error: grpc.aio.AioRpcError, service: str) -> str:
    """Say why a call failed; the health RPC itself gives no text for a service it does not know."""
    if error.code() is not grpc.StatusCode.NOT_FOUND:
        return error.details() or "no details"
    known = ", ".join(sorted(descriptor.full_name for descriptor in SERVICES))
    return f"there is no service {service}; there are {known}"


async def status_text(address: str, timeout_seconds: float, files: ClientFiles) -> str:
    """Return how a server is, in lines; or why it does not say."""
    async with open_channel(address, files) as channel:
        ask = AdminServiceStub(channel).GetServerStatus
        try:
            status = await ask(GetServerStatusRequest(), timeout=timeout_seconds)
        except grpc.aio.AioRpcError as error:
            return f"status {error.code().name}: {error.details() or 'no details'}"
    return "\n".join(_lines(status))


def _lines(status: GetServerStatusResponse) -> list[str]:
    """Return a line for each thing that is told."""
    durable = f"{status.durable_sequence:,} of {status.sequence:,}"
    waiting = f"{status.state_stream_waiting_bytes:,} bytes to be sent"
    return [
        f"version {status.version}, started {_instant(status.started_nanos)}",
        f"log {status.log_id}",
        f"journal durable up to command {durable}, {status.journal_bytes:,} bytes",
        *_snapshot_lines(status.snapshots),
        *_instruction_lines(status.instructions),
        f"state streams {status.state_streams} open, {waiting}",
    ]


def _instruction_lines(instructions: InstructionStatus) -> list[str]:
    alarm = ", ALARM" if instructions.is_alarm else ""
    lines = [f"instructions {instructions.stored_bytes:,} bytes on disk{alarm}"]
    if instructions.consumers_lost:
        lines.append("consumers LOST at the start: nothing is dropped until they had time to come")
    if instructions.consumer_count:
        lines.append(
            f"consumers {instructions.consumer_count}, furthest behind "
            f"{instructions.slowest_consumer_id}: {instructions.lag_instruction_count:,} "
            f"instructions, {instructions.lag_bytes:,} bytes of files"
        )
    return lines


def _snapshot_lines(snapshots: SnapshotStatus) -> list[str]:
    counts = f"since the start {snapshots.taken_count} taken, {snapshots.failed_count} failed"
    newest = "none"
    if snapshots.sequence:
        newest = f"of command {snapshots.sequence:,}, {_instant(snapshots.time_nanos)}"
    lines = [f"snapshot {newest}; {counts}"]
    if snapshots.failed_count:
        state = "FAILING" if snapshots.is_failing else "mended since"
        lines.append(
            f"snapshot failure {_instant(snapshots.failed_nanos)}, {state}: {snapshots.failure}"
        )
    return lines


def _instant(nanos: int) -> str:
    """Return an instant in UTC, to the second."""
    return datetime.fromtimestamp(nanos // NANOS_PER_SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
