"""How much the machine remembers."""

from typing import NamedTuple


class Retention(NamedTuple):
    """Bounds of what is kept: clients, answers of each client and their bytes, instructions.

    The last answer of a client is kept whatever its size.
    """

    clients: int = 1_000
    answers: int = 1_024
    answer_bytes: int = 4 << 20
    instructions: int = 1_000_000
