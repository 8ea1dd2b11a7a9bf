"""Sends requests to a machine and keeps them with what it answers."""

from contextlib import suppress
from random import Random

from google.protobuf.message import Message

from riskengine.api.v1 import account_service_pb2 as account_pb
from riskengine.api.v1 import admin_service_pb2 as admin_pb
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.api.v1.common_pb2 import REJECT_REASON_CAPACITY, CommandResult
from riskengine.core.enums import AccountState
from riskengine.core.types import MarketView
from tests.recorded import player
from tests.recorded.as_requests import BATCHES, submit_request, unary_request
from tests.recorded.compare import cleared
from tests.recorded.contract import contract_of
from tests.recorded.journal import Entry, Header, Journal
from tests.recorded.player import (
    CREATE_ASSET,
    OWN,
    START,
    STARTED,
    SUBMIT,
    TICK,
    Player,
    Reply,
    kind_of,
)
from tests.simulation.commands import Command

ASKED_EVERY = 15
"""Requests between two questions about an account and an order."""

CHECKED_AT_END = 120
CHECKED_AT_ONE_OF_MANY = 6
"""Orders that are checked at the end of a venue, if it is the only one or one of many."""

LISTED = 1_000
STREAMS = ("stream-a", "stream-b")
ORDER, RESTART = "check_order", "restart"
"""A question among a simulation's commands, and a new venue."""

OWN_NAMES = {"tick": TICK, "started": STARTED}
"""Of commands that no request asks for."""

NEVER_JOURNALLED = {"time_nanos"}
"""Refusals of these fields cannot come up in a service, which sets the time itself."""


