"""The table from reasons to statuses: complete, and with every dynamic part as metadata."""

import string

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo

from riskengine.service.errors import CallError, CallReason, invalid_field
from riskengine.service.status import CODES, rich_status, status_proto


def fields_of(reason: CallReason) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(reason.value) if name]


@pytest.mark.parametrize("reason", CallReason)
def test_every_reason_has_a_code_and_an_error_info(reason: CallReason) -> None:
    metadata = dict.fromkeys(fields_of(reason), 7)
    proto = status_proto(CallError(reason, **metadata))
    assert CODES[reason] is not grpc.StatusCode.OK
    assert proto.code == CODES[reason].value[0]
    info = ErrorInfo()
    assert proto.details[0].Unpack(info)
    assert (info.domain, info.reason) == ("riskengine", reason.name)
    assert dict(info.metadata) == dict.fromkeys(fields_of(reason), "7")
    assert proto.message == reason.value.format(**metadata)


def test_a_field_is_named_in_a_bad_request() -> None:
    proto = status_proto(invalid_field("page_size", -1, "1 to 1000"))
    bad = BadRequest()
    assert proto.details[1].Unpack(bad)
    assert [violation.field for violation in bad.field_violations] == ["page_size"]
    assert bad.field_violations[0].description == "page_size is -1; allowed: 1 to 1000"


def test_a_status_carries_its_details_as_metadata() -> None:
    error = CallError(CallReason.ACCOUNT_NOT_FOUND, account_id=5, asset_id=1, isolated_market_id=0)
    status = rich_status(error)
    assert status.code is grpc.StatusCode.NOT_FOUND
    assert status.details == "5 has no account of asset 1 and isolated market 0"
    assert [name for name, _ in status.trailing_metadata] == ["grpc-status-details-bin"]


def test_a_fresh_error_equals_the_first() -> None:
    first = CallError(CallReason.JOURNAL_FAILED, cause="disk full")
    again = first.fresh()
    assert again is not first
    assert (again.reason, again.metadata) == (first.reason, first.metadata)


def test_who_calls_too_often_is_told_when_to_call_again() -> None:
    error = CallError(CallReason.TOO_MANY_OF_CALLER, caller="a", limit=4, retry_millis=250)
    retry = RetryInfo()
    assert status_proto(error).details[1].Unpack(retry)
    assert retry.retry_delay.ToMilliseconds() == 250
