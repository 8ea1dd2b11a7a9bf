"""The file of credentials: who there is, how each is known, and what each may do.

It holds no secret: of a token it has the SHA-256, which tells nothing of a token that is random.
"""

import hmac
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from riskengine.service.roles import Reach, Role

MAX_FILE_BYTES = 1 << 20
MAX_CALLERS = 256
"""Each call is held against every token, so that its time tells nothing."""
MAX_CALLER_ACCOUNTS = 10_000
MAX_NAME_LENGTH = 64
MIN_TOKEN_LENGTH = 32
"""A shorter token could be guessed, and is nobody's."""

MAX_CALLS_PER_SECOND = 1_000_000

KEYS = ("name", "roles", "token_sha256", "certificate", "accounts", "calls_per_second")
INT64_MAX = (1 << 63) - 1

_NAME = re.compile(rf"[A-Za-z0-9._][A-Za-z0-9._-]{{0,{MAX_NAME_LENGTH - 1}}}")
"""It does not begin with a dash: that alone stands for nobody where callers are listed."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


class CredentialsError(Exception):
    """Say where in the file of credentials something is wrong, and what is allowed."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a name, and what it may do.

    `accounts` are those that it is held to, `calls_per_second` how often it may call; None: no
    limit.
    """

    name: str
    roles: frozenset[Role]
    accounts: frozenset[int] | None = None
    calls_per_second: int | None = None

    def may_reach(self, reach: Reach, account_id: int | None = None) -> bool:
        """Return whether what an RPC tells is within its accounts; of `account_id`, if of one."""
        if self.accounts is None or reach is Reach.VENUE:
            return True
        return reach is Reach.ACCOUNT and (account_id is None or account_id in self.accounts)


class Shown(NamedTuple):
    """What a call shows: the digest of its token, None without one, and its certificate's names."""

    token_digest: bytes | None
    certificate_names: frozenset[str]

    @property
    def is_nothing(self) -> bool:
        """Return whether it shows nothing at all."""
        return self.token_digest is None and not self.certificate_names


def token_digest(token: str) -> bytes:
    """Return what is compared of a token."""
    return sha256(token.encode()).digest()


class _Entry(NamedTuple):
    caller: Caller
    token_digest: bytes | None
    certificate: str


class Credentials:
    """Those of one state of the file."""

    def __init__(self, entries: Sequence[_Entry], *, has_certificates: bool) -> None:
        self.has_certificates = has_certificates
        self._with_token = [
            (entry.token_digest, entry) for entry in entries if entry.token_digest is not None
        ]
        self._by_certificate = {
            entry.certificate: entry.caller for entry in entries if entry.token_digest is None
        }
        self.names = frozenset(entry.caller.name for entry in entries)

    def caller_of(self, shown: Shown) -> Caller | None:
        """Return who shows this; None when that is nobody, or when it is not clear who.

        A token that is shown must be somebody's: a certificate beside it does not make up for it.
        """
        if shown.token_digest is not None:
            return self._token_holder(shown.token_digest, shown.certificate_names)
        callers = {
            caller
            for name in shown.certificate_names
            if (caller := self._by_certificate.get(name)) is not None
        }
        return callers.pop() if len(callers) == 1 else None

    def _token_holder(self, digest: bytes, certificate_names: frozenset[str]) -> Caller | None:
        found = self._entry_of(digest)
        if found is None or (found.certificate and found.certificate not in certificate_names):
            return None
        return found.caller

    def caller_with(self, digest: bytes) -> Caller | None:
        """Return whose a token is, whatever certificate must come with it."""
        found = self._entry_of(digest)
        return None if found is None else found.caller

    def _entry_of(self, digest: bytes) -> _Entry | None:
        """Compare with every token, however early one is the same."""
        found = None
        for known, entry in self._with_token:
            if hmac.compare_digest(known, digest):
                found = entry
        return found


def read_credentials(raw: bytes, *, has_certificates: bool) -> Credentials:
    """Return what the bytes of a file say; raises `CredentialsError` for the first fault.

    `has_certificates`: clients show certificates that the server verifies.
    """
    if len(raw) > MAX_FILE_BYTES:
        raise CredentialsError(f"{len(raw)} bytes; allowed: up to {MAX_FILE_BYTES}")
    try:
        content = tomllib.loads(raw.decode())
    except (ValueError, RecursionError) as error:  # of its own kind, and of numbers and depth
        raise CredentialsError(f"not TOML: {error}") from error
    unknown = sorted(content.keys() - {"caller"})
    if unknown:
        raise CredentialsError(f"{unknown[0]}: unknown; there is nothing but [[caller]]")
    tables = content.get("caller")
    if not isinstance(tables, list) or not 1 <= len(tables) <= MAX_CALLERS:
        count = len(tables) if isinstance(tables, list) else "no list"
        raise CredentialsError(f"[[caller]]: {count}; allowed: 1 to {MAX_CALLERS} of them")
    entries = [
        _entry(f"caller {number}", table, has_certificates=has_certificates)
        for number, table in enumerate(tables, 1)
    ]
    _check_apart("name", [entry.caller.name for entry in entries])
    _check_apart("token_sha256", [e.token_digest for e in entries if e.token_digest])
    _check_apart("certificate", [e.certificate for e in entries if not e.token_digest])
    return Credentials(entries, has_certificates=has_certificates)


