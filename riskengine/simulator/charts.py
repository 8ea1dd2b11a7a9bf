"""Small charts of text."""

from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[int]) -> str:
    """Return one block a value, from the lowest of them to the highest."""
    if not values:
        return ""
    low, high = min(values), max(values)
    span = max(1, high - low)
    return "".join(BLOCKS[(value - low) * (len(BLOCKS) - 1) // span] for value in values)


def bar(share: float, width: int) -> str:
    """Return a bar that is filled to a share between 0 and 1."""
    filled = round(min(1.0, max(0.0, share)) * width)
    return "█" * filled + "░" * (width - filled)
