"""A real server behind mutual TLS and credentials, and clients of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from riskengine.channels import open_blocking
from riskengine.client_files import ClientFiles
from riskengine.simulator.certificates import Authority, Certificate
from tests.e2e.server import Client, Server


def token_of(name: str) -> str:
    return f"{name}-{'t' * 40}"


def table(name: str, roles: Sequence[str], *, certificate: bool = True, more: str = "") -> str:
    """Return a caller that is known by its certificate, or by its token."""
    digest = sha256(token_of(name).encode()).hexdigest()
    shown = f'certificate = "{name}"' if certificate else f'token_sha256 = "{digest}"'
    names = ", ".join(f'"{role}"' for role in roles)
    return f'[[caller]]\nname = "{name}"\nroles = [{names}]\n{shown}\n{more}\n'


ENGINE = table("engine", ["matching_engine"])
WALLET = table("wallet", ["gateway"], certificate=False)
OPERATOR = table("operator", ["operator"])
ALL = ENGINE + WALLET + OPERATOR


class Secured:
    """The files of a server and of its clients; `authority` signs for both."""

    def __init__(self, folder: Path, authority: Authority, certificate: Certificate) -> None:
        self.folder = folder
        self.authority = authority
        self.credentials = folder / "callers.toml"
        self.cert, self.key = folder / "own.pem", folder / "own.key"
        self.serve_with(certificate)
        self.credentials.write_text(ALL)

    @property
    def settings(self) -> dict[str, str]:
        return {
            "tls_cert": str(self.cert),
            "tls_key": str(self.key),
            "tls_client_ca": str(self.authority.cert),
            "credentials": str(self.credentials),
            "log_level": "debug",
        }

    def serve_with(self, certificate: Certificate) -> None:
        replace(self.key, certificate.key.read_text())
        replace(self.cert, certificate.cert.read_text())

    def know(self, text: str) -> None:
        """Replace the file of credentials."""
        replace(self.credentials, text)

    def files(self, name: str, *, token: str = "") -> ClientFiles:
        """Return what a client shows: a certificate of that name, and a token."""
        own = self.authority.issue(name)
        token_file = self.folder / f"{name}.token"
        token_file.write_text(f"{token}\n")
        return ClientFiles(
            ca=str(self.authority.cert),
            cert=str(own.cert),
            key=str(own.key),
            token_file=str(token_file) if token else "",
        )

    @contextmanager
    def client(self, server: Server, name: str, *, token: str = "") -> Iterator[Client]:
        files = self.files(name, token=token)
        with open_blocking(server.grpc_address, files) as channel:
            yield Client(channel)


def replace(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)
