"""Calls of gRPC whose messages never end, written frame by frame."""

import socket
from collections.abc import Mapping
from struct import Struct
from types import MappingProxyType

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS = 0, 1, 4
END_HEADERS = 4
END_STREAM = 1
INITIAL_WINDOW_SIZE = 4
NO_METADATA: Mapping[str, str] = MappingProxyType({})
_FRAME = Struct(">BHBBI")
_SETTING = Struct(">HI")
_PREFIX = Struct(">BI")


def frame(kind: int, flags: int, stream: int, body: bytes) -> bytes:
    return _FRAME.pack(len(body) >> 16, len(body) & 0xFFFF, kind, flags, stream) + body


def _literal(name: str, value: str) -> bytes:
    """Return a header that no table knows and none will."""
    fields = (text.encode() for text in (name, value))
    return b"\0" + b"".join(bytes([len(field)]) + field for field in fields)


def headers(path: str, metadata: Mapping[str, str] = NO_METADATA) -> bytes:
    fields = {
        ":method": "POST",
        ":scheme": "http",
        ":path": path,
        ":authority": "engine",
        "te": "trailers",
        "content-type": "application/grpc",
        **metadata,
    }
    return b"".join(_literal(*field) for field in fields.items())


def begin_calls(
    address: str,
    path: str,
    count: int,
    message_bytes: int,
    metadata: Mapping[str, str] = NO_METADATA,
) -> socket.socket:
    """Begin calls on one connection, each with a message that lacks its last byte.

    With 0 there is no message at all: that is a stream that says nothing.
    """
    host, _, port = address.rpartition(":")
    connection = socket.create_connection((host, int(port)), 10)
    parts = [PREFACE, frame(SETTINGS, 0, 0, b"")]
    for number in range(count):
        stream = 2 * number + 1
        parts.append(frame(HEADERS, END_HEADERS, stream, headers(path, metadata)))
        if message_bytes:
            message = _PREFIX.pack(0, message_bytes) + bytes(message_bytes - 1)
            parts.append(frame(DATA, 0, stream, message))
    connection.sendall(b"".join(parts))
    return connection


def ask_and_read_nothing(address: str, path: str) -> socket.socket:
    """Make a call with an empty message, of whose answer not one byte may be sent."""
    host, _, port = address.rpartition(":")
    connection = socket.create_connection((host, int(port)), 10)
    connection.sendall(
        PREFACE
        + frame(SETTINGS, 0, 0, _SETTING.pack(INITIAL_WINDOW_SIZE, 0))
        + frame(HEADERS, END_HEADERS, 1, headers(path))
        + frame(DATA, END_STREAM, 1, _PREFIX.pack(0, 0))
    )
    return connection
