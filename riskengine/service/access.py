"""Who a call is from, and whether it may be made: held against the credentials of the moment.

Without credentials everybody may do everything, under no name. New credentials hold from the next
call on, and for streams that are open: who is in them no more, or may no longer do what the stream
does, has his streams ended.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Protocol

import structlog

from riskengine.machine.contract import SERVICES
from riskengine.machine.journalled import is_audited
from riskengine.metrics.statistics import AccessStatistics
from riskengine.service.credentials import (
    MIN_TOKEN_LENGTH,
    Caller,
    Credentials,
    Shown,
    token_digest,
)
from riskengine.service.errors import CallError, CallReason
from riskengine.service.rates import Rates
from riskengine.service.roles import RPCS, Role
from riskengine.service.status import CODES

PACKAGE = SERVICES[0].file.package
AUTHORIZATION = "authorization"
SCHEME = "bearer "
NAMES_OF_CERTIFICATE = ("x509_common_name", "x509_subject_alternative_name")
"""Where gRPC puts the names that a client's certificate has, once it is verified."""

NO_TOKEN = b""
"""In place of the digest of a token that cannot be anybody's."""

UNAUTHENTICATED = frozenset({CallReason.NO_CREDENTIALS, CallReason.UNKNOWN_CREDENTIALS})
DENIED = frozenset({CallReason.ROLE_MISSING, CallReason.OTHER_ACCOUNT})

ANYBODY = Caller("", frozenset(Role))

_LOG = structlog.get_logger("riskengine.rpc")

Metadata = Iterable[tuple[str, str | bytes]]


class CallContext(Protocol):
    """What gRPC says of a call."""

    def invocation_metadata(self) -> Metadata | None:
        """Return the metadata that came with the call."""
        ...

    def auth_context(self) -> Mapping[str, Iterable[bytes]]:
        """Return what TLS knows of the client."""
        ...


class Admission:
    """A call that was admitted: who makes it, and whether he still may.

    `shown` is None where there are no credentials. `streams` are the open streams of all callers.
    """

    __slots__ = ("_listeners", "_streams", "caller", "refusal", "rpc", "shown")

    def __init__(
        self, rpc: str, caller: Caller, shown: Shown | None, streams: "set[Admission]"
    ) -> None:
        self.rpc = rpc
        self.caller = caller
        self.shown = shown
        self.refusal: CallError | None = None
        self._streams = streams
        self._listeners: list[Callable[[], object]] = []

    def check(self) -> None:
        """Raise `CallError` if the caller was revoked since the call began."""
        if self.refusal is not None:
            raise self.refusal.fresh()

    def check_rpc(self, rpc: str) -> None:
        """Raise `CallError` unless the caller may do what another RPC does."""
        _check_roles(self.caller, rpc)

    def check_account(self, account_id: int) -> None:
        """Raise `CallError` unless the caller may hear of an account; 0 is all of them."""
        if not self.caller.may_reach(RPCS[self.rpc].reach, account_id):
            raise CallError(CallReason.OTHER_ACCOUNT, caller=self.caller.name, rpc=self.rpc)

    def is_noted(self, rpc: str) -> bool:
        """Return whether the caller is noted in the journal with a command, even without a key.

        He is with whatever sets the venue up or moves money, and an operator with all.
        """
        return is_audited(rpc) or Role.OPERATOR in self.caller.roles

    def revoke(self, refusal: CallError) -> None:
        """End the stream."""
        self.refusal = refusal
        for listener in list(self._listeners):
            listener()

    @contextmanager
    def notify(self, listener: Callable[[], object]) -> Iterator[None]:
        """Call `listener` if the caller is revoked while the body lasts, at once if he is."""
        if self.refusal is not None:
            listener()
        self._listeners.append(listener)
        self._streams.add(self)
        try:
            yield
        finally:
            self._listeners.remove(listener)
            if not self._listeners:
                self._streams.discard(self)

    @asynccontextmanager
    async def unless_revoked(self, grace_seconds: float = 0) -> AsyncIterator[None]:
        """Cancel the body some time after the caller is revoked; raises `CallError` then."""
        try:
            async with asyncio.timeout(None) as limit:
                with self.notify(partial(_end_soon, limit, grace_seconds)):
                    yield
        except TimeoutError:
            self.check()
            raise


