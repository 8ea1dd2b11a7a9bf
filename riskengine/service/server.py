"""The gRPC server: its options, its services, health and reflection."""

import asyncio
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2_grpc

from riskengine.service.access import AccessControl
from riskengine.service.availability import Availability
from riskengine.service.call_places import CallPlaces
from riskengine.service.guarded import Guarded
from riskengine.service.rpc import RpcHandler

FLUSH_SECONDS = 0.5
"""Time for the last answers to leave once their calls have ended."""


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """Bounds of the transport: sizes of one message, streams of one connection, connections."""

    max_request_bytes: int
    max_response_bytes: int
    max_metadata_bytes: int
    max_concurrent_streams: int
    max_connections: int
    max_connection_idle_millis: int
    max_handshake_millis: int
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
            ("grpc.max_allowed_incoming_connections", self.max_connections),
            ("grpc.max_connection_idle_ms", self.max_connection_idle_millis),
            ("grpc.server_handshake_timeout_ms", self.max_handshake_millis),
            ("grpc.so_reuseport", 0),
        ]


class GrpcServer:
    """Serve services, health (one entry a service, and one for all) and reflection.

    `services` are the handlers of each, by the names of their methods. Health says NOT_SERVING
    until `open`. Without `tls` all goes in the clear.
    """

    def __init__(
        self,
        services: Mapping[ServiceDescriptor, dict[str, RpcHandler]],
        availability: Availability,
        limits: ServerLimits,
        places: CallPlaces,
        access: AccessControl,
        tls: grpc.ServerCredentials | None = None,
    ) -> None:
        self.port = 0
        self._availability = availability
        self._places = places
        places.refusal = access.refusal
        self._tls = tls
        self._server = grpc.aio.server(handlers=(places,), options=limits.options())
        for descriptor, handlers in services.items():
            places.add_registered_method_handlers(descriptor.full_name, handlers)
        self._health = health.aio.HealthServicer()
        guarded: Any = Guarded(places, access)  # all that generated code asks of a server
        health_pb2_grpc.add_HealthServicer_to_server(self._health, guarded)
        self._names = ["", *(descriptor.full_name for descriptor in services)]
        reflected = (*self._names[1:], health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflecting = reflection.aio.ReflectionServicer(reflected)
        add_reflection: Any = reflection_pb2_grpc.add_ServerReflectionServicer_to_server
        add_reflection(reflecting, guarded)

    def bind(self, address: str) -> int:
        """Bind an address and return its port; raises OSError when that cannot be done."""
        try:
            if self._tls is None:
                self.port = self._server.add_insecure_port(address)
            else:
                self.port = self._server.add_secure_port(address, self._tls)
        except RuntimeError as error:
            text = f"listen: cannot bind {address}: {_why_not(address)}"
            raise OSError(text) from error
        return self.port

    async def start(self) -> None:
        """Take calls."""
        await self._set_health(health_pb2.HealthCheckResponse.NOT_SERVING)
        await self._server.start()
        self._places.start()

    async def open(self) -> None:
        """Say that all services serve."""
        await self.say_serving(True)

    async def say_serving(self, is_serving: bool) -> None:
        """Say whether all services serve, until `close_health`."""
        answer = health_pb2.HealthCheckResponse
        await self._set_health(answer.SERVING if is_serving else answer.NOT_SERVING)

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


def _why_not(address: str) -> str:
    """Return why an address cannot be bound, which grpc does not tell."""
    host, _, port = address.rpartition(":")
    try:
        found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
        for family, kind, _, _, where in found:
            with socket.socket(family, kind) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(where)
                probe.listen()
    except OSError as error:
        return error.strerror or str(error)
    return "is it this machine's, and free?"
