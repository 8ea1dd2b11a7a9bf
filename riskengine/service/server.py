"""The gRPC server: its options, its services, health and reflection."""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from riskengine.api.v1 import account_service_pb2, admin_service_pb2, risk_service_pb2
from riskengine.service.availability import Availability
from riskengine.service.rpc import RpcHandler, exchange_handler, stream_handler, unary_handler

RISK_SERVICE = risk_service_pb2.DESCRIPTOR.services_by_name["RiskService"]
ACCOUNT_SERVICE = account_service_pb2.DESCRIPTOR.services_by_name["AccountService"]
ADMIN_SERVICE = admin_service_pb2.DESCRIPTOR.services_by_name["AdminService"]

FLUSH_SECONDS = 0.5
"""Time for the last answers to leave once their calls have ended."""


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """Bounds of the transport: sizes of one message, streams of one connection, calls of all."""

    max_request_bytes: int
    max_response_bytes: int
    max_metadata_bytes: int
    max_concurrent_streams: int
    max_concurrent_calls: int
    keepalive_interval_millis: int
    keepalive_timeout_millis: int

    def options(self) -> list[tuple[str, Any]]:
        """Return the channel arguments; clients may ping as often as the server does itself."""
        return [
            ("grpc.max_receive_message_length", self.max_request_bytes),
            ("grpc.max_send_message_length", self.max_response_bytes),
            ("grpc.max_metadata_size", self.max_metadata_bytes),
            ("grpc.absolute_max_metadata_size", self.max_metadata_bytes),
            ("grpc.max_concurrent_streams", self.max_concurrent_streams),
            ("grpc.keepalive_time_ms", self.keepalive_interval_millis),
            ("grpc.keepalive_timeout_ms", self.keepalive_timeout_millis),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.min_ping_interval_without_data_ms", self.keepalive_interval_millis),
            ("grpc.so_reuseport", 0),
        ]


class GrpcServer:
    """Serve the three services, health (one entry a service, and one for all) and reflection.

    Health says NOT_SERVING until `open`.
    """

    def __init__(
        self,
        servicers: dict[ServiceDescriptor, object],
        availability: Availability,
        limits: ServerLimits,
    ) -> None:
        self._availability = availability
        self._server = grpc.aio.server(
            options=limits.options(), maximum_concurrent_rpcs=limits.max_concurrent_calls
        )
        for descriptor, servicer in servicers.items():
            handlers = _method_handlers(descriptor, servicer, availability)
            handler = grpc.method_handlers_generic_handler(descriptor.full_name, handlers)
            self._server.add_generic_rpc_handlers((handler,))
        self._health = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        self._names = ["", *(descriptor.full_name for descriptor in servicers)]
        reflected = (*self._names[1:], health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(reflected, self._server)

    def bind(self, address: str) -> int:
        """Bind an address and return its port; raises OSError when that cannot be done."""
        try:
            return self._server.add_insecure_port(address)
        except RuntimeError as error:
            # grpc's own line on standard error has the cause; its exception has only a hint.
            text = f"listen: cannot bind {address}: is it this machine's, and free?"
            raise OSError(text) from error

    async def start(self) -> None:
        """Take calls."""
        await self._set_health(health_pb2.HealthCheckResponse.NOT_SERVING)
        await self._server.start()

    async def open(self) -> None:
        """Say that all services serve."""
        await self._set_health(health_pb2.HealthCheckResponse.SERVING)

    async def close_health(self) -> None:
        """Say that no service serves, for good."""
        await self._health.enter_graceful_shutdown()

    async def stop(self, grace_seconds: float) -> None:
        """Give the calls under way so long to end, then cut off whatever is left.

        Health watchers and reflection never end by themselves, so they are not waited for.
        """
        await self.close_health()
        with suppress(TimeoutError):
            async with asyncio.timeout(grace_seconds):
                await self._availability.idle()
        await self._server.stop(min(grace_seconds, FLUSH_SECONDS))

    async def _set_health(self, status: int) -> None:
        for name in self._names:
            await self._health.set(name, status)


def _method_handlers(
    descriptor: ServiceDescriptor, servicer: object, availability: Availability
) -> dict[str, RpcHandler]:
    """Make a handler for each method of the contract, from the servicer's method of that name."""
    handlers: dict[str, RpcHandler] = {}
    for method in descriptor.methods:
        rpc = f"{descriptor.name}.{method.name}"
        function = getattr(servicer, re.sub(r"(?<!^)(?=[A-Z])", "_", method.name).lower())
        request_type = GetMessageClass(method.input_type)
        if method.client_streaming:
            handlers[method.name] = exchange_handler(rpc, function, availability)
        elif method.server_streaming:
            handlers[method.name] = stream_handler(rpc, request_type, function, availability)
        else:
            has_result = "result" in method.output_type.fields_by_name
            handlers[method.name] = unary_handler(
                rpc, request_type, function, availability, has_result=has_result
            )
    return handlers
