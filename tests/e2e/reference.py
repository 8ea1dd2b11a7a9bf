"""What the server must have come to: the same batches, in order, once each, on a core in here."""

from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import NamedTuple

from google.protobuf.message import Message

from riskengine.api.v1 import columns_pb2 as columns_pb
from riskengine.api.v1 import common_pb2
from riskengine.api.v1 import risk_service_pb2 as risk_pb
from riskengine.api.v1.instructions_pb2 import Instruction
from riskengine.core.engine import Engine
from riskengine.machine.mapping.instructions import instruction
from riskengine.machine.request_kinds import KIND_OF
from riskengine.tools.folder import DataFolder
from riskengine.tools.inspecting import shown_records
from tests.service import requests

ACCOUNTS = 40


OWN_KINDS = frozenset(("started", "state_hash_due", "state_hash"))


class Own(NamedTuple):
    """A record that a server wrote of its own accord, pieces of work apart."""

    is_start: bool
    time_nanos: int


def own_records(folder: Path) -> dict[int, Own]:
    """Return what a data folder's journal holds of that kind, by sequence."""
    shown = shown_records(DataFolder.existing(folder), None, None, OWN_KINDS)
    return {one.record.sequence: Own(one.kind == "started", one.record.time_nanos) for one in shown}


class Reference:
    """A core that is told what the server answered to whom, and gives what must follow.

    `own` is what the server wrote of its own accord, as far as it matters when (`own_records`).
    """

    def __init__(self) -> None:
        self.engine = Engine()
        self.own: dict[int, Own] = {}
        self.instructions: list[Instruction] = []

    def apply(self, request: Message, result: common_pb2.CommandResult) -> None:
        """Apply one request at the time that its answer names, and compare with that answer."""
        command = KIND_OF[type(request)].command(request)
        assert command is not None
        self.note_up_to(result.sequence - 1)
        outcome = command.apply(self.engine, result.time_nanos)
        if result.outcome == common_pb2.COMMAND_OUTCOME_REFUSED:
            assert not outcome.sequence
            taken = self.engine.take_sequence(result.time_nanos)
            outcome = outcome._replace(sequence=taken.sequence)
        assert outcome.sequence == result.sequence
        assert (outcome.applied_rows, outcome.rejected_rows) == (
            result.applied_rows,
            result.rejected_rows,
        )
        self.instructions += map(instruction, outcome.events)

    def note_up_to(self, sequence: int, time_nanos: int = 0) -> None:
        """Take what the server journalled of its own accord: starts, pieces of work, and notes.

        Notes change nothing.
        """
        while 0 < self.engine.sequence < sequence:
            known = self.own.get(self.engine.sequence + 1)
            at_nanos = known.time_nanos if known else time_nanos
            self._note(
                max(at_nanos, self.engine.time_nanos), is_start=bool(known and known.is_start)
            )

    def _note(self, time_nanos: int, *, is_start: bool) -> None:
        is_piece = self.engine.has_work
        take = self.engine.go_on if is_piece else self.engine.note
        outcome = (self.engine.started if is_start else take)(time_nanos)
        assert outcome.sequence
        assert is_piece or not outcome.events
        self.instructions += map(instruction, outcome.events)


def random_batches(seed: int, client_id: str, count: int) -> list[risk_pb.SubmitRequest]:
    """Make batches that trade, pay in and move the mark, so that accounts are liquidated."""
    rng = Random(seed)
    first = requests.submit_deposits(
        client_id, 1, *((account_id, 300_000) for account_id in range(1, ACCOUNTS + 1))
    )
    batches = [first]
    price_ticks = requests.PRICE_TICKS
    for number in range(2, count + 1):
        price_ticks = max(2_000, price_ticks + rng.randint(-60, 60))
        key = requests.key(client_id, number)
        batches.append(risk_pb.SubmitRequest(key=key))
        _fill(batches[-1], rng, price_ticks)
    return batches


def _fill(batch: risk_pb.SubmitRequest, rng: Random, price_ticks: int) -> None:
    choice = rng.randrange(10)
    if choice == 0:
        batch.deposits.CopyFrom(_deposits(rng))
    elif choice <= 3:
        batch.mark_prices.CopyFrom(
            columns_pb.MarkPriceColumns(market_id=[requests.MARKET], mark_price_ticks=[price_ticks])
        )
    else:
        batch.trades.CopyFrom(requests.trade_columns(list(_trades(rng, price_ticks))))


def _deposits(rng: Random) -> columns_pb.DepositColumns:
    rows = 5
    return columns_pb.DepositColumns(
        account_id=[rng.randint(1, ACCOUNTS) for _ in range(rows)],
        asset_id=[requests.ASSET] * rows,
        amount_atoms=[rng.randint(-1, 1_000) for _ in range(rows)],
    )


def _trades(rng: Random, price_ticks: int) -> Iterable[tuple[int, int, int, int]]:
    for _ in range(20):
        buyer, seller = rng.sample(range(1, ACCOUNTS + 2), 2)
        yield buyer, seller, price_ticks + rng.randint(-5, 5), rng.randint(0, 12)
