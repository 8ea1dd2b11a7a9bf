"""A candidate of a pass, and the numbers on which all that is decided about it rests (JD-1)."""

from dataclasses import dataclass, field

from tests.simulation.oracle import margin
from tests.simulation.oracle.names import PPM, State
from tests.simulation.oracle.world import Account, World


@dataclass(eq=False)
class Loss:
    """What a leg bears of the loss of its account (LS-4), and what its fund pays of that (LS-5)."""

    share_atoms: int
    paid_atoms: int = 0

    @property
    def left_atoms(self) -> int:
        return self.share_atoms - self.paid_atoms


@dataclass(eq=False)
class Judged:
    """Equity and maintenance are those with which the pass began; the rest is what it does."""

    account: Account
    equity_atoms: int
    maintenance_atoms: int
    losses: dict[int, Loss] = field(default_factory=dict)
    most_unpaid: int = 0
    """The market for which most of what it lacks was not paid; 0: none."""
    is_paid_whole: bool = False
    cooldown_millis: int = 0
    has_needs: bool = False
    moved_lots: int = 0

    @property
    def is_safe(self) -> bool:
        return self.equity_atoms >= self.maintenance_atoms

    @property
    def is_liquidated_now(self) -> bool:
        """Say whether it is between zero and its maintenance, and in liquidation."""
        liquidating = self.account.state == State.LIQUIDATING
        return liquidating and 0 <= self.equity_atoms < self.maintenance_atoms

    def is_below_take_over(self, world: World) -> bool:
        """Say whether the fund is to be asked for all legs (WF-3)."""
        return self.equity_atoms * PPM < world.risk.take_over_ppm * self.maintenance_atoms

    def is_recovered(self, world: World) -> bool:
        """Say whether the maintenance and the buffer are there (WF-23)."""
        level = PPM + world.risk.liquidation_buffer_ppm
        return self.equity_atoms * PPM >= level * self.maintenance_atoms

    def share_of_equity(self, released_atoms: int) -> int:
        """Return what of the equity goes with released maintenance, rounded down (LS-19)."""
        if self.equity_atoms <= 0:
            return 0
        return self.equity_atoms * released_atoms // self.maintenance_atoms

    def loss(self, market_id: int) -> Loss:
        return self.losses.get(market_id, Loss(0))

    def evidence(self, world: World, market_id: int = 0) -> dict[str, int]:
        """Return what `margin.evidence` does, but E and M as the pass began."""
        seen = margin.evidence(world, self.account, market_id)
        own = {"equity_atoms": self.equity_atoms, "maintenance_atoms": self.maintenance_atoms}
        return seen | own


def judged(world: World, account: Account) -> Judged:
    return Judged(account, *margin.assess(world, account))
