"""The parts of one server that questions are answered from and that acts change."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

from riskengine.machine.machine import Machine
from riskengine.metrics.statistics import Statistics
from riskengine.service.consumers import Consumers
from riskengine.service.identity import Identity
from riskengine.service.kept_instructions import KeptInstructions
from riskengine.service.log_start import LogStart
from riskengine.service.open_views import OpenViews
from riskengine.service.outbox import Outbox


class Place(TypedDict):
    """The fields by which a list says what it reflects, and what comes after."""

    sequence: int
    next_instruction_sequence: int
    log_id: str


@dataclass(frozen=True, slots=True)
class Parts:
    """Hold them; used on the event loop alone. `now_nanos` is the clock of the log's time."""

    machine: Machine
    outbox: Outbox
    statistics: Statistics
    views: OpenViews
    instructions: KeptInstructions
    consumers: Consumers
    identity: Identity
    now_nanos: Callable[[], int]
    start: LogStart

    def place(self) -> Place:
        """Return where the state is."""
        engine = self.machine.engine
        return {
            "sequence": engine.sequence,
            "next_instruction_sequence": engine.instruction_sequence + 1,
            "log_id": self.identity.log_id,
        }
