"""What the environment says of the long runs.

`SOAK_COMMANDS` is how many commands are walked at least, `SOAK_SEED` the seed of the first walk,
and `SOAK_ASSETS` how many assets each walk has; unset, that goes by the seed.
"""

import os

SEED = int(os.environ.get("SOAK_SEED", "1000000"))
_COMMANDS = int(os.environ.get("SOAK_COMMANDS", "0"))
_ASSETS = int(os.environ.get("SOAK_ASSETS", "0"))


def commands(usual: int) -> int:
    """Return how many commands are walked at least."""
    return _COMMANDS or usual


def assets(usual: int) -> int:
    """Return how many assets a walk has."""
    return _ASSETS or usual
