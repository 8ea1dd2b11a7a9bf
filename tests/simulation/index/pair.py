"""Two engines fed alike: one finds liquidations by the trigger index, one by a full scan."""

from typing import Any

import numpy as np

from riskengine.core.engine import Engine
from riskengine.core.types import Outcome

Call = tuple[str, tuple[Any, ...]]

CHECK_EVERY = 64


def as_arguments(arguments: tuple[Any, ...]) -> list[Any]:
    """Return the arguments with lists as columns."""
    return [
        np.array(value, dtype=np.int64) if isinstance(value, list) else value for value in arguments
    ]


class Pair:
    """Applies each call to both engines and raises AssertionError at the first difference."""

    def __init__(self) -> None:
        self.index = Engine()
        self.scan = Engine(full_scan=True)
        self.calls: list[Call] = []
        self.time_nanos = 1

    def apply(self, name: str, *arguments: Any) -> Outcome:
        """Apply a call at the present time; return what both made of it."""
        self.calls.append((name, (self.time_nanos, *arguments)))
        values = as_arguments(arguments)
        found = getattr(self.index, name)(self.time_nanos, *values)
        wanted = getattr(self.scan, name)(self.time_nanos, *values)
        assert found == wanted, f"{name}: index {found}, scan {wanted}"
        if len(self.calls) % CHECK_EVERY == 0:
            self.check()
        assert isinstance(found, Outcome)
        return found

    def check(self) -> None:
        """Compare the whole state and check every invariant."""
        self.index.check_invariants()
        assert self.index.state_hash() == self.scan.state_hash()
        assert self.index.scan() == self.scan.scan()
