"""What a run came to in numbers, to be kept and put beside another run of the same market."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from riskengine.simulator.scene import RunFacts
from riskengine.simulator.tally import LONG, SHORT, Stage
from riskengine.simulator.venue import Venue
from riskengine.simulator.wording import dollars


class FiguresError(Exception):
    """A file of figures cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one run; the first four say which it was. Money is in atoms."""

    title: str
    seed: int
    accounts: int
    policy: str
    liquidated_accounts: int
    found_atoms: int
    """Equity of the accounts that had some when their liquidation began."""
    kept_atoms: int
    """What of it was left to them when it ended."""
    taken_over_atoms: int
    deleveraged_atoms: int
    deleveraged_accounts: int
    haircut_atoms: int
    fund_paid_atoms: int
    fund_low_atoms: int
    fund_end_atoms: int
    bad_debt_atoms: int
    highest_bad_debt_atoms: int
    under: str = "these rules"
    """How the rules are called when the figures stand beside those of other ones."""

    def is_of_the_same_market(self, other: "Figures") -> bool:
        """Say whether both runs had the same prices and accounts."""
        return (self.title, self.seed, self.accounts, self.policy) == (
            other.title,
            other.seed,
            other.accounts,
            other.policy,
        )


def figures_of(venue: Venue, facts: RunFacts) -> Figures:
    """Return the figures of a run that has ended."""
    tally, fund = venue.tally, venue.fund

    def closed(stage: Stage) -> int:
        return sum(tally.closed(stage, side).notional_atoms for side in (LONG, SHORT))

    return Figures(
        title=facts.title,
        seed=facts.seed,
        accounts=facts.accounts,
        policy=facts.policy,
        liquidated_accounts=len(tally.liquidated),
        found_atoms=tally.found_atoms,
        kept_atoms=tally.kept_atoms,
        taken_over_atoms=closed(Stage.TAKE_OVER),
        deleveraged_atoms=closed(Stage.DELEVERAGE),
        deleveraged_accounts=len(tally.deleveraged),
        haircut_atoms=tally.haircut_atoms,
        fund_paid_atoms=tally.fund_paid_atoms,
        fund_low_atoms=fund.low_atoms,
        fund_end_atoms=fund.equity_atoms,
        bad_debt_atoms=sum(tally.bad_debts.values()),
        highest_bad_debt_atoms=tally.largest_bad_debt_atoms,
    )


def write_figures(path: Path, figures: Figures) -> None:
    """Write figures as JSON."""
    path.write_text(json.dumps(asdict(figures), indent=2) + "\n")


def read_figures(path: Path) -> Figures:
    """Read what `write_figures` wrote. Raises `FiguresError`."""
    try:
        return Figures(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise FiguresError(f"no figures of a run in {path}: {error}") from error


def lines_beside(now: Figures, before: Figures) -> Iterator[tuple[str, str]]:
    """Tell each figure of a run and what it was in another run of the same market."""
    yield "accounts liquidated", f"{now.liquidated_accounts:,} ({before.liquidated_accounts:,})"
    yield (
        "equity of the solvent",
        f"{_kept(now)} ({_kept(before)})",
    )
    for label, new, old in (
        ("taken over by the fund", now.taken_over_atoms, before.taken_over_atoms),
        ("auto-deleveraged", now.deleveraged_atoms, before.deleveraged_atoms),
        ("  lost by holders to it", now.haircut_atoms, before.haircut_atoms),
        ("fund paid for losses", now.fund_paid_atoms, before.fund_paid_atoms),
        ("fund at the end", now.fund_end_atoms, before.fund_end_atoms),
        ("bad debt at the highest", now.highest_bad_debt_atoms, before.highest_bad_debt_atoms),
        ("bad debt at the end", now.bad_debt_atoms, before.bad_debt_atoms),
    ):
        yield label, f"{dollars(new)} ({dollars(old)})"


def _kept(figures: Figures) -> str:
    return f"{dollars(figures.kept_atoms)} kept of {dollars(figures.found_atoms)}"
