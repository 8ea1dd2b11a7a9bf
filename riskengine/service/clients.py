"""What is told of clients: one of the caller's own, or all of them a page at a time."""

from heapq import nsmallest

from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.api.v1.common_pb2 import Client as ClientMessage
from riskengine.machine.sessions import Client, ClientName
from riskengine.service.errors import CallError, CallReason
from riskengine.service.paging import ClientPage, token_of_client
from riskengine.service.parts import Parts


def client_response(parts: Parts, name: ClientName) -> risk_pb.GetClientResponse:
    """Return what is known of a client; raises `CallError` when it is not registered."""
    client = parts.machine.sessions.client(name)
    if client is None:
        raise CallError(CallReason.CLIENT_NOT_FOUND, client_id=name.client_id)
    return risk_pb.GetClientResponse(
        client=_told(client), sequence=parts.machine.engine.sequence, log_id=parts.identity.log_id
    )


def list_clients(
    parts: Parts, request: admin_pb.ListClientsRequest
) -> admin_pb.ListClientsResponse:
    """Return a page of all clients; raises `CallError` that names the field."""
    page, sessions = ClientPage.of_request(request), parts.machine.sessions
    later = (name for name in sessions.names() if name > page.after)
    found = nsmallest(page.size + 1, later)
    listed = found[: page.size]
    clients = map(sessions.client, listed)
    return admin_pb.ListClientsResponse(
        clients=[_told(client) for client in clients if client is not None],
        next_page_token=token_of_client(listed[-1]) if len(found) > page.size else "",
        client_count=len(sessions),
        sequence=parts.machine.engine.sequence,
        log_id=parts.identity.log_id,
    )


def _told(client: Client) -> ClientMessage:
    return ClientMessage(
        caller=client.name.caller,
        client_id=client.name.client_id,
        incarnation=client.incarnation,
        next_batch_sequence=client.last_sequence + 1,
        used_nanos=client.used_nanos,
        answer_count=client.answer_count,
    )
