"""What the service does with a request, without the network, the disk and the clock.

The one place of this package that knows how the service is put together: `Player.apply` takes a
command the way of the sequencer, `Player.ask` answers a question. Who changes that changes this.
"""

from typing import NamedTuple, cast

from google.protobuf.message import Message

from riskengine.api.v1.common_pb2 import CommandResult
from riskengine.commands import SUBMIT_NUMBER, CommandKind
from riskengine.core.engine import Engine
from riskengine.core.enums import RejectReason
from riskengine.core.types import Outcome, Rejection
from riskengine.machine.command import CONTINUE, Command
from riskengine.machine.command import STARTED as STARTED_COMMAND
from riskengine.machine.command import TICK as TICK_COMMAND
from riskengine.machine.contract import METHODS, request_type
from riskengine.machine.machine import Machine
from riskengine.machine.mapping.results import command_result, not_taken_result
from riskengine.machine.request_kinds import KIND_OF, REQUEST_KINDS
from riskengine.machine.sessions import Answer, SessionKey
from riskengine.metrics.statistics import Statistics
from riskengine.service.consumers import Consumers
from riskengine.service.durability import Durability
from riskengine.service.errors import CallError
from riskengine.service.identity import Identity
from riskengine.service.kept_instructions import KeptInstructions
from riskengine.service.log_start import LogStart
from riskengine.service.open_views import OpenViews
from riskengine.service.outbox import Outbox
from riskengine.service.parts import Parts
from riskengine.service.questions import QUESTIONS

NO_BATCH = Rejection(-1, RejectReason.EMPTY_BATCH, "batch", 0, 0)

START = 0
"""Of a new machine, in a journal of several venues; no service has it."""

TICK, SUBMIT, CREATE_ASSET = int(CommandKind.TICK), SUBMIT_NUMBER, int(CommandKind.ASSET)
STARTED = int(CommandKind.STARTED)
OWN = {TICK: TICK_COMMAND, STARTED: STARTED_COMMAND}
"""Commands that no request asks for."""

GET_ACCOUNT, CHECK_ORDER, LIST_ACCOUNTS = 1001, 1002, 1003
LIST_MARKETS, LIST_FUNDS, LIST_ASSETS, GET_STATE = 1004, 1005, 1006, 1007

QUESTION_RPCS = {
    GET_ACCOUNT: "AccountService.GetAccount",
    CHECK_ORDER: "RiskService.CheckOrder",
    LIST_ACCOUNTS: "AccountService.ListAccounts",
    LIST_MARKETS: "AdminService.ListMarkets",
    LIST_FUNDS: "AdminService.ListInsuranceFunds",
    LIST_ASSETS: "AdminService.ListAssets",
    GET_STATE: "AdminService.GetState",
}
"""By numbers above those of commands, under which recorded journals have them."""


class Reply(NamedTuple):
    """A serialised CommandResult or response, and the pieces of StreamInstructions."""

    answer: bytes
    instructions: list[bytes]


class _NoOutbox:
    """Nothing waits for a disk; that all is durable up to 0 is what GetState then says."""

    durability = Durability(0)


async def _at_rest() -> None:
    """Wait for no work: a command is played with all its pieces."""


class Player:
    """Take requests one by one, and say what comes of each."""

    def __init__(self) -> None:
        self._start()

    @property
    def engine(self) -> Engine:
        """Return the engine of the venue that is played."""
        return self._machine.engine

    def _start(self) -> None:
        self._machine = Machine()
        self._parts = Parts(
            self._machine,
            cast(Outbox, _NoOutbox()),
            Statistics(),
            OpenViews(self._machine.engine, _at_rest),
            cast(KeptInstructions, self._machine.ring),
            cast(Consumers, None),
            Identity("", 0, ""),
            now_nanos=lambda: 0,
            start=cast(LogStart, None),
        )

    def do(self, kind: int, time_nanos: int, payload: bytes) -> Reply:
        """Apply a command or answer a question, by the number of its kind."""
        if kind == START:
            self._start()
            return Reply(b"", [])
        if kind in QUESTION_RPCS:
            return Reply(self.ask(QUESTION_RPCS[kind], payload), [])
        return self.apply(kind, time_nanos, payload)

    def apply(self, kind: int, time_nanos: int, payload: bytes) -> Reply:
        """Apply a command at the log's time that it was recorded with."""
        if kind in OWN:
            return self._apply(OWN[kind], time_nanos, None)
        request = REQUEST_KINDS[kind]
        asked = request.read(payload)
        key = request.session_key(asked, "")
        first = None if key is None else self._machine.first_answer(key)
        if isinstance(first, Answer):
            return Reply(first.repeated_result().SerializeToString(), [])
        if first is not None:
            return Reply(not_taken_result(first).SerializeToString(), [])
        if asked.command is None:
            return self._refuse(key)
        return self._apply(asked.command, time_nanos, key)

    def _refuse(self, key: SessionKey | None) -> Reply:
        """Refuse a request that holds no batch."""
        outcome = Outcome(0, 0, 0, 1, [NO_BATCH], [])
        result = command_result(outcome) if key is None else self._noted(key, outcome)
        return Reply(result.SerializeToString(), [])

    def _noted(self, key: SessionKey, outcome: Outcome) -> CommandResult:
        return self._machine.refuse(key, outcome).result

    def ask(self, rpc: str, payload: bytes) -> bytes:
        """Answer a question; with nothing when what it asks for is not there."""
        request = request_type(rpc).FromString(payload)
        try:
            answer = QUESTIONS[rpc].answer(self._parts, request)
        except CallError:
            return b""
        assert isinstance(answer, Message), "the whole state is not asked for in recordings"
        return answer.SerializeToString()

    def _apply(self, command: Command, time_nanos: int, key: SessionKey | None) -> Reply:
        applied = self._machine.apply(command, time_nanos, key)
        pieces = [*applied.seen.pieces]
        while self._machine.engine.has_work:
            pieces += self._machine.apply(CONTINUE, time_nanos, None).seen.pieces
        return Reply(applied.result.SerializeToString(), pieces)


def kind_of(request: Message) -> int:
    """Return the number under which a service journals a request."""
    return KIND_OF[type(request)].number


def request_of(kind: int) -> str:
    """Return the name of a kind's request; empty for what is no request."""
    if kind in QUESTION_RPCS:
        return request_type(QUESTION_RPCS[kind]).DESCRIPTOR.name
    return "" if kind in (START, *OWN) else REQUEST_KINDS[kind].request.DESCRIPTOR.name


def response_of(kind: int) -> str:
    """Return the name of the message that an answer to a kind is kept as."""
    return (
        METHODS[QUESTION_RPCS[kind]].output_type.name if kind in QUESTION_RPCS else "CommandResult"
    )
