"""Unknown fields, wherever in a request they stand."""

import pytest

from riskengine.api.v1.common_pb2 import IdempotencyKey
from riskengine.api.v1.risk_service_pb2 import SubmitRequest
from riskengine.machine.mapping.known import UnknownFieldError
from riskengine.machine.request_kinds import SUBMIT

NEWER_FIELD = b"\xf8\x06\x01"
"""Field 111 = 1."""


def message(number: int, content: bytes) -> bytes:
    """Return a field that holds a message of fewer than 128 bytes."""
    return bytes((number << 3 | 2, len(content))) + content


KEY = IdempotencyKey(client_id="a", batch_sequence=1).SerializeToString()
NUMBERS = {field.name: field.number for field in SubmitRequest.DESCRIPTOR.fields}
DEPOSITS = message(1, b"\x01") + message(2, b"\x01") + message(3, b"\x64")
"""One row: account 1, asset 1, 100 atoms, packed."""


def submit(key: bytes = KEY, rows: bytes = DEPOSITS, after: bytes = b"") -> bytes:
    """Return the bytes of a batch of deposits."""
    return message(NUMBERS["key"], key) + message(NUMBERS["deposits"], rows) + after


def test_the_request_is_read_without_it() -> None:
    asked = SUBMIT.read(submit())
    assert asked.command is not None
    assert (asked.key.client_id, asked.command.rows) == ("a", 1)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (submit(after=NEWER_FIELD), "SubmitRequest"),
        (submit(key=KEY + NEWER_FIELD), "IdempotencyKey"),
        (submit(rows=DEPOSITS + NEWER_FIELD), "DepositColumns"),
    ],
)
def test_an_unknown_field_is_named(raw: bytes, name: str) -> None:
    with pytest.raises(UnknownFieldError, match=rf"^riskengine\.api\.v1\.{name} has no field 111$"):
        SUBMIT.read(raw)
