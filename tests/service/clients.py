"""Clients for tests: one that is new is registered before what it sends first."""

from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message

from riskengine.api.v1.risk_service_pb2 import RegisterClientRequest
from riskengine.machine.machine import Machine
from riskengine.machine.sessions import ClientName


def register(client_id: str) -> RegisterClientRequest:
    return RegisterClientRequest(client_id=client_id)


def registrations(machine: Machine, request: Message, caller: str = "") -> Iterator[Message]:
    """Yield what registers the client of a request, if it has one that is not known."""
    key = getattr(request, "key", None)
    if key is None or key.incarnation or not key.client_id:
        return
    if machine.sessions.client(ClientName(caller, key.client_id)) is None:
        yield register(key.client_id)


def with_incarnation(machine: Machine, request: Message, caller: str = "") -> Message:
    """Return a request that names its client's incarnation, if it does not name any."""
    key = getattr(request, "key", None)
    if key is None or key.incarnation or not key.client_id:
        return request
    client = machine.sessions.client(ClientName(caller, key.client_id))
    named: Any = type(request)()
    named.CopyFrom(request)
    named.key.incarnation = client.incarnation if client else 0
    assert isinstance(named, Message)
    return named
