"""What the record of a start says beside its time, which is the log's time from then on (TM-6)."""

from struct import Struct
from struct import error as struct_error
from typing import NamedTuple, Self

_NOTE = Struct("<qq")


class Started(NamedTuple):
    """What the wall clock said at a start, and to which time the log had come, in nanoseconds.

    From that to the record's time is the gap.
    """

    wall_nanos: int
    last_nanos: int

    def encode(self) -> bytes:
        """Return the payload of a STARTED."""
        return _NOTE.pack(*self)

    @classmethod
    def decode(cls, payload: bytes) -> Self:
        """Return what a STARTED says; raises ValueError when it says nothing."""
        try:
            return cls(*_NOTE.unpack(payload))
        except struct_error:
            raise ValueError(f"a start of {len(payload)} bytes") from None
