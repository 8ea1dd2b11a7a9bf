"""AccountService: for account holders and back office."""

from riskengine.api.v1 import account_service_pb2 as pb
from riskengine.service import commands
from riskengine.service.errors import CallError, CallReason
from riskengine.service.mapping import views
from riskengine.service.paging import Page
from riskengine.service.sequencer import Sequencer


class AccountServicer:
    """Serve AccountService; each method is named after its RPC."""

    def __init__(self, sequencer: Sequencer) -> None:
        self._sequencer = sequencer

    async def deposit(self, request: pb.DepositRequest, raw: bytes) -> pb.DepositResponse:
        result = await self._sequencer.execute(commands.DEPOSIT, request, raw)
        return pb.DepositResponse(result=result)

    async def withdraw(self, request: pb.WithdrawRequest, raw: bytes) -> pb.WithdrawResponse:
        result = await self._sequencer.execute(commands.WITHDRAW, request, raw)
        return pb.WithdrawResponse(result=result)

    async def close_account(
        self, request: pb.CloseAccountRequest, raw: bytes
    ) -> pb.CloseAccountResponse:
        result = await self._sequencer.execute(commands.CLOSE_ACCOUNT, request, raw)
        return pb.CloseAccountResponse(result=result)

    async def get_account(
        self, request: pb.GetAccountRequest, _raw: bytes
    ) -> pb.GetAccountResponse:
        view = self._sequencer.engine.account(request.account_id)
        sequence = await self._sequencer.settled()
        if view is None:
            raise CallError(CallReason.ACCOUNT_NOT_FOUND, account_id=request.account_id)
        return pb.GetAccountResponse(account=views.account(view), sequence=sequence)

    async def list_accounts(
        self, request: pb.ListAccountsRequest, _raw: bytes
    ) -> pb.ListAccountsResponse:
        page = Page.of_request(request)
        found = self._sequencer.engine.accounts(page.after_id, page.size + 1, page.state)
        await self._sequencer.settled()
        return pb.ListAccountsResponse(
            accounts=map(views.account_in_list, found[: page.size]),
            next_page_token=str(found[page.size - 1].account_id) if len(found) > page.size else "",
        )
