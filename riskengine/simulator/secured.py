"""A run over mutual TLS: its own CA, a certificate for each who calls, and the roles of each."""

from pathlib import Path
from typing import NamedTuple

from riskengine.client_files import ClientFiles
from riskengine.simulator.certificates import Authority
from riskengine.simulator.client import Callers

CREDENTIALS_NAME = "credentials.toml"
ROLES = {
    "demo-venue": ("matching_engine", "gateway"),
    "demo-desk": ("account_reader",),
    "demo-operator": ("operator",),
}
"""Who calls in a run. The venue's one stream brings trades and what customers pay in."""


class Secured(NamedTuple):
    """The server's settings, and what each caller shows."""

    settings: dict[str, str]
    callers: Callers


def secure(folder: Path) -> Secured:
    """Make in a folder all that a run needs to be secured; raises `CertificatesError`."""
    authority = Authority(folder, "demo-ca")
    server = authority.server()
    credentials = folder / CREDENTIALS_NAME
    credentials.write_text("".join(map(_table, ROLES)), encoding="utf-8")
    settings = {
        "TLS_CERT": server.cert,
        "TLS_KEY": server.key,
        "TLS_CLIENT_CA": authority.cert,
        "CREDENTIALS": credentials,
    }
    files = []
    for name in ROLES:
        own = authority.issue(name)
        files.append(ClientFiles(ca=str(authority.cert), cert=str(own.cert), key=str(own.key)))
    return Secured({name: str(path) for name, path in settings.items()}, Callers(*files))


def _table(name: str) -> str:
    roles = ", ".join(f'"{role}"' for role in ROLES[name])
    return f'[[caller]]\nname = "{name}"\nroles = [{roles}]\ncertificate = "{name}"\n\n'
