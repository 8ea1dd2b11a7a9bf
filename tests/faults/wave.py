"""A wave: 300 longs that one mark leaves below zero, against 5,000 shorts.

Longs and shorts stand in the order in which they are paired, and a long ends where a short ends at
the last one alone: so there is one pair less than there are people.
"""

from collections.abc import Iterator

LONGS = {1_000 + number: lots for number, lots in enumerate([649, *[48] * 298, 47])}
SHORTS = {10_000 + number: 3 for number in range(5_000)}
PAIRS = len(LONGS) + len(SHORTS) - 1
LONG_ATOMS_A_LOT = 10
SHORT_ATOMS = 1_000
MARK, GAP_MARK = 100, 80


def deposits() -> list[tuple[int, int]]:
    """Return what each pays in: a tenth of what he will hold, and 1,000."""
    paid = [(account_id, lots * LONG_ATOMS_A_LOT) for account_id, lots in LONGS.items()]
    return paid + [(account_id, SHORT_ATOMS) for account_id in SHORTS]


def trades() -> Iterator[tuple[int, int, int]]:
    """Yield buyer, seller and lots of the trades that open all positions, nobody else's too."""
    shorts = iter(SHORTS.items())
    seller, left = next(shorts)
    for buyer, long_lots in LONGS.items():
        bought = 0
        while bought < long_lots:
            if not left:
                seller, left = next(shorts)
            lots = min(long_lots - bought, left)
            bought, left = bought + lots, left - lots
            yield buyer, seller, lots
