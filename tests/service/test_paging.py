"""The bounds of a page, and the field that is named when they are passed."""

import numpy as np
import pytest

from riskengine.api.v1.account_service_pb2 import ListAccountsRequest
from riskengine.core.engine import Engine
from riskengine.service.errors import CallError, CallReason
from riskengine.service.paging import ID_MAX, Page, token_between


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


@pytest.mark.rule("QS-9")
def test_an_account_that_a_listed_party_opens_is_on_no_later_page() -> None:
    """Unless more accounts of that party were to come when its page was made."""
    engine = Engine()
    for asset_id in (2, 5, 7):
        assert engine.create_asset(1, asset_id, "USD", -6).applied_rows == 1

    def deposit(account_id: int, asset_id: int) -> None:
        columns = (np.array([value], dtype=np.int64) for value in (account_id, asset_id, 1))
        assert engine.deposits(1, *columns).applied_rows == 1

    def first_after(token: str) -> tuple[str, str]:
        """Return the first name of the page, and the token of the next."""
        party, asset, market = Page.of_request(ListAccountsRequest(page_token=token)).after
        one, following = engine.accounts(party, 2, 0, asset, market)
        return f"{one.account_id}.{one.asset_id}", token_between(one, following)

    for name in ((3, 2), (4, 2), (4, 7), (6, 2)):
        deposit(*name)
    listed, token = first_after("")
    assert (listed, token) == ("3.2", "3")
    deposit(3, 5)
    listed, token = first_after(token)
    assert (listed, token) == ("4.2", "4.2.0")
    deposit(4, 5)
    assert first_after(token)[0] == "4.5"
