"""A command on its way into the core."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.api.v1.common_pb2 import IdempotencyKey
from riskengine.commands import CommandKind
from riskengine.core.engine import Engine
from riskengine.core.enums import RejectReason
from riskengine.core.types import Outcome, Rejection

Column = NDArray[np.int64]

URGENT = frozenset((CommandKind.MARK_PRICES, CommandKind.LIQUIDATION_REPORTS))
"""The venue waits for what follows from these: marks, and ends of orders."""


class Command(NamedTuple):
    """One call of the core: the kind's method, with these arguments.

    `rows_field` is the first column of a batch, by which it is measured; empty for a request
    without rows.
    """

    kind: CommandKind
    arguments: tuple[Any, ...]
    rows: int = 1
    rows_field: str = ""

    def apply(self, engine: Engine, time_nanos: int) -> Outcome:
        """Let the core do it."""
        return self.kind.method(engine, time_nanos, *self.arguments)

    @property
    def is_urgent(self) -> bool:
        """Return whether the venue waits for what follows from it."""
        return self.kind in URGENT

    def over_limit(self, max_rows: int) -> Rejection | None:
        """Return why the batch is too large for this server, None if it is not."""
        if self.rows <= max_rows:
            return None
        return Rejection(-1, RejectReason.BATCH_TOO_LARGE, self.rows_field, self.rows, max_rows)


TICK = Command(CommandKind.TICK, ())
"""Lets due timers run."""


CONTINUE = Command(CommandKind.CONTINUE, ())
"""Goes on with the work of a command that paused."""

STATE_HASH_DUE = Command(CommandKind.STATE_HASH_DUE, ())
"""Says that the hash of the state after it will be noted."""

STATE_HASH = Command(CommandKind.STATE_HASH, ())
"""Notes the hash of the state after an earlier command; see machine/state_hash."""


REFUSED = Command(CommandKind.REFUSED, ())
"""Takes a sequence for the refusal of a keyed command; see machine/refusals."""
STARTED = Command(CommandKind.STARTED, ())
"""Says that the engine goes on after a gap; see machine/started."""


class Asked(NamedTuple):
    """What a request asks: its key as it stands, and its command, None when it holds none."""

    key: IdempotencyKey
    command: Command | None

    @property
    def is_urgent(self) -> bool:
        """Return whether it must not wait for other batches."""
        return self.command is not None and self.command.is_urgent


class Received(NamedTuple):
    """A request: its bytes as they came, what it asks, and when it came (`monotonic_ns`).

    `caller` is the name of who sent it, empty where nobody is authenticated; `is_noted` says that
    he is noted in the log whether or not there is a key.
    """

    raw: bytes
    asked: Asked
    nanos: int
    caller: str = ""
    is_noted: bool = False
