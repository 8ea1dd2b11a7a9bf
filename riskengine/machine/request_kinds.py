"""What can stand in a journal: the kind's number, its request, and the command that this asks.

The live path and replay both read requests here, so that both do the same. All of it follows from
the table of commands and from the contract.
"""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from google.protobuf.message import Message

from riskengine.api.v1.common_pb2 import IdempotencyKey
from riskengine.api.v1.risk_service_pb2 import SubmitRequest
from riskengine.commands import SUBMIT_NUMBER, CommandKind
from riskengine.machine.command import Asked, Command
from riskengine.machine.content import digest_of
from riskengine.machine.contract import request_type
from riskengine.machine.mapping.arguments import Arguments
from riskengine.machine.mapping.columns import BATCHES, batch_command
from riskengine.machine.mapping.known import read_known
from riskengine.machine.mapping.plain import PlainForm
from riskengine.machine.sessions import ClientName, SessionKey

_NO_KEY = IdempotencyKey()
"""Of what may be sent again without one."""


@dataclass(frozen=True, slots=True)
class RequestKind:
    """One kind of journalled request; its record's payload is the request's bytes as received.

    `command` maps the request, to None when it holds no batch. `requires_key`: a request without
    an idempotency key is refused. `plain` reads the usual bytes of a batch in less time.
    """

    number: int
    request: type[Message]
    command: Callable[[Any], Command | None]
    requires_key: bool = False
    plain: PlainForm | None = None

    def read(self, raw: bytes) -> Asked:
        """Return what a request's bytes ask; raises DecodeError and UnknownFieldError."""
        asked = self.plain.read(raw) if self.plain else None
        return asked or self.parsed(raw)

    def parsed(self, raw: bytes) -> Asked:
        """Do the same the long way, for bytes of any form."""
        return self.asked(read_known(self.request, raw))

    def asked(self, message: Any) -> Asked:
        """Return what a parsed request asks."""
        return Asked(getattr(message, "key", _NO_KEY), self.command(message))

    def session_key(self, asked: Asked, caller: str) -> SessionKey | None:
        """Return the key of a caller's request; None when it is unset and not required."""
        key = asked.key
        if not (self.requires_key or key.client_id or key.batch_sequence):
            return None
        client = ClientName(caller, key.client_id)
        digest = digest_of(asked.command)
        return SessionKey(client, key.incarnation, key.batch_sequence, digest)


def _submitted(request: SubmitRequest) -> Command | None:
    name = request.WhichOneof("batch")
    return None if name is None else batch_command(getattr(request, name))


def _held(name: str) -> Callable[[Message], Command]:
    read = attrgetter(name)
    return lambda request: batch_command(read(request))


def _asking_for(kind: CommandKind) -> RequestKind:
    request = request_type(kind.rpc)
    for field in request.DESCRIPTOR.fields:
        if field.message_type and field.message_type.full_name in BATCHES:
            return RequestKind(kind, request, _held(field.name), plain=PlainForm(request))
    has_rows = kind in {batch.kind for batch in BATCHES.values()}
    return RequestKind(kind, request, Arguments(kind, request, as_row=has_rows).command)


SUBMIT = RequestKind(
    SUBMIT_NUMBER, SubmitRequest, _submitted, requires_key=True, plain=PlainForm(SubmitRequest)
)

REQUEST_KINDS = {
    kind.number: kind for kind in (SUBMIT, *(_asking_for(kind) for kind in CommandKind if kind.rpc))
}
"""Every kind of request, by its number."""

KIND_OF = {kind.request: kind for kind in REQUEST_KINDS.values()}
"""Every kind of request, by its message."""