def _entry(where: str, table: Any, *, has_certificates: bool) -> _Entry:
    if not isinstance(table, dict):
        raise CredentialsError(f"{where}: {table!r} is no table")
    unknown = sorted(table.keys() - set(KEYS))
    if unknown:
        raise CredentialsError(f"{where}: {unknown[0]}: unknown; the keys are {', '.join(KEYS)}")
    name = table.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        marks = "letters, digits, dots, dashes and underscores"
        allowed = f"1 to {MAX_NAME_LENGTH} {marks}, no dash first"
        raise CredentialsError(f"{where}: name: {name!r}; allowed: {allowed}")
    where = f"{where}, {name}"
    digest = _digest(where, table)
    certificate = _certificate(where, table, has_certificates=has_certificates)
    if digest is None and not certificate:
        raise CredentialsError(f"{where}: it needs token_sha256, certificate, or both")
    roles = _roles(where, table)
    accounts, rate = _accounts(where, table, roles), _calls_per_second(where, table)
    return _Entry(Caller(name, roles, accounts, rate), digest, certificate)


def _digest(where: str, table: Mapping[str, Any]) -> bytes | None:
    digest = table.get("token_sha256")
    if digest is None:
        return None
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        # What stands there may be the token itself: it is not repeated.
        raise CredentialsError(f"{where}: token_sha256: not 64 small hexadecimal digits")
    return bytes.fromhex(digest)


def _certificate(where: str, table: Mapping[str, Any], *, has_certificates: bool) -> str:
    certificate = table.get("certificate")
    if certificate is None:
        return ""
    if not isinstance(certificate, str) or not certificate:
        raise CredentialsError(f"{where}: certificate: {certificate!r} is not a name")
    if not has_certificates:
        raise CredentialsError(f"{where}: certificate: clients show none without tls_client_ca")
    return certificate


def _roles(where: str, table: Mapping[str, Any]) -> frozenset[Role]:
    roles = table.get("roles")
    known = [role.value for role in Role]
    if not isinstance(roles, list) or not roles or any(role not in known for role in roles):
        allowed = f"a list of {', '.join(known)}"
        raise CredentialsError(f"{where}: roles: {roles!r}; allowed: {allowed}")
    return frozenset(map(Role, roles))


def _accounts(
    where: str, table: Mapping[str, Any], roles: frozenset[Role]
) -> frozenset[int] | None:
    accounts = table.get("accounts")
    if accounts is None:
        return None
    if roles != {Role.ACCOUNT_READER}:
        raise CredentialsError(f"{where}: accounts: for one with the role account_reader alone")
    if not isinstance(accounts, list) or not 1 <= len(accounts) <= MAX_CALLER_ACCOUNTS:
        raise CredentialsError(f"{where}: accounts: allowed: 1 to {MAX_CALLER_ACCOUNTS} of them")
    for account in accounts:
        if not isinstance(account, int) or isinstance(account, bool):
            raise CredentialsError(f"{where}: accounts: {account!r} is not a whole number")
        if not 1 <= account <= INT64_MAX:
            raise CredentialsError(f"{where}: accounts: {account}; allowed: 1 to {INT64_MAX}")
    return frozenset(accounts)


def _calls_per_second(where: str, table: Mapping[str, Any]) -> int | None:
    rate = table.get("calls_per_second")
    if rate is None:
        return None
    is_number = isinstance(rate, int) and not isinstance(rate, bool)
    if not is_number or not 1 <= rate <= MAX_CALLS_PER_SECOND:
        allowed = f"1 to {MAX_CALLS_PER_SECOND}"
        raise CredentialsError(f"{where}: calls_per_second: {rate!r}; allowed: {allowed}")
    return int(rate)


def _check_apart(key: str, values: Sequence[object]) -> None:
    seen: set[object] = set()
    for value in values:
        if value in seen:
            shown = f"{value} " if isinstance(value, str) else ""
            raise CredentialsError(f"{key}: {shown}stands with two callers")
        seen.add(value)
