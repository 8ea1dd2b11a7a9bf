"""What the insurance fund stands at over the run."""

from dataclasses import dataclass, field

from riskengine.simulator.ledger import Ledger
from riskengine.simulator.markets import FUND_ACCOUNT_ID

HISTORY = 2_000


@dataclass(slots=True)
class FundWatch:
    """Start, low, present and history of the fund's equity, and when it is stopped."""

    ledger: Ledger
    start_atoms: int = 0
    low_atoms: int = 0
    equity_atoms: int = 0
    inventory_atoms: int = 0
    largest_inventory_atoms: int = 0
    history_atoms: list[int] = field(default_factory=list)
    is_stopped: bool = False
    stops: int = 0

    def begin(self) -> None:
        """Take the present as the start."""
        self.start_atoms = self.low_atoms = self.ledger.equity_atoms(FUND_ACCOUNT_ID)
        self.look(is_stopped=False)

    def look(self, *, is_stopped: bool) -> None:
        """Record the present; whether it is stopped says the engine."""
        self.stops += is_stopped and not self.is_stopped
        self.is_stopped = is_stopped
        self.equity_atoms = self.ledger.equity_atoms(FUND_ACCOUNT_ID)
        self.inventory_atoms = self.ledger.notional_atoms(FUND_ACCOUNT_ID)
        self.low_atoms = min(self.low_atoms, self.equity_atoms)
        self.largest_inventory_atoms = max(self.largest_inventory_atoms, self.inventory_atoms)
        self.history_atoms.append(self.equity_atoms)
        del self.history_atoms[:-HISTORY]
