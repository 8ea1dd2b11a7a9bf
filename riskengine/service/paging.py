"""Pages of a list of accounts: the token says after which name the next page begins.

It is the last party of the page before, or the last name where more of that party's accounts come.
"""

from typing import NamedTuple

from riskengine.api.v1.account_service_pb2 import ListAccountsRequest
from riskengine.core.enums import AccountState
from riskengine.core.types import AccountView
from riskengine.service.errors import invalid_field

PAGE_SIZE_DEFAULT = 100
PAGE_SIZE_MAX = 1000
ID_MAX = 2**63 - 1
FIRST_TOKEN = "0"


class Page(NamedTuple):
    """Which accounts are asked for: after a name, at most so many, in a state (0: any)."""

    after: tuple[int, int, int]
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
        return cls(_after(request.page_token), size or PAGE_SIZE_DEFAULT, state)


def token_between(last: AccountView, following: AccountView) -> str:
    """Return the token of the page that begins with the following account."""
    if last.account_id != following.account_id:
        return str(last.account_id)
    return f"{last.account_id}.{last.asset_id}.{last.isolated_market_id}"


def _after(token: str) -> tuple[int, int, int]:
    parts = (token or FIRST_TOKEN).split(".")
    if token != FIRST_TOKEN and all(map(_is_id, parts)) and len(parts) in (1, 3):
        account_id, asset_id, isolated_market_id = (*map(int, parts), ID_MAX, ID_MAX)[:3]
        return account_id, asset_id, isolated_market_id
    raise invalid_field("page_token", token[:40], "the next_page_token of the page before")


def _is_id(part: str) -> bool:
    return part.isascii() and part.isdecimal() and len(part) <= 19 and int(part) <= ID_MAX
