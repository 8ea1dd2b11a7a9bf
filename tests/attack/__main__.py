"""What an attacker can do: `python -m tests.attack [seeds] [moves]`."""

import sys
from collections import Counter, defaultdict

from tests.attack.attacker import Attacker
from tests.attack.judge import Gifts, breaches, gain_atoms, gifts


def main(seeds: int, moves: int) -> None:
    """Play each seed and print what was allowed, by kind, and what the rules gave the group."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    given: Counter[str] = Counter()
    gains = []
    for seed in range(seeds):
        attacker = Attacker(seed)
        attacker.play(moves)
        gains.append((gain_atoms(attacker), seed))
        given.update(gifts(attacker)._asdict())
        for breach in breaches(attacker):
            found[breach.kind].append((breach.atoms, seed))
    lines = [f"{seeds} venues of {moves} moves; most gained beyond the marks: {max(gains)}"]
    lines += [f"{given[name]:23} atoms: {name.replace('_', ' ')}" for name in Gifts._fields]
    for kind, cases in sorted(found.items()):
        total = sum(atoms for atoms, _ in cases)
        lines.append(f"{len(cases):6} times, {total:9} atoms, most {max(cases)}: {kind}")
    lines += [] if found else ["nothing else was allowed"]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*(int(text) for text in (*sys.argv[1:], "200", "120")[:2]))
