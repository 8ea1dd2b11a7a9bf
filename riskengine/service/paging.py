"""Pages of lists: the token says after which name or id the next page begins.

Of accounts it is the last party of the page before, or the last name where more of that party's
accounts come; of liquidation orders the last id; of clients the last caller and id.
"""

from typing import NamedTuple

from riskengine.api.v1.account_service_pb2 import ListAccountsRequest
from riskengine.api.v1.admin_service_pb2 import ListClientsRequest
from riskengine.api.v1.risk_service_pb2 import ListLiquidationsRequest
from riskengine.core.enums import AccountState
from riskengine.core.types import AccountView
from riskengine.machine.sessions import ClientName
from riskengine.service.errors import CallError, invalid_field

PAGE_SIZE_DEFAULT = 100
PAGE_SIZE_MAX = 1000
ID_MAX = 2**63 - 1
FIRST_TOKEN = "0"
CLIENT_SPACE = " "
"""No caller has one in his name."""


class Page(NamedTuple):
    """Which accounts are asked for: after a name, at most so many, in a state (0: any)."""

    after: tuple[int, int, int]
    size: int
    state: int

    @classmethod
    def of_request(cls, request: ListAccountsRequest) -> "Page":
        """Check the request; raises `CallError` that names the field."""
        size = _size(request.page_size)
        state = int(request.state)
        if state not in set(AccountState):
            raise invalid_field("state", state, "an AccountState")
        return cls(_after(request.page_token), size, state)


class LiquidationPage(NamedTuple):
    """Which liquidation orders are asked for: after an id, and at most so many."""

    after_id: int
    size: int

    @classmethod
    def of_request(cls, request: ListLiquidationsRequest) -> "LiquidationPage":
        """Check the request; raises `CallError` that names the field."""
        return cls(_after_id(request.page_token), _size(request.page_size))


class ClientPage(NamedTuple):
    """Which clients are asked for: after a name, and at most so many."""

    after: ClientName
    size: int

    @classmethod
    def of_request(cls, request: ListClientsRequest) -> "ClientPage":
        """Check the request; raises `CallError` that names the field."""
        caller, space, client_id = request.page_token.partition(CLIENT_SPACE)
        if request.page_token and not (space and client_id):
            raise _wrong_token(request.page_token)
        return cls(ClientName(caller, client_id), _size(request.page_size))


def token_of_client(last: ClientName) -> str:
    """Return the token of the page behind a client."""
    return f"{last.caller}{CLIENT_SPACE}{last.client_id}"


def token_between(last: AccountView, following: AccountView) -> str:
    """Return the token of the page that begins with the following account."""
    if last.account_id != following.account_id:
        return str(last.account_id)
    return f"{last.account_id}.{last.asset_id}.{last.isolated_market_id}"


def _size(size: int) -> int:
    if not 0 <= size <= PAGE_SIZE_MAX:
        raise invalid_field("page_size", size, f"1 to {PAGE_SIZE_MAX}, or 0 for the default")
    return size or PAGE_SIZE_DEFAULT


def _after_id(token: str) -> int:
    if token and (token == FIRST_TOKEN or not _is_id(token)):
        raise _wrong_token(token)
    return int(token or FIRST_TOKEN)


def _wrong_token(token: str) -> CallError:
    return invalid_field("page_token", token[:40], "the next_page_token of the page before")


def _after(token: str) -> tuple[int, int, int]:
    parts = (token or FIRST_TOKEN).split(".")
    if token != FIRST_TOKEN and all(map(_is_id, parts)) and len(parts) in (1, 3):
        account_id, asset_id, isolated_market_id = (*map(int, parts), ID_MAX, ID_MAX)[:3]
        return account_id, asset_id, isolated_market_id
    raise _wrong_token(token)


def _is_id(part: str) -> bool:
    return part.isascii() and part.isdecimal() and len(part) <= 19 and int(part) <= ID_MAX
