"""Ask a running server for its health, as a container's health check does."""

from typing import NamedTuple

import grpc
from grpc_health.v1 import health, health_pb2

from riskengine.machine.contract import SERVICES


class HealthAnswer(NamedTuple):
    """Whether the server serves, and what it said."""

    is_serving: bool
    text: str


async def is_serving(address: str, service: str, timeout_seconds: float) -> HealthAnswer:
    """Call the health RPC once; a server that does not answer does not serve."""
    async with grpc.aio.insecure_channel(address) as channel:
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
