"""What an attacker can do: `python -m tests.attack [seeds] [moves]`."""

import sys
from collections import defaultdict

from tests.attack.attacker import Attacker, breaches, gain_atoms


def main(seeds: int, moves: int) -> None:
    """Play each seed and print what was allowed, by kind."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    gains = []
    for seed in range(seeds):
        attacker = Attacker(seed)
        attacker.play(moves)
        gains.append((gain_atoms(attacker), seed))
        for breach in breaches(attacker):
            found[breach.kind].append((breach.atoms, seed))
    lines = [f"{seeds} venues of {moves} moves; most gained beyond the marks: {max(gains)}"]
    for kind, cases in sorted(found.items()):
        total = sum(atoms for atoms, _ in cases)
        lines.append(f"{len(cases):6} times, {total:9} atoms, most {max(cases)}: {kind}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*(int(text) for text in (*sys.argv[1:], "200", "120")[:2]))
