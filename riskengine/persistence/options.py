"""Settings of the segment log, checked when they are made."""

from dataclasses import dataclass

from riskengine.persistence.segment import HEADER_BYTES, RECORD_HEADER_BYTES, padded_bytes

SEGMENT_BYTES_MIN = 4 << 10
SEGMENT_BYTES_MAX = 1 << 30


@dataclass(frozen=True, slots=True)
class SegmentOptions:
    """Hold the sizes of a segment log; raises ValueError that names the setting and its range.

    `segment_bytes` is the size of each new segment file (existing ones keep theirs), a multiple
    of 4096. `payload_limit_bytes` is the largest payload of a record; one must fit in a segment.
    `spare_in_background` prepares the next segment on a thread of its own once the current one is
    half full; without it a roll waits for the file to be filled with zeros.
    """

    segment_bytes: int = 64 << 20
    payload_limit_bytes: int = 4 << 20
    spare_in_background: bool = True

    def __post_init__(self) -> None:
        if not SEGMENT_BYTES_MIN <= self.segment_bytes <= SEGMENT_BYTES_MAX:
            raise ValueError(
                f"segment_bytes is {self.segment_bytes}, not within "
                f"{SEGMENT_BYTES_MIN} to {SEGMENT_BYTES_MAX} bytes"
            )
        if self.segment_bytes % 4096:
            raise ValueError(f"segment_bytes is {self.segment_bytes}, not a multiple of 4096 bytes")
        room = self.segment_bytes - HEADER_BYTES
        if not 1 <= self.payload_limit_bytes <= room - RECORD_HEADER_BYTES - 7:
            raise ValueError(
                f"payload_limit_bytes is {self.payload_limit_bytes}, not within 1 to "
                f"{room - RECORD_HEADER_BYTES - 7} bytes, the room of one segment"
            )
        assert RECORD_HEADER_BYTES + padded_bytes(self.payload_limit_bytes) <= room