class AccessControl:
    """Admit calls; used on the event loop alone. `credentials`: None when there are none at all."""

    def __init__(self, credentials: Credentials | None, statistics: AccessStatistics) -> None:
        self._credentials = credentials
        self._statistics = statistics
        self._streams: set[Admission] = set()
        self._rates = Rates()

    def admit(self, rpc: str, context: CallContext) -> Admission:
        """Return who makes a call of an RPC; raises `CallError` unless he may."""
        if self._credentials is None:
            return Admission(rpc, ANYBODY, None, self._streams)
        metadata = context.invocation_metadata() or ()
        shown = Shown(_token_digest(metadata), _certificate_names(context.auth_context()))
        caller = self._caller_of(rpc, shown)
        if not RPCS[rpc].is_reserved:
            self._rates.take(caller)
        return Admission(rpc, caller, shown, self._streams)

    def refusal(self, path: str, metadata: Metadata) -> CallError | None:
        """Return why a call ends before it has a place, None if its metadata does not say so.

        So strangers hold no places. What a certificate tells is known later, to `admit`; who has
        none of these CAs comes no further than the handshake.
        """
        if self._credentials is None:
            return None
        rpc = _rpc_of(path)
        try:
            self._check_metadata(rpc, self._credentials, metadata)
        except CallError as error:
            self.note(error)
            status, reason = CODES[error.reason].name, error.reason.name
            _LOG.info("call.end", rpc=rpc, status=status, **error.caller, reason=reason)
            return error
        return None

    def note(self, error: CallError) -> None:
        """Count what ended a call, if it is a want of credentials or rights, or a rate."""
        if error.reason in UNAUTHENTICATED:
            self._statistics.unauthenticated_calls += 1
        elif error.reason in DENIED:
            self._statistics.denied_calls += 1
        elif error.reason is CallReason.TOO_MANY_OF_CALLER:
            self._statistics.limited_calls += 1

    def replace(self, credentials: Credentials) -> int:
        """Go by other credentials from now on; return how many open streams that ends."""
        assert self._credentials is not None, "who began without credentials goes on without"
        self._credentials = credentials
        self._rates.keep(credentials.names)
        ended = 0
        for admission in list(self._streams):
            assert admission.shown is not None
            try:
                admission.caller = self._caller_of(admission.rpc, admission.shown)
            except CallError as error:
                ended += 1
                admission.revoke(error)
        return ended

    @staticmethod
    def _check_metadata(rpc: str, credentials: Credentials, metadata: Metadata) -> None:
        digest = _token_digest(metadata)
        if digest is not None:
            _check_caller(credentials.caller_with(digest), rpc)
        elif not credentials.has_certificates:
            raise CallError(CallReason.NO_CREDENTIALS)

    def _caller_of(self, rpc: str, shown: Shown) -> Caller:
        assert self._credentials is not None
        if shown.is_nothing:
            raise CallError(CallReason.NO_CREDENTIALS)
        return _check_caller(self._credentials.caller_of(shown), rpc)


def _check_caller(caller: Caller | None, rpc: str) -> Caller:
    """Return a caller that is known and may make calls of an RPC; raises `CallError`."""
    if caller is None:
        raise CallError(CallReason.UNKNOWN_CREDENTIALS)
    _check_roles(caller, rpc)
    if not caller.may_reach(RPCS[rpc].reach):
        raise CallError(CallReason.OTHER_ACCOUNT, caller=caller.name, rpc=rpc)
    return caller


def _rpc_of(path: str) -> str:
    """Return the name under which the RPC of a path stands in tables."""
    return path.removeprefix("/").removeprefix(f"{PACKAGE}.").replace("/", ".")


def _check_roles(caller: Caller, rpc: str) -> None:
    access = RPCS.get(rpc)
    roles = access.roles if access is not None else frozenset()
    if caller.roles.isdisjoint(roles):
        wanted = ", ".join(sorted(role.value for role in roles)) or "none"
        raise CallError(CallReason.ROLE_MISSING, caller=caller.name, rpc=rpc, roles=wanted)


def _token_digest(metadata: Metadata) -> bytes | None:
    """Return the digest of a call's token, None without one."""
    values = [value for name, value in metadata if name == AUTHORIZATION]
    if not values:
        return None
    value = values[0]
    if len(values) > 1 or not isinstance(value, str) or not value.lower().startswith(SCHEME):
        return NO_TOKEN
    token = value[len(SCHEME) :].strip()
    return token_digest(token) if len(token) >= MIN_TOKEN_LENGTH else NO_TOKEN


def _certificate_names(auth_context: Mapping[str, Iterable[bytes]]) -> frozenset[str]:
    return frozenset(
        name.decode(errors="replace")
        for key in NAMES_OF_CERTIFICATE
        for name in auth_context.get(key, ())
    )


def _end_soon(limit: asyncio.Timeout, grace_seconds: float) -> None:
    if not limit.expired():
        limit.reschedule(asyncio.get_running_loop().time() + grace_seconds)
