"""The one table from the reasons of `errors` to gRPC statuses with google.rpc details."""

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from riskengine.service.errors import CallError, CallReason

DOMAIN = "riskengine"

CODES = {
    CallReason.UNDECODABLE_REQUEST: grpc.StatusCode.INVALID_ARGUMENT,
    CallReason.UNKNOWN_FIELD: grpc.StatusCode.INVALID_ARGUMENT,
    CallReason.INVALID_FIELD: grpc.StatusCode.INVALID_ARGUMENT,
    CallReason.ACCOUNT_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    CallReason.NOT_LOADING: grpc.StatusCode.FAILED_PRECONDITION,
    CallReason.INSTRUCTIONS_TRIMMED: grpc.StatusCode.OUT_OF_RANGE,
    CallReason.INSTRUCTIONS_NOT_YET_MADE: grpc.StatusCode.OUT_OF_RANGE,
    CallReason.SUBSCRIBER_TOO_SLOW: grpc.StatusCode.OUT_OF_RANGE,
    CallReason.INSTRUCTIONS_DAMAGED: grpc.StatusCode.DATA_LOSS,
    CallReason.OTHER_LOG: grpc.StatusCode.FAILED_PRECONDITION,
    CallReason.TOO_MANY_CONSUMERS: grpc.StatusCode.RESOURCE_EXHAUSTED,
    CallReason.CONSUMER_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    CallReason.CLIENT_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    CallReason.CONSUMERS_NOT_WRITTEN: grpc.StatusCode.UNAVAILABLE,
    CallReason.TOO_MANY_STATE_STREAMS: grpc.StatusCode.RESOURCE_EXHAUSTED,
    CallReason.STATE_READ_TOO_SLOWLY: grpc.StatusCode.DEADLINE_EXCEEDED,
    CallReason.STATE_UNREADABLE: grpc.StatusCode.UNAVAILABLE,
    CallReason.SNAPSHOT_FAILED: grpc.StatusCode.FAILED_PRECONDITION,
    CallReason.DEADLINE_PASSED: grpc.StatusCode.DEADLINE_EXCEEDED,
    CallReason.TOO_MANY_CALLS: grpc.StatusCode.RESOURCE_EXHAUSTED,
    CallReason.GAVE_ROOM: grpc.StatusCode.UNAVAILABLE,
    CallReason.START_NOT_CONFIRMED: grpc.StatusCode.UNAVAILABLE,
    CallReason.ALREADY_STARTED: grpc.StatusCode.FAILED_PRECONDITION,
    CallReason.SHUTTING_DOWN: grpc.StatusCode.UNAVAILABLE,
    CallReason.DISK_NOT_ANSWERING: grpc.StatusCode.UNAVAILABLE,
    CallReason.JOURNAL_FAILED: grpc.StatusCode.UNAVAILABLE,
    CallReason.NO_CREDENTIALS: grpc.StatusCode.UNAUTHENTICATED,
    CallReason.UNKNOWN_CREDENTIALS: grpc.StatusCode.UNAUTHENTICATED,
    CallReason.ROLE_MISSING: grpc.StatusCode.PERMISSION_DENIED,
    CallReason.OTHER_ACCOUNT: grpc.StatusCode.PERMISSION_DENIED,
    CallReason.TOO_MANY_OF_CALLER: grpc.StatusCode.RESOURCE_EXHAUSTED,
    CallReason.INTERNAL: grpc.StatusCode.INTERNAL,
}


RETRY_MILLIS = {
    CallReason.TOO_MANY_CALLS: 500,
    CallReason.GAVE_ROOM: 500,
    CallReason.TOO_MANY_STATE_STREAMS: 1_000,
}
"""After how long the same call may well find a place; some errors know it better."""


def status_proto(error: CallError) -> Status:
    """Return the google.rpc.Status: ErrorInfo, BadRequest for a field, RetryInfo for load."""
    details: list[Message] = [
        ErrorInfo(reason=error.reason.name, domain=DOMAIN, metadata=error.metadata)
    ]
    if error.reason is CallReason.INVALID_FIELD:
        violation = BadRequest.FieldViolation(
            field=error.metadata["field"], description=str(error), reason=error.reason.name
        )
        details.append(BadRequest(field_violations=[violation]))
    retry_millis = error.metadata.get("retry_millis", RETRY_MILLIS.get(error.reason))
    if retry_millis is not None:
        retry = RetryInfo()
        retry.retry_delay.FromMilliseconds(int(retry_millis))
        details.append(retry)
    return Status(code=CODES[error.reason].value[0], message=str(error), details=map(_any, details))


def rich_status(error: CallError) -> grpc.Status:
    """Return the status with its details as trailing metadata, ready to abort a call with."""
    return rpc_status.to_status(status_proto(error))


def _any(message: Message) -> Any:
    packed = Any()
    packed.Pack(message)
    return packed
