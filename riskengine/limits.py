"""Bounds of a running server, as its settings give them to its parts."""

import socket

from riskengine.config import Config
from riskengine.service.call_groups import GroupLimits
from riskengine.service.server import ServerLimits
from riskengine.units import MILLIS_PER_SECOND

END_SECONDS = 5.0
"""What an orderly end takes besides the times that settings give its steps."""


def listeners_of(address: str) -> int:
    """Return how many sockets listen on HOST:PORT: a name may stand for several addresses."""
    host, _, port = address.rpartition(":")
    try:
        found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
    except OSError:  # binding it will say so
        return 1
    return len({where for *_, where in found})


def server_limits(config: Config) -> ServerLimits:
    """Return the bounds of the transport."""
    return ServerLimits(
        max_request_bytes=config.max_request_bytes,
        max_response_bytes=config.max_response_bytes,
        max_metadata_bytes=config.max_metadata_bytes,
        max_concurrent_streams=config.max_concurrent_streams,
        max_connections=config.max_connections,
        max_connection_idle_millis=config.max_connection_idle_millis,
        max_handshake_millis=config.max_handshake_millis,
        keepalive_interval_millis=config.keepalive_interval_millis,
        keepalive_timeout_millis=config.keepalive_timeout_millis,
    )


def group_limits(config: Config) -> GroupLimits:
    """Return how many calls of each group may be under way."""
    return GroupLimits(
        health_calls=config.max_health_calls,
        operator_calls=config.max_operator_calls,
        engine_calls=config.max_engine_calls,
        engine_streams=config.max_engine_streams,
        gateway_calls=config.max_gateway_calls,
        reader_calls=config.max_reader_calls,
    )


def longest_end(config: Config) -> float:
    """Return after how many seconds an end has hung: all steps that may last have their times."""
    millis = (
        config.failure_grace_millis
        + config.shutdown_grace_millis
        + config.snapshot_at_stop_millis
        + config.disk_answer_millis
    )
    return END_SECONDS + millis / MILLIS_PER_SECOND
