"""TLS from files: what cannot be served, what a client must show, and other files meanwhile."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_health.v1.health_pb2_grpc import HealthStub

from riskengine.channels import open_channel
from riskengine.client_files import ClientFiles
from riskengine.config import Config
from riskengine.limits import group_limits
from riskengine.metrics.statistics import AccessStatistics, CallStatistics
from riskengine.service.access import AccessControl
from riskengine.service.availability import Availability
from riskengine.service.call_places import CallPlaces
from riskengine.service.credentials import Credentials, read_credentials
from riskengine.service.server import GrpcServer
from riskengine.service.tls import ServerTls, TlsError, TlsFiles
from riskengine.simulator.certificates import Authority, Certificate, run_openssl
from tests.service.test_rpc import LIMITS

OK, UNAVAILABLE = grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE
PASSWORD = "pass:secret"


class Tls(NamedTuple):
    port: int
    tls: ServerTls

    async def code(self, files: ClientFiles) -> grpc.StatusCode:
        """Return with which status a new connection's call ends."""
        async with open_channel(f"127.0.0.1:{self.port}", files) as channel:
            return await code_over(channel)


async def code_over(channel: grpc.aio.Channel) -> grpc.StatusCode:
    stub: Any = HealthStub(channel)
    call = stub.Check(health_pb2.HealthCheckRequest(), timeout=5)
    code: grpc.StatusCode = await call.code()
    return code


@asynccontextmanager
async def serving(files: TlsFiles, known: Credentials | None = None) -> AsyncIterator[Tls]:
    tls = ServerTls(files.read())
    credentials = tls.credentials(verify_clients=files.client_ca is not None)
    access = AccessControl(known, AccessStatistics())
    places = CallPlaces(group_limits(Config()), CallStatistics(), request_seconds=10)
    server = GrpcServer({}, Availability(), LIMITS, places, access, credentials)
    port = server.bind("127.0.0.1:0")
    await server.start()
    try:
        yield Tls(port, tls)
    finally:
        await server.stop(0)


def client(authority: Authority, certificate: Certificate | None = None) -> ClientFiles:
    if certificate is None:
        return ClientFiles(ca=str(authority.cert))
    return ClientFiles(ca=str(authority.cert), cert=str(certificate.cert), key=str(certificate.key))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Another CA, of the same name."""
    return Authority(tmp_path_factory.mktemp("other"))


async def test_a_server_is_reached_over_tls_alone(
    authority: Authority, other: Authority, server_certificate: Certificate
) -> None:
    async with serving(TlsFiles(*server_certificate)) as server:
        assert await server.code(client(authority)) is OK
        assert await server.code(client(other)) is UNAVAILABLE
        assert await server.code(ClientFiles()) is UNAVAILABLE


async def test_a_server_must_have_the_name_that_is_called(
    authority: Authority, tmp_path: Path
) -> None:
    elsewhere = Authority(tmp_path).issue("engine.example")
    ca = str(tmp_path / "ca.pem")
    async with serving(TlsFiles(*elsewhere)) as server:
        assert await server.code(ClientFiles(ca=ca)) is UNAVAILABLE
        assert await server.code(ClientFiles(ca=ca, server_name="engine.example")) is OK


async def test_a_client_must_show_a_certificate_of_the_cas_of_clients(
    authority: Authority, other: Authority, server_certificate: Certificate
) -> None:
    files = TlsFiles(*server_certificate, authority.cert)
    own, foreign = authority.issue("engine-1"), other.issue("engine-1")
    async with serving(files) as server:
        assert await server.code(client(authority)) is UNAVAILABLE
        assert await server.code(client(authority, foreign)) is UNAVAILABLE
        assert await server.code(client(authority, own)) is OK


def known_by(certificate: str) -> Credentials:
    table = f'[[caller]]\nname = "a"\nroles = ["metrics"]\ncertificate = "{certificate}"\n'
    return read_credentials(table.encode(), has_certificates=True)


@pytest.mark.parametrize(
    ("known", "code"),
    [
        ("engine-1", OK),
        ("engine-1.venue.example", OK),
        ("spiffe://venue.example/engine-1", OK),
        ("venue.example", grpc.StatusCode.UNAUTHENTICATED),
        ("ENGINE-1", grpc.StatusCode.UNAUTHENTICATED),
    ],
)
async def test_a_caller_is_known_by_a_name_of_its_certificate(
    authority: Authority, server_certificate: Certificate, known: str, code: grpc.StatusCode
) -> None:
    """By its common name or any alternative one, and as it stands there."""
    names = "DNS:engine-1.venue.example,URI:spiffe://venue.example/engine-1"
    own = authority.issue("engine-1", names)
    async with serving(TlsFiles(*server_certificate, authority.cert), known_by(known)) as server:
        assert await server.code(client(authority, own)) is code


async def test_a_certificate_is_replaced_while_connections_go_on(
    authority: Authority, other: Authority, server_certificate: Certificate
) -> None:
    async with serving(TlsFiles(*server_certificate)) as server:
        async with open_channel(f"127.0.0.1:{server.port}", client(authority)) as before:
            assert await code_over(before) is OK
            server.tls.take(TlsFiles(*other.server()).read())
            assert await code_over(before) is OK
        assert await server.code(client(authority)) is UNAVAILABLE
        assert await server.code(client(other)) is OK


async def test_the_cas_of_clients_are_replaced(
    authority: Authority, other: Authority, server_certificate: Certificate
) -> None:
    old, new = authority.issue("engine-1"), other.issue("engine-1")
    async with serving(TlsFiles(*server_certificate, authority.cert)) as server:
        server.tls.take(TlsFiles(*server_certificate, other.cert).read())
        assert await server.code(client(authority, old)) is UNAVAILABLE
        assert await server.code(client(authority, new)) is OK


def test_what_cannot_be_served_is_named(
    authority: Authority, server_certificate: Certificate, tmp_path: Path
) -> None:
    cert, key = server_certificate
    missing, text, locked = tmp_path / "none", tmp_path / "text", tmp_path / "locked.key"
    text.write_text("no certificate\n")
    run_openssl("ec", "-in", str(key), "-aes256", "-passout", PASSWORD, "-out", str(locked))
    wrong = {
        TlsFiles(missing, key): f"{missing}: No such file or directory",
        TlsFiles(cert, missing): f"{missing}: No such file or directory",
        TlsFiles(cert, key, missing): f"{missing}: No such file or directory",
        TlsFiles(text, key): f"{text}, {key}: certificate and key cannot be used: ",
        TlsFiles(cert, text): f"{cert}, {text}: certificate and key cannot be used: ",
        TlsFiles(cert, authority.issue("engine-1").key): "KEY_VALUES_MISMATCH",
        TlsFiles(cert, locked): "the key is encrypted",
        TlsFiles(cert, key, text): f"{text}: no certificates: ",
    }
    for files, said in wrong.items():
        with pytest.raises(TlsError) as caught:
            files.read()
        assert said in str(caught.value)
