"""Clients over the wire that are registered before what they send first, for tests."""

from collections.abc import Callable, Iterator
from typing import Any

import grpc
from google.protobuf.message import Message

from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.api.v1.risk_service_pb2_grpc import RiskServiceStub


class Registering(grpc.UnaryUnaryClientInterceptor, grpc.StreamStreamClientInterceptor):
    """Has requests name the incarnations of their clients, and registers those that are new.

    A request that names one, and bytes, are sent as they are.
    """

    def __init__(self, channel: grpc.Channel) -> None:
        self._risk = RiskServiceStub(channel)
        self._known: dict[str, int] = {}

    def intercept_unary_unary(self, go_on: Callable[..., Any], details: Any, request: Any) -> Any:
        """Send one request."""
        return go_on(details, self._named(request))

    def intercept_stream_stream(
        self, go_on: Callable[..., Any], details: Any, requests: Any
    ) -> Any:
        """Send a stream of them."""
        return go_on(details, self._all_named(requests))

    def _all_named(self, requests: Iterator[Any]) -> Iterator[Any]:
        for request in requests:
            yield self._named(request)

    def _named(self, request: Any) -> Any:
        key = getattr(request, "key", None) if isinstance(request, Message) else None
        if key is None or key.incarnation or not key.client_id:
            return request
        named = type(request)()
        named.CopyFrom(request)
        named.key.incarnation = self.incarnation(key.client_id)
        return named

    def incarnation(self, client_id: str) -> int:
        """Return that of a client, which is registered if it is new; 0 if it cannot be."""
        if client_id not in self._known:
            self._known[client_id] = self._asked(client_id) or self._registered(client_id)
        return self._known[client_id]

    def _asked(self, client_id: str) -> int:
        try:
            asked = risk_pb.GetClientRequest(client_id=client_id)
            return int(self._risk.GetClient(asked).client.incarnation)
        except grpc.RpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise
        return 0

    def _registered(self, client_id: str) -> int:
        request = risk_pb.RegisterClientRequest(client_id=client_id)
        return int(self._risk.RegisterClient(request).result.incarnation)
