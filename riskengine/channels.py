"""How a client reaches a server: in the clear, or over TLS by what it shows.

A token goes over TLS alone.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import grpc

from riskengine.client_files import NAMES, ClientFiles

Options = Sequence[tuple[str, Any]]


class ChannelError(Exception):
    """Say which of a client's files is wrong, and why."""


def open_channel(address: str, files: ClientFiles, options: Options = ()) -> grpc.aio.Channel:
    """Return a channel of an event loop; raises `ChannelError`."""
    credentials, options = _credentials(files), [*options, *_name(files)]
    if credentials is None:
        return grpc.aio.insecure_channel(address, options=options)
    return grpc.aio.secure_channel(address, credentials, options=options)


def open_blocking(address: str, files: ClientFiles, options: Options = ()) -> grpc.Channel:
    """Return a channel of threads; raises `ChannelError`."""
    credentials, options = _credentials(files), [*options, *_name(files)]
    if credentials is None:
        return grpc.insecure_channel(address, options=options)
    return grpc.secure_channel(address, credentials, options=options)


def _name(files: ClientFiles) -> Options:
    return [("grpc.ssl_target_name_override", files.server_name)] if files.server_name else []


def _credentials(files: ClientFiles) -> grpc.ChannelCredentials | None:
    """Return what opens a channel over TLS, None for one in the clear."""
    if not files.ca:
        for name in NAMES:
            if getattr(files, name):
                raise ChannelError(f"{name} is of no use without ca: it is for TLS")
        return None
    if bool(files.cert) != bool(files.key):
        raise ChannelError("cert and key are given together, or neither")
    tls = grpc.ssl_channel_credentials(
        _read("ca", files.ca),
        _read("key", files.key) if files.key else None,
        _read("cert", files.cert) if files.cert else None,
    )
    if not files.token_file:
        return tls
    token = grpc.access_token_call_credentials(_token(files.token_file))
    return grpc.composite_channel_credentials(tls, token)


def _read(name: str, path: str) -> bytes:
    try:
        return Path(path).expanduser().read_bytes()
    except OSError as error:
        raise ChannelError(f"{name}: {path}: {error.strerror}") from error


def _token(path: str) -> str:
    lines = _read("token_file", path).decode(errors="replace").splitlines()
    token = lines[0].strip() if lines else ""
    if not (token.isascii() and token.isprintable() and token) or " " in token:
        raise ChannelError(f"token_file: {path}: its first line holds no token")
    return token
