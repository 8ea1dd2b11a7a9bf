"""The trigger index and the full scan side by side, compared after every command."""

from collections import Counter, deque
from collections.abc import Callable, Sequence

from riskengine.core.engine import Engine
from riskengine.core.enums import EventKind
from riskengine.core.types import AccountView, Event, Outcome
from tests.pieces import whole
from tests.simulation.commands import Command, failure_note
from tests.simulation.oracle.world import AccountName
from tests.simulation.side_by_side import pieces_of, same

AUDIT_EVERY = 40
VIEWS_EVERY = 200
FORK_EVERY = 1_000


def name_of(told: Event | AccountView) -> AccountName:
    return AccountName(told.account_id, told.asset_id, told.isolated_market_id)


class Pair:
    """Applies commands to both and raises AssertionError at the first difference.

    `orders` holds the open liquidation orders by id, as their events told them, `filled_lots` what
    of each is filled, `ended` the last that ended unfilled, `events` those of the last command.
    """

    def __init__(self, audit_every: int = AUDIT_EVERY, fork_every: int = FORK_EVERY) -> None:
        self.index = Engine()
        self.scan = Engine(full_scan=True)
        self.audit_every = audit_every
        self.fork_every = fork_every
        self.history: list[Command] = []
        self.kinds: Counter[int] = Counter()
        self.refusals: Counter[int] = Counter()
        self.outcomes: Counter[int] = Counter()
        self.closed = 0
        self.pauses = 0
        self.events: list[Event] = []
        self.orders: dict[int, Event] = {}
        self.filled_lots: Counter[int] = Counter()
        self.ended: deque[Event] = deque(maxlen=2)

    def apply(self, command: Command) -> Outcome:
        self.history.append(command)
        if len(self.history) % self.fork_every == 0:
            self.index = self.index.fork()
        elif len(self.history) % self.fork_every == self.fork_every // 2:
            self.index = Engine.read_back(self.index.save())
        outcome = self.play(command)
        self._follow(outcome)
        self.closed += command.name == "close_account" and outcome.applied_rows
        if len(self.history) % self.audit_every == 0:
            self.audit()
        if len(self.history) % VIEWS_EVERY == 0:
            self.compare_views()
        return outcome

    def play(self, command: Command) -> Outcome:
        """Apply a command with all its work to both, which must pause at the same places."""
        pieces, expected = pieces_of(self.index, command), pieces_of(self.scan, command)
        self.compare(pieces, expected)
        return whole(pieces)

    def compare(self, pieces: Sequence[Outcome], expected: Sequence[Outcome]) -> None:
        """Raise AssertionError unless index and scan said the same, piece by piece."""
        self.pauses += len(pieces) - 1
        if pieces != expected:
            _show(whole(pieces), whole(expected))
            same("pieces (index, then scan)", pieces, expected)

    def audit(self) -> None:
        """Compare the whole state and check the index itself."""
        same("state", self.index.state_hash(), self.scan.state_hash())
        self.index.check_invariants()
        same("accounts to act on", self.index.scan(), self.scan.scan())

    def compare_views(self) -> None:
        ids = self.index.account_count
        same("accounts", self.index.accounts(0, ids, 0), self.scan.accounts(0, ids, 0))
        same("markets", self.index.markets(), self.scan.markets())
        same("funds", self.index.funds(), self.scan.funds())
        same("conservation", self.index.conservation(), self.scan.conservation())

    def finish(self) -> None:
        self.audit()
        self.compare_views()

    def _follow(self, outcome: Outcome) -> None:
        self.events = outcome.events
        self.refusals.update(rejection.reason for rejection in outcome.rejections)
        for event in outcome.events:
            self.kinds[event.kind] += 1
            if event.kind == EventKind.LIQUIDATION_ORDER:
                self.orders[event.liquidation_id] = event
            elif event.kind == EventKind.LIQUIDATION_FILL:
                self.filled_lots[event.liquidation_id] += event.size_lots
            elif event.kind == EventKind.LIQUIDATION_ORDER_REDUCED:
                reduced = self.orders[event.liquidation_id]._asdict()
                self.orders[event.liquidation_id] = Event(
                    **(reduced | {"size_lots": event.size_lots})
                )
            elif event.kind == EventKind.LIQUIDATION_ORDER_ENDED:
                ended = self.orders.pop(event.liquidation_id)
                if event.needed_lots:
                    self.ended.append(ended)
                self.outcomes[event.outcome] += 1


def _show(outcome: Outcome, expected: Outcome) -> None:
    for number, (event, other) in enumerate(zip(outcome.events, expected.events, strict=False)):
        same(f"event {number} (index, then scan)", event, other)
    same("events (index, then scan)", outcome.events, expected.events)
    same("outcome (index, then scan)", outcome, expected)


def fails(commands: Sequence[Command]) -> bool:
    """Return whether the two come apart, audited after every command."""
    pair = Pair(audit_every=1)
    try:
        for command in commands:
            pair.apply(command)
        pair.finish()
    except (AssertionError, ArithmeticError, LookupError, TypeError, ValueError):
        return True
    return False


def run(name: str, pair: Pair, next_command: Callable[[], Command], count: int) -> Pair:
    """Apply that many commands; raise AssertionError with a script that shows the difference."""
    try:
        for _ in range(count):
            pair.apply(next_command())
        pair.finish()
    except Exception as failure:
        note = failure_note(name, pair.history, fails, "tests.simulation.index.rerun")
        raise AssertionError(f"{name}, command {len(pair.history)}: {note}") from failure
    return pair
