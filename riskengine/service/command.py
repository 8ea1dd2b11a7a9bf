"""A command on its way into the core."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskengine.api.v1.common_pb2 import IdempotencyKey
from riskengine.core.engine import Engine
from riskengine.core.enums import RejectReason
from riskengine.core.types import Outcome, Rejection
from riskengine.metrics.statistics import CommandKind

Column = NDArray[np.int64]


class Command(NamedTuple):
    """One call of the core: `method(engine, time_nanos, *arguments)`.

    `rows_field` is the first column of a batch, by which it is measured; empty for a request
    without rows.
    """

    kind: CommandKind
    method: Callable[..., Outcome]
    arguments: tuple[Any, ...]
    rows: int = 1
    rows_field: str = ""

    def apply(self, engine: Engine, time_nanos: int) -> Outcome:
        """Let the core do it."""
        return self.method(engine, time_nanos, *self.arguments)

    @property
    def is_urgent(self) -> bool:
        """Return whether the venue waits for what follows from it: marks, and ends of orders."""
        return self.kind in (CommandKind.MARK_PRICES, CommandKind.LIQUIDATION_REPORTS)

    def over_limit(self, max_rows: int) -> Rejection | None:
        """Return why the batch is too large for this server, None if it is not."""
        if self.rows <= max_rows:
            return None
        return Rejection(-1, RejectReason.BATCH_TOO_LARGE, self.rows_field, self.rows, max_rows)


class Asked(NamedTuple):
    """What a request asks: its key as it stands, and its command, None when it holds none."""

    key: IdempotencyKey
    command: Command | None

    @property
    def is_urgent(self) -> bool:
        """Return whether it must not wait for other batches."""
        return self.command is not None and self.command.is_urgent


class Received(NamedTuple):
    """A request: its bytes as they came, what it asks, and when it came (`monotonic_ns`)."""

    raw: bytes
    asked: Asked
    nanos: int
