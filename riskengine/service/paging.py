"""Pages of a list of accounts: the token is the last id of the page before."""

from typing import NamedTuple

from riskengine.api.v1.account_service_pb2 import ListAccountsRequest
from riskengine.core.enums import AccountState
from riskengine.service.errors import invalid_field

PAGE_SIZE_DEFAULT = 100
PAGE_SIZE_MAX = 1000
ID_MAX = 2**63 - 1


class Page(NamedTuple):
    """Which accounts are asked for: above an id, at most so many, in a state (0: any)."""

    after_id: int
    size: int
    state: int

    @classmethod
    def of_request(cls, request: ListAccountsRequest) -> "Page":
        """Check the request; raises `CallError` that names the field."""
        size = request.page_size
        if not 0 <= size <= PAGE_SIZE_MAX:
            raise invalid_field("page_size", size, f"1 to {PAGE_SIZE_MAX}, or 0 for the default")
        state = int(request.state)
        if state not in set(AccountState):
            raise invalid_field("state", state, "an AccountState")
        return cls(_after_id(request.page_token), size or PAGE_SIZE_DEFAULT, state)


def _after_id(token: str) -> int:
    if not token:
        return 0
    if token.isascii() and token.isdecimal() and len(token) <= 19 and 1 <= int(token) <= ID_MAX:
        return int(token)
    raise invalid_field("page_token", token[:40], "the next_page_token of the page before")
