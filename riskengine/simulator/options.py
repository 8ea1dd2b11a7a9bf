"""What can be chosen for a run."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from riskengine.simulator.bars import bars_path, read_bars, select_window
from riskengine.simulator.markets import MARKETS
from riskengine.simulator.prices import PricePath, built_in_path


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """Everything that shapes a run."""

    seed: int = 1
    accounts: int = 24_000
    policy: str = "queue"
    prices: Path | None = None
    start: datetime | None = None
    end: datetime | None = None
    seconds: float = 60.0
    """Time that the play is stretched to when it would be faster; 0 does not stretch it."""
    step_seconds: int = 3
    metrics_port: int = 0
    secure: bool = False
    """Over mutual TLS, each caller with a role."""
    plain: bool | None = None
    """None: plain unless the output is a terminal."""
    data_dir: Path | None = None
    """Folder that keeps the run; None: it goes when the run ends."""
    figures: Path | None = None
    """File that gets what the run came to."""
    beside: Path | None = None
    """File with what another run came to, to be told beside it."""

    def path(self) -> PricePath:
        """Return the prices to play. Raise `BarsError` when the file cannot be used."""
        if self.prices is None:
            return built_in_path(MARKETS, self.seed, self.step_seconds)
        bars = select_window(read_bars(self.prices), _utc(self.start), _utc(self.end))
        return bars_path(MARKETS, bars, self.prices.name, self.seed)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None
