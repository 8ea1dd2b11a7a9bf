"""The server's end of TLS, from files that may change while it serves.

gRPC asks before each handshake; connections that are open go on as they began.
"""

import ssl
from pathlib import Path
from typing import NamedTuple

import grpc


class TlsError(Exception):
    """Say which file is wrong, and why."""


class TlsFiles(NamedTuple):
    """Certificate with its chain, its key, and the CAs of clients, None when they show nothing."""

    cert: Path
    key: Path
    client_ca: Path | None = None

    def read(self) -> grpc.ServerCertificateConfiguration:
        """Return what the files hold; raises `TlsError` unless it can be served."""
        before = self._bytes()
        self._check()
        if self._bytes() != before:
            raise TlsError(f"{self.cert}: the files change while they are read")
        cert, key, client_ca = before
        return grpc.ssl_server_certificate_configuration([(key, cert)], client_ca)

    def _bytes(self) -> tuple[bytes, bytes, bytes | None]:
        cert, key = _read(self.cert), _read(self.key)
        return cert, key, None if self.client_ca is None else _read(self.client_ca)

    def _check(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(self.cert, self.key, password=_no_password)
        except (OSError, ValueError) as error:
            reason = f"certificate and key cannot be used: {_reason(error)}"
            raise TlsError(f"{self.cert}, {self.key}: {reason}") from error
        if self.client_ca is not None:
            try:
                context.load_verify_locations(self.client_ca)
            except OSError as error:
                raise TlsError(f"{self.client_ca}: no certificates: {_reason(error)}") from error


class ServerTls:
    """What gRPC serves with; `take` may be called while it does."""

    def __init__(self, configuration: grpc.ServerCertificateConfiguration) -> None:
        self._first = self._given = self._newest = configuration

    def credentials(self, *, verify_clients: bool) -> grpc.ServerCredentials:
        """Return what a port is bound with; with `verify_clients` each must show a certificate."""
        return grpc.dynamic_ssl_server_credentials(
            self._first,
            self._changed,  # type: ignore[arg-type] # None is no change, which the stubs leave out
            require_client_authentication=verify_clients,
        )

    def take(self, configuration: grpc.ServerCertificateConfiguration) -> None:
        """Serve with other files from the next handshake on."""
        self._newest = configuration

    def _changed(self) -> grpc.ServerCertificateConfiguration | None:
        """Return what is new since gRPC last asked; called on a thread of its own."""
        newest = self._newest
        if newest is self._given:
            return None
        self._given = newest
        return newest


def _no_password() -> str:
    raise ValueError("the key is encrypted")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TlsError(f"{path}: {error.strerror}") from error


def _reason(error: OSError | ValueError) -> str:
    """Return why; an error of TLS is one of the system that has a reason of its own."""
    return getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