class Recorder:
    """One journal in the making; all choices come from one seeded generator."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._rng = Random(header.name)
        self._player = Player()
        self._contract = contract_of(header.revision)
        self._entries: list[Entry] = []
        self._sent = dict.fromkeys(STREAMS, 0)
        self._incarnations: dict[str, int] = {}
        self._venues = 0
        self._time_nanos = 0

    def command(self, command: Command) -> None:
        """Send a command of a simulation, unless no request can say it or no service send it.

        Half of the batches go over one of two streams; some of these are sent once more, with
        another content under the same number, or with a number that is not due.
        """
        self._time_nanos = command.time_nanos
        if command.name == RESTART:
            self._restart()
            return
        if command.name == ORDER:
            self._ask(player.CHECK_ORDER, _check_order(*command.arguments))
            return
        if command.name in OWN_NAMES:
            self.send(OWN_NAMES[command.name], b"")
        else:
            with suppress(ValueError):  # a number beyond its field's width: no request at all
                self._request(command)
        self._ask_now_and_then()

    def record(self, kind: int, time_nanos: int, payload: bytes) -> None:
        """Send what stands in a service's journal; now and then once more."""
        self._time_nanos = time_nanos
        self.send(kind, payload)
        if kind == SUBMIT and self._rng.random() < 0.03:
            self.send(kind, payload)
        self._ask_now_and_then()

    def finish(self) -> Journal:
        """Ask about everything, and return the journal."""
        self._ask_about_all(CHECKED_AT_ONE_OF_MANY if self._venues else CHECKED_AT_END)
        return Journal(self._header, self._entries)

    def _restart(self) -> None:
        """Go on with a new venue, and end the one before it."""
        if self._entries:
            self._ask_about_all(CHECKED_AT_ONE_OF_MANY)
        self._venues += 1
        self._sent = dict.fromkeys(STREAMS, 0)
        self._incarnations = {}
        self._keep(START, b"", self._player.do(START, self._time_nanos, b""))

    def _ask_about_all(self, orders: int) -> None:
        self._ask(player.GET_STATE, admin_pb.GetStateRequest())
        self._ask(player.LIST_ASSETS, admin_pb.ListAssetsRequest())
        self._ask(player.LIST_MARKETS, admin_pb.ListMarketsRequest())
        self._ask(player.LIST_FUNDS, admin_pb.ListInsuranceFundsRequest())
        for state in AccountState:
            self._ask(
                player.LIST_ACCOUNTS,
                account_pb.ListAccountsRequest(page_size=LISTED, state=int(state)),  # type: ignore[arg-type]
            )
        for account_id in self._account_ids():
            self._ask(player.GET_ACCOUNT, account_pb.GetAccountRequest(account_id=account_id))
        if self._player.engine.markets():
            for _ in range(orders):
                self._ask_about_an_order()

    def send(self, kind: int, payload: bytes) -> CommandResult:
        """Apply a request and keep it, unless its refusal is none of a service's."""
        reply = self._player.do(kind, self._time_nanos, payload)
        result = CommandResult.FromString(reply.answer)
        if not _is_left_out(kind, result):
            self._keep(kind, payload, reply)
        return result

    def _keep(self, kind: int, payload: bytes, reply: Reply) -> None:
        answer, instructions = cleared(self._contract, kind, reply)
        self._entries.append(Entry(kind, self._time_nanos, payload, answer, instructions))

    def _request(self, command: Command) -> None:
        unary = unary_request(command)
        if unary is None or (command.name in BATCHES and self._rng.random() < 0.5):
            self._stream(submit_request(command))
        else:
            self.send(kind_of(unary), unary.SerializeToString())

    def _stream(self, request: risk_pb.SubmitRequest) -> None:
        stream, chance = self._rng.choice(STREAMS), self._rng.random()
        if chance < 0.02:
            self._misnumber(request, stream)
        number = self._sent[stream] + 1
        self._submit(request, stream, number)
        if 0.02 <= chance < 0.06:
            self._submit(request, stream, number)
        if 0.06 <= chance < 0.08 and self._sent[stream] == number:
            self._submit(risk_pb.SubmitRequest(), stream, number)

    def _misnumber(self, request: risk_pb.SubmitRequest, stream: str) -> None:
        """Send what is refused: no name, no number, a number that is not due, and no batch."""
        due = self._sent[stream] + 1
        self._submit(request, "", due)
        self._submit(request, stream, 0)
        self._submit(request, stream, due + self._rng.randint(1, 9))
        self._submit(risk_pb.SubmitRequest(), stream, due)

    def _submit(self, request: risk_pb.SubmitRequest, stream: str, number: int) -> None:
        request.key.client_id, request.key.batch_sequence = stream, number
        request.key.incarnation = self._incarnation(stream)
        result = self.send(SUBMIT, request.SerializeToString())
        if result.sequence and not result.duplicate:
            self._sent[stream] = number

    def _incarnation(self, stream: str) -> int:
        """Return that of a stream's client, which is registered before what it sends first."""
        if stream in STREAMS and stream not in self._incarnations:
            request = risk_pb.RegisterClientRequest(client_id=stream)
            result = self.send(kind_of(request), request.SerializeToString())
            self._incarnations[stream] = result.incarnation
        return self._incarnations.get(stream, 0)

    def _ask(self, kind: int, request: Message) -> None:
        payload = request.SerializeToString()
        self._keep(kind, payload, self._player.do(kind, self._time_nanos, payload))

    def _ask_now_and_then(self) -> None:
        if self._rng.random() * ASKED_EVERY < 1 and self._player.engine.markets():
            ids = self._account_ids()
            request = account_pb.GetAccountRequest(account_id=self._rng.choice(ids))
            self._ask(player.GET_ACCOUNT, request)
            self._ask_about_an_order()

    def _account_ids(self) -> list[int]:
        """Return the ids of traders and funds, and one of nobody."""
        engine = self._player.engine
        ids = [view.account_id for view in engine.accounts(0, engine.account_count, 0)]
        return [*ids, *(fund.account_id for fund in engine.funds()), 2**62 - 3]

    def _ask_about_an_order(self) -> None:
        rng = self._rng
        market = rng.choice(self._player.engine.markets())
        order = (
            rng.choice(self._account_ids()),
            market.parameters.market_id + (rng.random() < 0.02),
            rng.choice((1, 1, 2, 2, 0)) if rng.random() < 0.1 else rng.choice((1, 2)),
            self._size(market),
            self._price(market),
            rng.random() < 0.2,
        )
        self._ask(player.CHECK_ORDER, _check_order(*order))

    def _size(self, market: MarketView) -> int:
        """Return a size from one step to the largest position, in even powers."""
        parameters = market.parameters
        step = parameters.size_step_lots
        lots = int(parameters.max_position_lots ** self._rng.random())
        return lots if self._rng.random() < 0.05 else max(step, lots - lots % step)

    def _price(self, market: MarketView) -> int:
        parameters, mark = market.parameters, market.mark_price_ticks
        price = max(1, mark + self._rng.randint(-(mark // 10), mark // 10))
        step = parameters.price_step_ticks
        return price if self._rng.random() < 0.05 else max(step, price - price % step)


def _check_order(
    account_id: int,
    market_id: int,
    side: int,
    size_lots: int,
    price_ticks: int,
    reduce_only: int,
    isolated_market_id: int = 0,
) -> Message:
    return risk_pb.CheckOrderRequest(
        account_id=account_id,
        market_id=market_id,
        side=side,  # type: ignore[arg-type]
        size_lots=size_lots,
        price_ticks=price_ticks,
        reduce_only=bool(reduce_only),
        isolated_market_id=isolated_market_id,
    )


def _is_left_out(kind: int, result: CommandResult) -> bool:
    """Return whether a refusal is none that a service gives, or one that may well go.

    A service sets the time and lets timers run when they are due; that there is but one asset is
    no rule of the engine.
    """
    if result.sequence:
        return False
    fields = {rejection.field for rejection in result.rejections}
    reasons = {rejection.reason for rejection in result.rejections}
    is_second_asset = kind == CREATE_ASSET and REJECT_REASON_CAPACITY in reasons
    return bool(fields & NEVER_JOURNALLED) or kind in OWN or is_second_asset
