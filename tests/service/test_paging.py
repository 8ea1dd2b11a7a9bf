"""The bounds of a page, and the field that is named when they are passed."""

import pytest

from riskengine.api.v1.account_service_pb2 import ListAccountsRequest
from riskengine.service.errors import CallError, CallReason
from riskengine.service.paging import ID_MAX, Page


@pytest.mark.parametrize(
    ("request_", "page"),
    [
        (ListAccountsRequest(), Page((0, ID_MAX, ID_MAX), 100, 0)),
        (ListAccountsRequest(page_size=1, page_token="7"), Page((7, ID_MAX, ID_MAX), 1, 0)),
        (ListAccountsRequest(page_size=1_000, state=4), Page((0, ID_MAX, ID_MAX), 1_000, 4)),  # type: ignore[arg-type]
        (ListAccountsRequest(page_token="7.2.0"), Page((7, 2, 0), 100, 0)),
        (ListAccountsRequest(page_token=str(2**63 - 1)), Page((ID_MAX, ID_MAX, ID_MAX), 100, 0)),
    ],
)
def test_a_page_within_its_bounds(request_: ListAccountsRequest, page: Page) -> None:
    assert Page.of_request(request_) == page


@pytest.mark.parametrize(
    ("request_", "field", "value"),
    [
        (ListAccountsRequest(page_size=-1), "page_size", "-1"),
        (ListAccountsRequest(page_size=1_001), "page_size", "1001"),
        (ListAccountsRequest(state=5), "state", "5"),  # type: ignore[arg-type]
        (ListAccountsRequest(state=-1), "state", "-1"),  # type: ignore[arg-type]
        (ListAccountsRequest(page_token="x"), "page_token", "x"),
        (ListAccountsRequest(page_token="0"), "page_token", "0"),
        (ListAccountsRequest(page_token="7.2"), "page_token", "7.2"),
        (ListAccountsRequest(page_token="7..2"), "page_token", "7..2"),
        (ListAccountsRequest(page_token="-5"), "page_token", "-5"),
        (ListAccountsRequest(page_token="²"), "page_token", "²"),
        (ListAccountsRequest(page_token=str(2**63)), "page_token", str(2**63)),
        (ListAccountsRequest(page_token="9" * 90), "page_token", "9" * 40),
    ],
)
def test_a_page_out_of_bounds(request_: ListAccountsRequest, field: str, value: str) -> None:
    with pytest.raises(CallError) as caught:
        Page.of_request(request_)
    assert caught.value.reason is CallReason.INVALID_FIELD
    assert caught.value.metadata["field"] == field
    assert caught.value.metadata["value"] == value
