"""What the insurance fund stands at over the run."""

from dataclasses import dataclass, field

from riskengine.simulator.ledger import Ledger
from riskengine.simulator.markets import FUND_ACCOUNT_ID

HISTORY = 2_000


@dataclass(slots=True)
class FundWatch:
    """Start, low, present and history of the fund's equity."""

    ledger: Ledger
    start_atoms: int = 0
    low_atoms: int = 0
    equity_atoms: int = 0
    inventory_atoms: int = 0
    largest_inventory_atoms: int = 0
    history_atoms: list[int] = field(default_factory=list)

    def begin(self) -> None:
        """Take the present as the start."""
        self.start_atoms = self.low_atoms = self.ledger.equity_atoms(FUND_ACCOUNT_ID)
        self.look()

    def look(self) -> None:
        """Record the present."""
        self.equity_atoms = self.ledger.equity_atoms(FUND_ACCOUNT_ID)
        self.inventory_atoms = self.ledger.notional_atoms(FUND_ACCOUNT_ID)
        self.low_atoms = min(self.low_atoms, self.equity_atoms)
        self.largest_inventory_atoms = max(self.largest_inventory_atoms, self.inventory_atoms)
        self.history_atoms.append(self.equity_atoms)
        del self.history_atoms[:-HISTORY]
