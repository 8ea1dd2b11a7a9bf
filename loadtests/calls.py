"""Calls that report to Locust, and a Submit stream that asks and waits."""

import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue

import grpc
from locust.env import Environment

from riskengine.api.v1 import common_pb2, risk_service_pb2, risk_service_pb2_grpc
from riskengine.units import MILLIS_PER_SECOND

DEADLINE_SECONDS = 10.0


class RefusedError(Exception):
    """Rows of a batch that should all be taken were refused."""


def require_applied(result: common_pb2.CommandResult) -> int:
    """Return the rows applied; raise RefusedError with the first rejection when one was not."""
    if result.rejected_rows:
        raise RefusedError(result.rejections[0].message)
    return result.applied_rows


def timed(environment: Environment, name: str, call: Callable[[], int]) -> None:
    """Make a call that returns its rows, and report latency and rows, or its failure.

    Rows stand where Locust has the length of a response. Failures are counted, not raised.
    """
    begin = time.perf_counter()
    rows, error = 0, None
    try:
        rows = call()
    except (grpc.RpcError, RefusedError) as caught:
        error = caught
    environment.events.request.fire(
        request_type="grpc",
        name=name,
        response_time=(time.perf_counter() - begin) * MILLIS_PER_SECOND,
        response_length=rows,
        exception=error,
        context={},
    )


def first_key(
    stub: risk_service_pb2_grpc.RiskServiceStub, client_id: str
) -> common_pb2.IdempotencyKey:
    """Register a client and return the key of what it sends first; raises RefusedError."""
    request = risk_service_pb2.RegisterClientRequest(client_id=client_id)
    result = stub.RegisterClient(request, timeout=DEADLINE_SECONDS).result
    if not result.incarnation:
        raise RefusedError(result.rejections[0].message)
    return common_pb2.IdempotencyKey(
        client_id=client_id, batch_sequence=1, incarnation=result.incarnation
    )


class SubmitStream:
    """One Submit stream; a batch is sent when the one before is answered.

    After an error it is unknown whether the batch was applied, so the next batch begins a new
    stream under a new client id.
    """

    def __init__(self, stub: risk_service_pb2_grpc.RiskServiceStub, client_id: str) -> None:
        self._stub = stub
        self._client_id = client_id
        self._openings = 0
        self._responses: Iterator[risk_service_pb2.SubmitResponse] | None = None

    def ask(self, batch: risk_service_pb2.SubmitRequest) -> common_pb2.CommandResult:
        """Send one batch and wait until it is durable; raises grpc.RpcError or RefusedError."""
        responses = self._responses or self._open()
        batch.key.CopyFrom(self._key)
        self._requests.put(batch)
        try:
            response = next(responses, None)
        except grpc.RpcError:
            self._responses = None
            raise
        if response is None:
            self._responses = None
            raise RefusedError("the server ended the stream")
        self._key.batch_sequence += response.result.sequence > 0
        return response.result

    def _open(self) -> Iterator[risk_service_pb2.SubmitResponse]:
        self._openings += 1
        self._key = first_key(self._stub, f"{self._client_id}-{self._openings}")
        self._requests: SimpleQueue[risk_service_pb2.SubmitRequest | None] = SimpleQueue()
        self._responses = self._stub.Submit(iter(self._requests.get, None))
        return self._responses

    def close(self) -> None:
        """End the stream."""
        if self._responses is not None:
            self._requests.put(None)
