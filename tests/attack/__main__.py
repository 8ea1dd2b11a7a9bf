"""What an attacker can do: `python -m tests.attack [seeds] [moves]`."""

import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from riskengine.units import PPM
from tests.attack.attacker import Attacker
from tests.attack.judge import Gifts, breaches, gain_atoms, gifts


@dataclass(slots=True)
class Found:
    """What the attackers of some venues found; each with the seed."""

    most_gained: list[tuple[int, int]] = field(default_factory=list)
    parts_of_fund_ppm: list[tuple[int, int]] = field(default_factory=list)
    """What the fund paid the group, of the fund's highest peak."""
    given: Counter[str] = field(default_factory=Counter)
    breaches: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))


def main(seeds: int, moves: int) -> None:
    """Play each seed without limits and with them; print what was allowed, and what was given.

    What the limits let the fund pay to the group is the first line and the one of the fund's part.
    """
    off, on = (play(range(seeds), moves, is_limited=each) for each in (False, True))
    lines = [f"{seeds} venues of {moves} moves, without limits and with them", ""]
    lines += [
        _line(name.replace("_", " "), off.given[name], on.given[name]) for name in Gifts._fields
    ]
    most = [max(found.parts_of_fund_ppm) for found in (off, on)]
    lines.append(_line("most paid of one fund, ppm of its peak", *(ppm for ppm, _ in most)))
    most = [max(found.most_gained) for found in (off, on)]
    lines.append(_line("most gained beyond the marks", *(atoms for atoms, _ in most)))
    for name, found in (("without limits", off), ("with them", on)):
        for kind, cases in sorted(found.breaches.items()):
            total = sum(atoms for atoms, _ in cases)
            lines.append(f"{name}: {kind}: {len(cases)} times, {total}, most {max(cases)}")
        lines += [] if found.breaches else [f"{name} nothing else was allowed"]
    sys.stdout.write("\n".join(lines) + "\n")


def play(seeds: range, moves: int, *, is_limited: bool) -> Found:
    """Play each seed, with the limits or without."""
    found = Found()
    for seed in seeds:
        attacker = Attacker(seed, is_limited=is_limited)
        attacker.play(moves)
        given = gifts(attacker)
        funds = (effect.fund for effect in attacker.venue.effects)
        peak = max((fund.peak_equity_atoms for fund in funds if fund), default=0)
        found.parts_of_fund_ppm.append((given.fund_paid_in_gaps * PPM // max(1, peak), seed))
        found.most_gained.append((gain_atoms(attacker), seed))
        found.given.update(given._asdict())
        for breach in breaches(attacker):
            found.breaches[breach.kind].append((breach.atoms, seed))
    return found


def _line(name: str, off: int, on: int) -> str:
    return f"{name:40}{off:>14,}{on:>14,}"


if __name__ == "__main__":
    main(*(int(text) for text in (*sys.argv[1:], "200", "120")[:2]))
