"""Certificates of one's own for a run or a test: a CA, and what it signs, made with openssl."""

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

DAYS = 30
RUN_SECONDS = 30
SERVER_NAMES = "DNS:localhost,IP:127.0.0.1,IP:::1"
NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")

_CONFIG = """
[req]
distinguished_name = name
prompt = no
[name]
CN = {name}
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
subjectAltName = {names}
"""


class CertificatesError(Exception):
    """Say what is missing, or what openssl said."""


class Certificate(NamedTuple):
    """The PEM files of a certificate and its key."""

    cert: Path
    key: Path


class Authority:
    """A CA of one's own in a folder; raises `CertificatesError`."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        self._folder = folder
        config = self._config(name, f"DNS:{name}")
        self._own = own = self._paths(name)
        made = ("-keyout", str(own.key), "-out", str(own.cert))
        run_openssl(
            "req", "-x509", "-extensions", "ca", "-days", str(DAYS), *NEW_KEY, *config, *made
        )

    @property
    def cert(self) -> Path:
        """Return the CA's certificate."""
        return self._own.cert

    def server(self) -> Certificate:
        """Make the certificate of a server on this machine."""
        return self.issue("server", SERVER_NAMES)

    def issue(self, name: str, names: str = "") -> Certificate:
        """Make a certificate for a name; `names` are its alternative ones, else the same."""
        config = self._config(name, names or f"DNS:{name}")
        made, request = self._paths(name), str(self._folder / f"{name}.csr")
        run_openssl("req", "-new", *NEW_KEY, *config, "-keyout", str(made.key), "-out", request)
        signed = ("x509", "-req", "-in", request, "-out", str(made.cert), "-days", str(DAYS))
        signer = ("-CA", str(self._own.cert), "-CAkey", str(self._own.key), "-CAcreateserial")
        run_openssl(*signed, *signer, "-extfile", config[1], "-extensions", "leaf")
        return made

    def _config(self, name: str, names: str) -> tuple[str, str]:
        path = self._folder / f"{name}.cnf"
        path.write_text(_CONFIG.format(name=name, names=names), encoding="utf-8")
        return "-config", str(path)

    def _paths(self, name: str) -> Certificate:
        return Certificate(self._folder / f"{name}.pem", self._folder / f"{name}.key")


def run_openssl(*arguments: str) -> None:
    """Run openssl; raises `CertificatesError`."""
    program = shutil.which("openssl")
    if program is None:
        raise CertificatesError("openssl, which makes the certificates, is not installed")
    done = subprocess.run(
        [program, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise CertificatesError(f"openssl {arguments[0]}: {done.stderr.strip()}")
