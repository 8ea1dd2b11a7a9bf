import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.commands import RULES
from riskengine.persistence import segment
from riskengine.persistence.command_log import LogRecord
from riskengine.persistence.segment import (
    HEADER_BYTES,
    RECORD_HEADER,
    RECORD_HEADER_BYTES,
    SegmentHeader,
    SegmentHeaderError,
    crc_seed,
    decode_segment_header,
    encode_record_header,
    padded_bytes,
    record_bytes,
    record_hash,
    segment_name,
)
from tests.persistence.support import record

HEADER = SegmentHeader(b"logident", 64 << 20, 77, 5, b"prevhash")
U64_MAX = (1 << 64) - 1


def test_segment_header_round_trip() -> None:
    data = HEADER.encode()
    assert len(data) == HEADER_BYTES
    assert decode_segment_header(data) == HEADER


def test_segment_header_with_any_bit_flipped_is_refused() -> None:
    for bit in range(HEADER_BYTES * 8):
        data = bytearray(HEADER.encode())
        data[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SegmentHeaderError):
            decode_segment_header(bytes(data))


def test_a_segment_says_under_which_rules_its_records_were_decided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = HEADER.encode()
    assert decode_segment_header(data).is_of_own_rules
    monkeypatch.setattr(segment, "RULES", RULES + 1)
    found = decode_segment_header(data)
    assert (found.rules, found.is_of_own_rules) == (RULES, False)
    assert SegmentHeader(b"logident", 64 << 20, 77, 5, b"prevhash").rules == RULES + 1


def test_short_segment_header_is_refused() -> None:
    with pytest.raises(SegmentHeaderError, match="63 bytes, not 64"):
        decode_segment_header(HEADER.encode()[:-1])


@pytest.mark.parametrize(
    ("payload_bytes", "padded"), [(0, 0), (1, 8), (7, 8), (8, 8), (9, 16), (4096, 4096)]
)
def test_payload_is_padded_to_eight(payload_bytes: int, padded: int) -> None:
    assert padded_bytes(payload_bytes) == padded
    assert record_bytes(payload_bytes) == RECORD_HEADER_BYTES + padded


@given(
    sequence=st.integers(1, U64_MAX),
    epoch=st.integers(0, U64_MAX),
    kind=st.integers(0, 65535),
    time_nanos=st.integers(-(1 << 63), (1 << 63) - 1),
    payload=st.binary(max_size=64),
)
def test_record_header_holds_every_field(
    sequence: int, epoch: int, kind: int, time_nanos: int, payload: bytes
) -> None:
    item = LogRecord(sequence, epoch, kind, time_nanos, payload)
    header = encode_record_header(item, sequence - 1, b"prevhash", 0)
    assert RECORD_HEADER.unpack(header)[2:] == (
        len(payload),
        kind,
        0,
        sequence,
        epoch,
        sequence - 1,
        time_nanos,
        b"prevhash",
    )


def test_checksum_and_hash_depend_on_log_payload_and_chain() -> None:
    seed = crc_seed(b"logident")
    headers = [
        encode_record_header(record(9), 8, b"prevhash", seed),
        encode_record_header(record(9), 8, b"prevhash", crc_seed(b"otherlog")),
        encode_record_header(record(9), 8, b"otherone", seed),
        encode_record_header(record(9), 7, b"prevhash", seed),
        encode_record_header(record(9, b"other"), 8, b"prevhash", seed),
    ]
    assert len({header[4:8] for header in headers}) == len(headers)
    assert len({record_hash(header) for header in headers}) == len(headers)


def test_names_sort_as_sequences() -> None:
    assert segment_name(1) == "00000000000000000001.log"
    assert segment_name(U64_MAX) == "18446744073709551615.log"
